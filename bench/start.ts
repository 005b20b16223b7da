import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
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

/** The options of each, for a service whose state is in a folder. */
const sites: Readonly<Record<string, (stateFolder: string, cleanup: Cleanup) => Promise<readonly string[]>>> = {
  'simulated site': async () => ['--simulate'],
  'embedded default, tgtd running': async () => [],
  'every host unreachable': unreachableHosts,
};

/** Four hosts behind ssh that take connections and say nothing: of all that can be wrong with a host it is what can be waited for the longest. */
async function unreachableHosts(stateFolder: string, cleanup: Cleanup): Promise<readonly string[]> {
  const silent = createServer((connection) => void connection.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  cleanup.add(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const ssh = { host: '127.0.0.1', port, identityFile: join(stateFolder, 'key'), knownHostsFile: join(stateFolder, 'hosts') };
  const volumes = { driver: 'lvm-thin', settings: { volumeGroup: 'vbs', pool: 'pool' } };
  const exports = { driver: 'lio', settings: { portal: '192.0.2.1:3260' } };
  const settings = {
    volumeServers: ['vs1', 'vs2'].map((name) => ({ name, ssh, volumes, exports })),
    vmmHosts: ['xen1', 'xen2'].map((name) => ({ name, ssh, vmm: { driver: 'xen-xl' }, initiator: { driver: 'open-iscsi' } })),
  };
  const config = join(stateFolder, 'vbs.yaml');
  writeFileSync(config, JSON.stringify(settings));
  return ['--config', config];
}

/** From the spawning of the process to its first answers, in a state folder that earlier starts have used. */
export async function benchmarkStart(report: Report): Promise<void> {
  report.heading('Start of the service');
  const rows: (readonly string[])[] = [];
  const firstAnswers: (readonly [site: string, medianMs: number])[] = [];
  rows.push(distributionRow('for comparison: an empty Node program', distributionOf(await startEmptyPrograms())));
  for (const [site, optionsOf] of Object.entries(sites)) {
    const { healthyMs, answeredMs } = await withCleanup((cleanup) => startRepeatedly(optionsOf, cleanup));
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

async function startRepeatedly(optionsOf: (typeof sites)[string], cleanup: Cleanup) {
  const stateFolder = cleanup.folder();
  const options = await optionsOf(stateFolder, cleanup);
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
