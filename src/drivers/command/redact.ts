const mark = '[secret]';

/**
 * A function that takes secrets out of a text, by value: whatever way one came into an output or an error, it does not reach the journal.
 * In one pass and longest first, so that a secret that is part of another one leaves nothing of the longer behind.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const values = [...new Set(secrets)].filter((secret) => secret !== '').sort((one, other) => other.length - one.length);
  if (values.length === 0) return (text) => text;
  const anySecret = new RegExp(values.map((value) => value.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(anySecret, mark);
}
