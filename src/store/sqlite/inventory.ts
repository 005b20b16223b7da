import { inArray, type SQL, sql } from 'drizzle-orm';
import type { SnapshotId, VolumeId } from '../../model/ids.ts';
import type { SnapshotState } from '../../model/snapshot.ts';
import type { VolumeState } from '../../model/volume.ts';
import { openOperationStates } from '../../saga/operation.ts';
import type { Store, Wipe, WipeName } from '../store.ts';
import type { Database } from './open-database.ts';
import type { WriteContext } from './operation-writes.ts';
import { preparePlansInParts } from './plan-reads.ts';
import { type Part, type PartWanted, readInParts } from './read-in-parts.ts';
import { bars, operations, snapshots, volumes, wipes } from './schema.ts';
import { whenUsed } from './when-used.ts';

/** What there is and should be, read in parts: it is of some moments, one soon after the other. */
export function createInventory({ database }: Pick<WriteContext, 'database'>): Pick<Store, 'inventory'> {
  const readPlans = preparePlansInParts(database, undefined);
  const readVolumes = prepareKept<VolumeId, VolumeState>(database, volumes, sql`${volumes.state} <> 'deleted'`);
  const readSnapshots = prepareKept<SnapshotId, SnapshotState>(database, snapshots, sql`${snapshots.state} <> 'deleted'`);
  const readWipes = prepareWipes(database);
  const changing = (): readonly string[] =>
    database
      .select({ id: operations.resourceId })
      .from(operations)
      .where(inArray(operations.state, [...openOperationStates]))
      .all()
      .map(({ id }) => id);
  const barred = (): readonly string[] =>
    database
      .select({ id: bars.attachmentId })
      .from(bars)
      .where(sql`${bars.clearedAtMs} IS NULL`)
      .all()
      .map(({ id }) => id);

  return {
    async inventory(of) {
      // Read before and after the rest: what was changing at either end may have been while something was read.
      const [changingBefore, barredBefore] = [changing(), barred()];
      const isWhole = of === 'everything';
      return {
        volumes: isWhole ? await readInParts(readVolumes) : [],
        snapshots: isWhole ? await readInParts(readSnapshots) : [],
        attachments: await readInParts(readPlans),
        wipes: await readInParts<WipeName>(readWipes),
        changing: new Set([...changingBefore, ...changing()]),
        barred: new Set([...barredBefore, ...barred()]),
      };
    },
  };
}

interface Kept<Id, State> {
  readonly id: Id;
  readonly state: State;
  readonly volumeServer: string;
}

/** By account and id, as the index of those that are not deleted has them. */
function prepareKept<Id, State>(
  database: Database,
  table: typeof volumes | typeof snapshots,
  isLive: SQL,
): (wanted: PartWanted) => Part<Kept<Id, State>> {
  const read = whenUsed(() =>
    database
      .select({ accountId: table.accountId, id: table.id, state: table.state, volumeServer: table.volumeServer })
      .from(table)
      .where(sql`(${table.accountId}, ${table.id}) > (${sql.placeholder('accountId')}, ${sql.placeholder('id')}) AND ${isLive}`)
      .orderBy(table.accountId, table.id)
      .limit(sql.placeholder('count'))
      .prepare(),
  );
  return ({ afterKey, count }) => {
    const [accountId, id] = pairOf(afterKey);
    const found = read().all({ accountId, id, count });
    const last = found.length < count ? undefined : found.at(-1);
    return {
      rows: found.map((row) => ({ id: row.id as Id, state: row.state as State, volumeServer: row.volumeServer })),
      lastKey: last && keyOf(last.accountId, last.id),
    };
  };
}

/** Prepares reading what waits to be wiped, by server and name. */
export function prepareWipes(database: Database): (wanted: PartWanted) => Part<Wipe> {
  const read = whenUsed(() =>
    database
      .select()
      .from(wipes)
      .where(sql`(${wipes.volumeServer}, ${wipes.name}) > (${sql.placeholder('volumeServer')}, ${sql.placeholder('name')})`)
      .orderBy(wipes.volumeServer, wipes.name)
      .limit(sql.placeholder('count'))
      .prepare(),
  );
  return ({ afterKey, count }) => {
    const [volumeServer, name] = pairOf(afterKey);
    const found = read().all({ volumeServer, name, count });
    const last = found.length < count ? undefined : found.at(-1);
    return {
      rows: found.map(
        ({ failure, failedAtMs, ...row }): Wipe => ({
          ...row,
          ...(failure !== null && failedAtMs !== null && { failure: { reason: failure, atMs: failedAtMs } }),
        }),
      ),
      lastKey: last && keyOf(last.volumeServer, last.name),
    };
  };
}

function keyOf(one: string, other: string): string {
  return JSON.stringify([one, other]);
}

/** Nothing is before two empty texts. */
function pairOf(key: string | undefined): readonly [string, string] {
  return key === undefined ? ['', ''] : (JSON.parse(key) as [string, string]);
}
