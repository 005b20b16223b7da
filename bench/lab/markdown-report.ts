import { atLeastText, type Report, targetText } from '../support/report.ts';

/** A report as a document. */
export interface MarkdownReport extends Report {
  text(): string;
}

/** Whatever is reported goes below `beginning`. */
export function markdownReport(beginning: string): MarkdownReport {
  const blocks = [beginning];
  const add = (block: string) => void blocks.push(block);
  return {
    heading: (text) => add(`## ${text}`),
    line: (text) => add(text.trim()),
    table(titles, rows) {
      const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
      const rule = row(titles.map((_, column) => (column === 0 ? '---' : '---:')));
      add([row(titles), rule, ...rows.map(row)].join('\n'));
    },
    target: (...about) => add(`Target: ${withVerdict(targetText(...about))}.`),
    atLeast: (...about) => add(`Target: ${withVerdict(atLeastText(...about))}.`),
    text: () => `${blocks.join('\n\n')}\n`,
  };
}

/** Says all to both. */
export function reportToBoth(one: Report, other: Report): Report {
  const both = [one, other];
  return {
    heading: (...about) => both.forEach((report) => void report.heading(...about)),
    line: (...about) => both.forEach((report) => void report.line(...about)),
    table: (...about) => both.forEach((report) => void report.table(...about)),
    target: (...about) => both.forEach((report) => void report.target(...about)),
    atLeast: (...about) => both.forEach((report) => void report.atLeast(...about)),
  };
}

function withVerdict(text: string): string {
  return text.replace(/(?:NOT MET|met)$/, '**$&**');
}
