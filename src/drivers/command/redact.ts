const mark = '[secret]';

/**
 * A function that takes secrets out of a text, by value: whatever way one came into an output or an error, it does not reach the journal.
 * Longest first, so that a secret that is part of another one leaves nothing of the longer behind.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const values = [...new Set(secrets)].filter((secret) => secret !== '').sort((one, other) => other.length - one.length);
  return (text) => values.reduce((clean, secret) => clean.replaceAll(secret, mark), text);
}
