import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withCleanup } from '../support/cleanup.ts';
import { describeConditions, figure, reportOn } from '../support/report.ts';
import { drawBars, type Panel } from './bar-plot.ts';
import { openBenchLab } from './bench-lab.ts';
import { benchmarkControlPath } from './control-path.ts';
import { benchmarkCopies } from './copies.ts';
import { benchmarkDataPath } from './data-path.ts';
import { documentBeginning } from './document-beginning.ts';
import { benchmarkLabStart } from './lab-start.ts';
import { markdownReport, reportToBoth } from './markdown-report.ts';

const parts = ['start', 'data', 'control', 'copies'] as const;
type Part = (typeof parts)[number];

const sizes = {
  full: {
    data: { fioMiB: 128, fioSeconds: 6, bonnieMiB: 96, bonnieSeeks: 2048, bonnieFiles: 2 },
    control: 7,
    copies: { rounds: 4, thickMiB: [256, 1280] },
    fromNothing: true,
  },
  quick: {
    data: { fioMiB: 32, fioSeconds: 2, bonnieMiB: 16, bonnieSeeks: 256, bonnieFiles: 1 },
    control: 3,
    copies: { rounds: 2, thickMiB: [128, 512] },
    fromNothing: false,
  },
} as const;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, output: { type: 'string' } },
});
process.exitCode = await run(positionals);

/** 1 when something could not be measured; never because of a figure, for those depend on the machine. */
async function run(names: readonly string[]): Promise<number> {
  const printed = reportOn(process.stdout);
  const unknown = names.filter((name) => !parts.some((part) => part === name));
  if (unknown.length > 0) {
    printed.line(`no part ${unknown.join(', ')}; there are ${parts.join(', ')}`);
    return 1;
  }
  const conditions = describeConditions();
  printed.line(conditions);
  const document = markdownReport(
    documentBeginning({ conditions, measuredAt: new Date(), words: [...(options.quick ? ['--quick'] : []), ...names] }),
  );
  const report = reportToBoth(printed, document);
  const { data, control, copies, fromNothing } = options.quick ? sizes.quick : sizes.full;
  const isWanted = (part: Part) => names.length === 0 || names.includes(part);
  const said = (message: string) => printed.line(`  ${message}`);
  let panels: readonly Panel[] = [];
  let exitCode = 0;
  const measure = async (part: Part, work: () => Promise<void>): Promise<void> => {
    if (!isWanted(part)) return;
    const startedAtMs = performance.now();
    try {
      await work();
    } catch (error) {
      report.line(`  could not be measured: ${error instanceof Error ? error.message : String(error)}`);
      exitCode = 1;
    }
    said(`${part} took ${figure((performance.now() - startedAtMs) / 60_000)} minutes`);
  };

  await measure('start', () => benchmarkLabStart({ fromNothing }, report));
  if (isWanted('data') || isWanted('control') || isWanted('copies')) {
    await withCleanup(async (cleanup) => {
      const lab = await openBenchLab(cleanup, said);
      await measure('data', async () => {
        const { panels: found, failures } = await benchmarkDataPath(lab, data, report, said);
        panels = found;
        if (failures.length > 0) throw new Error(failures.join('; '));
      });
      await measure('control', () => benchmarkControlPath(lab, control, report));
      await measure('copies', () => benchmarkCopies(lab, copies, report));
    });
  }
  const folder = options.output ?? (options.quick || names.length > 0 ? undefined : 'docs');
  if (folder !== undefined) {
    await writeFile(join(folder, 'benchmark.md'), document.text());
    await writeFile(join(folder, 'benchmark.svg'), drawBars(panels, figure));
    printed.line(`\nWritten: ${join(folder, 'benchmark.md')}, ${join(folder, 'benchmark.svg')}`);
  }
  return exitCode;
}
