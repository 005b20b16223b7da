import type { Cleanup } from './cleanup.ts';
import { fillState } from './filled-state.ts';
import { createQueryClient, type QueryClient } from './query-client.ts';
import { type ServiceProcess, spawnService } from './service-process.ts';
import { until } from './until.ts';

export interface FilledService {
  readonly service: ServiceProcess;
  readonly client: QueryClient;
  readonly volumeIds: readonly string[];
  readonly stateFolder: string;
}

/** The service as a process of its own over a database with many volumes, answering. */
export async function startFilledService(volumeCount: number, cleanup: Cleanup, options: readonly string[] = []): Promise<FilledService> {
  const stateFolder = cleanup.folder();
  const { key, volumeIds } = fillState(stateFolder, volumeCount);
  const service = await spawnService(stateFolder, ['--simulate', ...options], cleanup);
  const client = createQueryClient(service, key);
  cleanup.add(() => client.close());
  await untilHealthy(service, client, 5);
  return { service, client, volumeIds, stateFolder };
}

/** Resolves when GET /healthz answers 200. */
export async function untilHealthy(service: ServiceProcess, client: QueryClient, everyMs: number): Promise<void> {
  await until(
    async () => {
      if (service.hasEnded()) {
        throw new Error(`the service ended at once; it said:\n${service.log()}`);
      }
      return (await client.get('/healthz')) === 200 ? true : undefined;
    },
    { everyMs, timeoutMs: 30_000, describe: () => `the service does not answer; it said:\n${service.log()}` },
  );
}

/** Throws when an answer has not this many volumes: a fast wrong answer is no figure. */
export function requireVolumes(answer: string, count: number): void {
  const found = answer.split('<volumeType>').length - 1;
  if (found !== count) {
    throw new Error(`the answer has ${found} volumes, not ${count}`);
  }
}
