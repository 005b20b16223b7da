import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cleanup, withCleanup } from './support/cleanup.ts';
import { distributionOf, timed } from './support/distribution.ts';
import { untilHealthy } from './support/filled-service.ts';
import { fillState } from './support/filled-state.ts';
import { createQueryClient } from './support/query-client.ts';
import { distributionRow, distributionTitles, type Report } from './support/report.ts';
import { spawnService } from './support/service-process.ts';

const runs = 10;
const limitMs = 500;
const askEveryMs = 2;

const sites = {
  'simulated site': ['--simulate'],
  'embedded default, tgtd running': [],
} as const;

/** From the spawning of the process to its first answers, in a state folder that earlier starts have used. */
export async function benchmarkStart(report: Report): Promise<void> {
  report.heading('Start of the service');
  const rows: (readonly string[])[] = [];
  const firstAnswers: (readonly [site: string, medianMs: number])[] = [];
  rows.push(distributionRow('for comparison: an empty Node program', distributionOf(await startEmptyPrograms())));
  for (const [site, options] of Object.entries(sites)) {
    const { healthyMs, answeredMs } = await withCleanup((cleanup) => startRepeatedly(options, cleanup));
    const answered = distributionOf(answeredMs);
    rows.push(distributionRow(`${site}: GET /healthz`, distributionOf(healthyMs)), distributionRow(`${site}: signed answer`, answered));
    firstAnswers.push([site, answered.median]);
  }
  report.table(distributionTitles, rows);
  for (const [site, medianMs] of firstAnswers) {
    report.target(`median until the first signed answer, ${site},`, medianMs, limitMs, 'ms');
  }
}

/** What of a start is Node's own, and how busy the machine is. */
async function startEmptyPrograms(): Promise<readonly number[]> {
  const durationsMs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    durationsMs.push(await timed(() => once(spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' }), 'exit')));
  }
  return durationsMs;
}

async function startRepeatedly(options: readonly string[], cleanup: Cleanup) {
  const stateFolder = cleanup.folder();
  const { key } = fillState(stateFolder, 0);
  cleanup.add(() => killTgtd(stateFolder));
  const healthyMs: number[] = [];
  const answeredMs: number[] = [];
  // The first start is not counted: it makes what the later ones find.
  for (let run = 0; run <= runs; run += 1) {
    const service = await spawnService(stateFolder, options, cleanup);
    const client = createQueryClient(service, key);
    await untilHealthy(service, client, askEveryMs);
    const healthyAtMs = performance.now();
    await client.ask('DescribeVolumes');
    const answeredAtMs = performance.now();
    client.close();
    // Not stopped in order, which would stop its tgtd too.
    await service.kill();
    if (run > 0) {
      healthyMs.push(healthyAtMs - service.spawnedAtMs);
      answeredMs.push(answeredAtMs - service.spawnedAtMs);
    }
  }
  return { healthyMs, answeredMs };
}

/** The tgtd that the service started in a state folder, which outlives it on purpose. */
function killTgtd(stateFolder: string): void {
  try {
    const pid = Number(readFileSync(join(stateFolder, 'tgtd', 'tgtd.pid'), 'utf8'));
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('tgtd')) {
      process.kill(pid, 'SIGKILL');
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))) {
      throw error;
    }
  }
}
