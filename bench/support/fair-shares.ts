import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import type { AccountId } from '../../src/model/ids.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import { accessKeys } from '../../src/store/sqlite/schema.ts';
import { type Cleanup, withCleanup } from './cleanup.ts';
import { untilHealthy } from './filled-service.ts';
import { createQueryClient } from './query-client.ts';
import { type ServiceProcess, spawnService } from './service-process.ts';
import { until } from './until.ts';

export interface FairShares {
  /** What the account that got least had done of what each would have had, had all got the same. */
  readonly leastShare: number;
  readonly accepted: number;
  /** How many of them were done while it was counted. */
  readonly counted: number;
}

const accountCount = 100;
/** Of hosts that do little while it is asked, and of the same hosts when it is counted: some 30 and some 130 operations a second. */
const latencyFactors = { asking: 1, counting: 0.25 } as const;
/** A create waits for its volume server to tell its room, so that only many at once are asked for faster than they are done. */
const asked = { connections: 64, rounds: 5 } as const;
/**
 * A hundred accounts that want as many operations each, one account after the other, so that the first has all of its own in the queue before the
 * last one begins. The hosts are slow meanwhile. Then the service is started anew over fast ones, and when half of what was left is done it is counted
 * whose that was.
 */
export async function measureFairShares(operations: number): Promise<FairShares> {
  return withCleanup(async (cleanup) => {
    const stateFolder = cleanup.folder();
    const keys = Array.from({ length: accountCount }, (_, index) => ({
      accessKeyId: `AKIAEXAMPLEFAIR${String(index).padStart(5, '0')}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      accountId: String(700_000_000_000 + index) as AccountId,
      createdAtMs: Date.now(),
    }));
    const databaseFile = join(stateFolder, 'vbs.db');
    const database = openDatabase(databaseFile);
    database.insert(accessKeys).values(keys).run();
    database.$client.close();
    const service = await start(stateFolder, latencyFactors.asking, cleanup);
    let accepted = 0;
    for (const key of keys) {
      const client = createQueryClient(service, key, { connections: asked.connections });
      try {
        await untilHealthy(service, client, 20);
        const prepared = client.prepare('CreateVolume', { Size: '1', AvailabilityZone: 'us-east-1a' });
        accepted += await askFor(operations, () => client.status(prepared));
      } finally {
        client.close();
      }
    }
    await service.kill();
    const counts = openCounts(databaseFile);
    cleanup.add(counts.close);
    const before = counts.done();
    const left = accepted - sum([...before.values()]);
    const again = await start(stateFolder, latencyFactors.counting, cleanup);
    const done = await until(
      async () => {
        if (again.hasEnded()) throw new Error(`the service ended; it said:\n${again.log()}`);
        const now = counts.done();
        const each = keys.map(({ accountId }) => (now.get(accountId) ?? 0) - (before.get(accountId) ?? 0));
        return sum(each) >= left / 2 ? each : undefined;
      },
      { everyMs: 100, timeoutMs: 1_800_000, describe: () => 'the operations are not done' },
    );
    return { leastShare: Math.min(...done) / (sum(done) / accountCount), accepted, counted: sum(done) };
  });
}

function start(stateFolder: string, latencyFactor: number, cleanup: Cleanup): Promise<ServiceProcess> {
  const settings = join(stateFolder, 'vbs.yaml');
  writeFileSync(settings, JSON.stringify({ simulation: { latencyFactor }, log: { level: 'error' }, reconcile: { everySeconds: 3_600 } }));
  return spawnService(stateFolder, ['--simulate', '--config', settings], cleanup);
}

/** As many as are taken of so many, over several connections; who asks too fast asks again a little later, some times. */
async function askFor(wanted: number, ask: () => Promise<number>): Promise<number> {
  let left = wanted;
  let taken = 0;
  await Promise.all(
    Array.from({ length: asked.connections }, async () => {
      let refusals = 0;
      while (left > 0 && refusals < asked.rounds) {
        left -= 1;
        const status = await ask();
        if (status === 200) taken += 1;
        else {
          left += 1;
          refusals += 1;
          await sleep(50);
        }
      }
    }),
  );
  return taken;
}

/** What the database says of the volumes of every account, read beside the service. */
function openCounts(databaseFile: string) {
  const client = new Sqlite(databaseFile, { readonly: true });
  const countByAccount = (state: string) =>
    new Map(
      client
        .prepare<[string], { accountId: string; count: number }>(
          'SELECT account_id AS accountId, count(*) AS count FROM volumes WHERE state = ? GROUP BY account_id',
        )
        .all(state)
        .map(({ accountId, count }) => [accountId, count]),
    );
  return {
    done: () => countByAccount('available'),
    close: () => void client.close(),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((one, other) => one + other, 0);
}
