import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import type { AccountId } from '../../src/model/ids.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import { accessKeys } from '../../src/store/sqlite/schema.ts';
import { withCleanup } from './cleanup.ts';
import { untilHealthy } from './filled-service.ts';
import { createQueryClient } from './query-client.ts';
import { spawnService } from './service-process.ts';
import { until } from './until.ts';

export interface FairShares {
  /** What the account that got least had done of what each would have had, had all got the same. */
  readonly leastShare: number;
  readonly accepted: number;
  /** Operations that ended between the two counts. */
  readonly counted: number;
}

const accountCount = 100;
/** Hosts so slow that all can be asked for long before much of it is done, and so fast that the run ends. */
const latencyFactor = 0.25;
const asked = { connections: 8, rounds: 20 } as const;
/** Operations of each account that are counted, on the average: one more or less is little of them, and no account has so few left. */
const countedOfEach = 20;

/**
 * A hundred accounts that want as many operations each, one after the other: whoever comes first has all of them in the queue before the last one
 * begins. From then on it is counted whose are done, while every account has some in the queue, if they are taken in turns.
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
    const settings = join(stateFolder, 'vbs.yaml');
    writeFileSync(settings, JSON.stringify({ simulation: { latencyFactor }, log: { level: 'error' }, reconcile: { everySeconds: 3_600 } }));
    const service = await spawnService(stateFolder, ['--simulate', '--config', settings], cleanup);
    const clients = keys.map((key) => createQueryClient(service, key, { connections: asked.connections }));
    cleanup.add(() => {
      for (const client of clients) client.close();
    });
    const [first] = clients;
    if (first === undefined) throw new Error('there is no account');
    await untilHealthy(service, first, 20);

    let accepted = 0;
    for (const client of clients) {
      const prepared = client.prepare('CreateVolume', { Size: '1', AvailabilityZone: 'us-east-1a' });
      accepted += await askFor(operations, () => client.status(prepared));
    }
    const counting = openCounts(databaseFile);
    cleanup.add(counting.close);
    const before = counting.done();
    const counted = await until(
      async () => {
        const now = counting.done();
        const done = keys.map(({ accountId }) => (now.get(accountId) ?? 0) - (before.get(accountId) ?? 0));
        const total = done.reduce((one, other) => one + other, 0);
        return total >= countedOfEach * accountCount ? done : undefined;
      },
      { everyMs: 200, timeoutMs: 600_000, describe: () => 'the operations are not done' },
    );
    const total = counted.reduce((one, other) => one + other, 0);
    return { leastShare: Math.min(...counted) / (total / accountCount), accepted, counted: total };
  });
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
