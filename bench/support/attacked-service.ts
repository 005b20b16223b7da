import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AttackTarget } from './attack-orders.ts';
import { type AttackedState, fillAttackedState, victimAccount } from './attacked-state.ts';
import type { Cleanup } from './cleanup.ts';
import { untilHealthy } from './filled-service.ts';
import { createQueryClient, type QueryClient } from './query-client.ts';
import { type ServiceProcess, spawnService } from './service-process.ts';
import { until } from './until.ts';

export interface AttackedService extends AttackedState {
  readonly service: ServiceProcess;
  readonly target: AttackTarget;
  readonly logFile: string;
  /** Volumes of the victim's that are as large on their volume server as they should be, so that they can be attached. */
  readonly attachableIds: readonly string[];
  /** How many instances the cloud lists from now on. */
  setListed(count: number): Promise<void>;
}

/** A VM of the victim's, which only the cloud that is attacked too knows. */
export const victimInstance = (number: number): string => `i-cb0${number}`;
/** What the cloud never answers about. */
export const hangingInstance = (number: number): string => `i-ca0${number.toString(16).padStart(5, '0')}`;
/** What the cloud says that there is not. */
export const unknownInstance = (number: number): string => `i-c0${number.toString(16).padStart(6, '0')}`;

const attachableCount = 3;

/** The service as a process of its own, with hosts that take as long as real ones, a slow cloud, a victim and an attacker. */
export async function startAttackedService(
  volumes: { readonly victim: number; readonly attacker: number },
  cleanup: Cleanup,
  latencyFactor = 1,
): Promise<AttackedService> {
  const stateFolder = cleanup.folder();
  const state = fillAttackedState(stateFolder, volumes);
  const cloud = await startCloud(cleanup);
  const settings = join(stateFolder, 'vbs.yaml');
  const logFile = join(stateFolder, 'vbs.log');
  writeFileSync(
    settings,
    JSON.stringify({
      // The instances of the simulated site and of its cloud are nobody's, and so the operator's.
      operatorAccount: victimAccount,
      log: { level: 'info', file: logFile },
      reconcile: { everySeconds: 3_600 },
      simulation: { latencyFactor, domains: ['vmm1/victim0', 'vmm1/victim1'] },
      resolvers: [{ kind: 'http', name: 'cloud', ids: '^i-c', ...cloud.urls }],
    }),
  );
  const service = await spawnService(stateFolder, ['--simulate', '--config', settings], cleanup);
  const client = createQueryClient(service, state.victim);
  cleanup.add(() => client.close());
  await untilHealthy(service, client, 20);
  const attachableIds = await makeVolumes(client, attachableCount);
  return {
    ...state,
    service,
    attachableIds,
    logFile,
    setListed: cloud.setListed,
    target: { host: service.host, port: service.port, localAddress: '127.0.0.2' },
  };
}

async function makeVolumes(client: QueryClient, count: number): Promise<readonly string[]> {
  const made: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const answer = await client.ask('CreateVolume', { Size: '1', AvailabilityZone: 'us-east-1a' });
    made.push(/<volumeId>([^<]+)</.exec(answer)?.[1] ?? '');
  }
  const wanted = Object.fromEntries(made.map((id, index) => [`VolumeId.${index + 1}`, id]));
  await until(async () => ((await client.ask('DescribeVolumes', wanted)).includes('<status>creating<') ? undefined : true), {
    everyMs: 50,
    timeoutMs: 60_000,
    describe: () => 'volumes stay in creating',
  });
  return made;
}

async function startCloud(cleanup: Cleanup) {
  const cloud = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('slow-cloud.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanup.add(async () => {
    const ended = cloud.exitCode === null ? once(cloud, 'exit') : undefined;
    cloud.stdin.end();
    await ended;
  });
  const lines = createInterface({ input: cloud.stdout })[Symbol.asyncIterator]();
  const url = `http://127.0.0.1:${(await lines.next()).value}`;
  return {
    urls: { url: `${url}/{id}`, listUrl: `${url}/all` },
    async setListed(count: number) {
      cloud.stdin.write(`${count}\n`);
      await lines.next();
    },
  };
}
