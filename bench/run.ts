import { benchmarkAttach } from './attach.ts';
import { benchmarkCreate } from './create.ts';
import { benchmarkDescribe } from './describe.ts';
import { benchmarkMemory } from './memory.ts';
import { benchmarkResolve } from './resolve.ts';
import { benchmarkStart } from './start.ts';
import { describeConditions, type Report, reportOn } from './support/report.ts';
import { benchmarkThroughput } from './throughput.ts';

const benchmarks: Readonly<Record<string, (report: Report) => Promise<void>>> = {
  start: benchmarkStart,
  describe: benchmarkDescribe,
  throughput: benchmarkThroughput,
  create: benchmarkCreate,
  memory: benchmarkMemory,
  attach: benchmarkAttach,
  resolve: benchmarkResolve,
};

const report = reportOn(process.stdout);
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(benchmarks);
process.exitCode = await run(names);

/** 1 when something could not be measured; never because of a figure, for those depend on the machine. */
async function run(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
  if (unknown.length > 0) {
    report.line(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(benchmarks).join(', ')}`);
    return 1;
  }
  report.line(describeConditions());
  let exitCode = 0;
  for (const name of names) {
    try {
      await benchmarks[name]?.(report);
    } catch (error) {
      report.line(`  could not be measured: ${error instanceof Error ? error.message : String(error)}`);
      exitCode = 1;
    }
  }
  return exitCode;
}
