import { expect, it } from 'vitest';
import { markdownReport, reportToBoth } from '../../../bench/lab/markdown-report.ts';
import { reportOn } from '../../../bench/support/report.ts';

it('is a document of what is also printed, with what came of the targets', () => {
  const printed: string[] = [];
  const document = markdownReport('# Title');
  const report = reportToBoth(reportOn({ write: (text: string) => printed.push(text) }), document);
  report.heading('Disks');
  report.line('  On a quiet machine.');
  report.table(['', 'MB/s'], [['one', '12.3']]);
  report.target('ratio', 1.16, 1.15, 'times');
  report.atLeast('of the rate', 0.95, 0.9);
  expect(document.text()).toBe(`# Title

## Disks

On a quiet machine.

|  | MB/s |
| --- | ---: |
| one | 12.3 |

Target: ratio at most 1.15 times: 1.16 times, **NOT MET**.

Target: at least 0.9 of the rate: 0.95, **met**.
`);
  expect(printed.join('')).toContain(
    '  target: ratio at most 1.15 times: 1.16 times, NOT MET\n  target: at least 0.9 of the rate: 0.95, met\n',
  );
});
