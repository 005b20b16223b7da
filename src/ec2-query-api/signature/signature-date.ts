const form = /^\d{8}T\d{6}Z$/;

/** Milliseconds since 1970 of `YYYYMMDDTHHMMSSZ`, or `undefined` for anything else. */
export function parseSignatureDate(text: string): number | undefined {
  if (!form.test(text)) {
    return undefined;
  }
  const part = (from: number, to: number) => Number(text.slice(from, to));
  const [year, month, day] = [part(0, 4), part(4, 6), part(6, 8)];
  const [hour, minute, second] = [part(9, 11), part(11, 13), part(13, 15)];
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // `Date` takes a 31st of February for a day in March, and so on.
  const isAsWritten =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return isAsWritten ? date.getTime() : undefined;
}

export function formatSignatureDate(atMs: number): string {
  const date = new Date(atMs);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().replace(/[:-]|\.\d{3}/g, '');
}
