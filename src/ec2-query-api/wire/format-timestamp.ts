const dayMs = 86_400_000;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

let lastDay = Number.NaN;
let lastDayText = '';

/** ISO 8601 in UTC with milliseconds, as EC2 writes it and as `toISOString` does; several times faster for times of the same day, of which a long answer is full. */
export function formatTimestamp(date: Date): string {
  const atMs = date.getTime();
  const day = Math.floor(atMs / dayMs);
  if (day !== lastDay) {
    lastDayText = date.toISOString().slice(0, -13);
    lastDay = day;
  }
  const seconds = Math.floor((atMs - day * dayMs) / 1_000);
  const ms = atMs - day * dayMs - seconds * 1_000;
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${lastDayText}${twoDigits[hours]}:${twoDigits[minutes]}:${twoDigits[seconds % 60]}.${String(ms).padStart(3, '0')}Z`;
}
