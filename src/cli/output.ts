/** Where a command writes. */
export interface Output {
  write(text: string): void;
  writeError(text: string): void;
  line(text: string): void;
  error(text: string): void;
}

export function outputOn(standard: { write(text: string): unknown }, error: { write(text: string): unknown }): Output {
  return {
    write: (text) => void standard.write(text),
    writeError: (text) => void error.write(text),
    line: (text) => void standard.write(`${text}\n`),
    error: (text) => void error.write(`${text}\n`),
  };
}

/** A table for people: a heading for every column, each as wide as its widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [headings, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Universal time to the second, as people read it. */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}
