import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Distribution } from './distribution.ts';

/** Prints figures for people. Nothing here decides anything: a target that is missed is said, and is no error. */
export interface Report {
  heading(text: string): void;
  line(text: string): void;
  /** Rows of cells under a row of titles; the first column to the left, figures to the right. */
  table(titles: readonly string[], rows: readonly (readonly string[])[]): void;
  target(what: string, measured: number, limit: number, unit: string): void;
  /** The same for what should not be less. */
  atLeast(what: string, measured: number, limit: number): void;
}

export function reportOn(output: { write(text: string): unknown }): Report {
  const line = (text: string) => void output.write(`${text}\n`);
  return {
    heading: (text) => line(`\n== ${text}`),
    line,
    table(titles, rows) {
      const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
      for (const row of [titles, ...rows]) {
        const cells = row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)));
        line(`  ${cells.join('  ')}`);
      }
    },
    target: (...about) => line(`  target: ${targetText(...about)}`),
    atLeast: (...about) => line(`  target: ${atLeastText(...about)}`),
  };
}

export function targetText(...[what, measured, limit, unit]: Parameters<Report['target']>): string {
  return `${what} at most ${limit} ${unit}: ${figure(measured)} ${unit}, ${measured <= limit ? 'met' : 'NOT MET'}`;
}

export function atLeastText(...[what, measured, limit]: Parameters<Report['atLeast']>): string {
  return `at least ${limit.toLocaleString('en')} ${what}: ${figure(measured)}, ${measured >= limit ? 'met' : 'NOT MET'}`;
}

/** What the figures depend on. */
export function describeConditions(): string {
  const [cpu] = cpus();
  const memoryGiB = Math.round(totalmem() / 1024 ** 3);
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  return `${cpu?.model ?? 'unknown processor'} x ${cpus().length}, ${memoryGiB} GiB, Linux ${release()}, Node ${process.version}; load before the run: ${load}`;
}

export const distributionTitles = ['milliseconds', 'runs', 'least', 'p25', 'median', 'p75', 'p90', 'p99', 'most'] as const;

export function distributionRow(name: string, distribution: Distribution): readonly string[] {
  const { count, least, p25, median, p75, p90, p99, most } = distribution;
  return [name, String(count), ...[least, p25, median, p75, p90, p99, most].map(figure)];
}

/** Three digits that mean something. */
export function figure(value: number): string {
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
