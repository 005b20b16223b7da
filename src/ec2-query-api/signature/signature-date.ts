const form = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Milliseconds since 1970 of `YYYYMMDDTHHMMSSZ`, or `undefined` for anything else. */
export function parseSignatureDate(text: string): number | undefined {
  const atMs = Date.parse(text.replace(form, '$1-$2-$3T$4:$5:$6Z'));
  // The text is written again to catch what `Date` would take in another form.
  return Number.isNaN(atMs) || formatSignatureDate(atMs) !== text ? undefined : atMs;
}

export function formatSignatureDate(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace(/[:-]|\.\d{3}/g, '');
}
