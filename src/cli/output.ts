import { printable } from '../telemetry/printable.ts';

/**
 * Where a command writes, a line at a time. What others have written (tags, descriptions, names of instances, what tools and servers said) may stand in
 * any line: it cannot leave it, and what it holds besides visible characters is shown as an escape (printable.ts). JSON stays JSON.
 */
export interface Output {
  /** Several lines of our own, each with its line break: what commander makes of the options. */
  write(text: string): void;
  writeError(text: string): void;
  line(...lines: readonly string[]): void;
  error(...lines: readonly string[]): void;
}

interface Stream {
  write(text: string): unknown;
}

export function outputOn(standard: Stream, error: Stream): Output {
  const lines = (stream: Stream, texts: readonly string[]) => void stream.write(texts.map((text) => `${printable(text)}\n`).join(''));
  const text = (stream: Stream, own: string) => void stream.write(own.split('\n').map(printable).join('\n'));
  return {
    write: (own) => text(standard, own),
    writeError: (own) => text(error, own),
    line: (...texts) => lines(standard, texts),
    error: (...texts) => lines(error, texts),
  };
}

/** A table for people, line by line: a heading for every column, each as wide as its widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = headings.map((heading, column) => Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)));
  return [headings, ...cells].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A text of several lines that others wrote, below each other: all but the first bear a mark, so that none can pass for a line of ours. */
export function quoted(text: string): readonly string[] {
  const [first = '', ...rest] = linesOf(text);
  return [first, ...rest.map((line) => `  | ${line}`)];
}

/** A heading of one word, and what it is about, which may be of several lines. */
export function headed(heading: string, text: string): readonly string[] {
  const [first = '', ...rest] = quoted(text);
  return [`${heading.padEnd(12)}${first}`, ...rest.map((line) => ' '.repeat(12) + line)];
}

/** What a tool printed, line by line, without those that are empty. */
export function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/** Universal time to the second, as people read it. */
export function timeText(milliseconds: number): string {
  return new Date(milliseconds)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}
