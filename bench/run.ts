import { parseArgs } from 'node:util';
import { benchmarkAttach } from './attach.ts';
import { benchmarkAttacks } from './attacks.ts';
import { benchmarkCreate } from './create.ts';
import { benchmarkDescribe } from './describe.ts';
import { benchmarkExports } from './exports.ts';
import { benchmarkFuzz } from './fuzz.ts';
import { benchmarkMemory } from './memory.ts';
import { benchmarkPages } from './pages.ts';
import { benchmarkPeers } from './peers.ts';
import { benchmarkResolve } from './resolve.ts';
import { benchmarkStart } from './start.ts';
import { describeConditions, type Report, reportOn } from './support/report.ts';
import { benchmarkThroughput } from './throughput.ts';

/** One that answers `missed` has targets that are promises; what others answer is of no interest. */
type Benchmark = (report: Report) => Promise<unknown>;

const benchmarks: Readonly<Record<string, Benchmark>> = {
  start: benchmarkStart,
  describe: benchmarkDescribe,
  throughput: benchmarkThroughput,
  pages: benchmarkPages,
  create: benchmarkCreate,
  memory: benchmarkMemory,
  attach: benchmarkAttach,
  resolve: benchmarkResolve,
};

/** Run only when they are named. */
const onlyNamed: typeof benchmarks = {
  peers: benchmarkPeers,
  exports: benchmarkExports,
  attacks: (report) => benchmarkAttacks(report, { only: values.only, operations: wholeNumber('operations') }),
  fuzz: (report) => benchmarkFuzz(report, { queries: wholeNumber('queries'), seed: wholeNumber('seed') }),
};
const all = { ...benchmarks, ...onlyNamed };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    queries: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    operations: { type: 'string', default: '1000' },
    only: { type: 'string' },
  },
});
const report = reportOn(process.stdout);
const names = positionals.length > 0 ? positionals : Object.keys(benchmarks);
process.exitCode = await run(names);

/** 1 when something could not be measured, or a promise is not kept; never because of another figure, for those depend on the machine. */
async function run(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(all, name));
  if (unknown.length > 0) {
    report.line(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(all).join(', ')}`);
    return 1;
  }
  report.line(describeConditions());
  let exitCode = 0;
  for (const name of names) {
    try {
      if ((await all[name]?.(report)) === 'missed') exitCode = 1;
    } catch (error) {
      report.line(`  could not be measured: ${error instanceof Error ? error.message : String(error)}`);
      exitCode = 1;
    }
  }
  return exitCode;
}

function wholeNumber(option: 'queries' | 'seed' | 'operations'): number {
  const number = Number(values[option]);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new Error(`--${option} ${values[option]}: must be a whole number of at least 1`);
  }
  return number;
}
