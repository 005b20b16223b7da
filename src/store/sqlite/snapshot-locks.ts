import { and, eq, notInArray, type SQL, sql } from 'drizzle-orm';
import type { AccountId, SnapshotId } from '../../model/ids.ts';
import { dayMs, type LockMode, type SnapshotLock } from '../../model/snapshot-lock.ts';
import type { LockOfSnapshot, Store } from '../store.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import type { WriteContext } from './operation-writes.ts';
import { prepareKeysAfter } from './prepare-rows.ts';
import { type PartWanted, partOf, readInParts, readKeysInParts } from './read-in-parts.ts';
import { snapshotLocks, snapshots } from './schema.ts';

type SnapshotLockStore = Pick<Store, 'snapshotLocks' | 'snapshotLocksAfter' | 'putSnapshotLock' | 'removeSnapshotLock'>;

/** Whether a lock keeps the snapshot from being deleted. One that never was completed holds nothing worth keeping. */
export function isLockedAt(nowMs: number, snapshotId: SnapshotId): SQL {
  return sql`EXISTS (SELECT 1 FROM ${snapshotLocks} JOIN ${snapshots} AS locked ON locked.id = ${snapshotLocks.snapshotId}
    WHERE ${snapshotLocks.snapshotId} = ${snapshotId} AND locked.completed_at_ms IS NOT NULL
    AND coalesce(${snapshotLocks.expiresAtMs}, max(${snapshotLocks.lockedAtMs}, locked.completed_at_ms) + ${snapshotLocks.durationDays} * ${dayMs}) > ${nowMs})`;
}

export function createSnapshotLocks({ database }: Pick<WriteContext, 'database'>): SnapshotLockStore {
  const isLive = (accountId: AccountId, snapshotId: SnapshotId) =>
    and(eq(snapshots.id, snapshotId), eq(snapshots.accountId, accountId), notInArray(snapshots.state, ['deleting', 'deleted']));
  /** Changes nothing: it holds only while the snapshot is there and the account's. */
  const isThere = (accountId: AccountId, snapshotId: SnapshotId): GuardedQuery<'snapshot-not-found'> => ({
    query: database.update(snapshots).set({ id: snapshotId }).where(isLive(accountId, snapshotId)),
    expect: 1,
    otherwise: 'snapshot-not-found',
  });
  const isAsFound = (snapshotId: SnapshotId, { mode, durationDays, expiresAtMs, coolOffHours, lockedAtMs }: SnapshotLock) =>
    and(
      eq(snapshotLocks.snapshotId, snapshotId),
      eq(snapshotLocks.mode, mode),
      eq(snapshotLocks.durationDays, durationDays),
      eq(snapshotLocks.lockedAtMs, lockedAtMs),
      sql`${snapshotLocks.expiresAtMs} IS ${expiresAtMs ?? null}`,
      sql`${snapshotLocks.coolOffHours} IS ${coolOffHours ?? null}`,
    );

  const locksOf = (accountId: AccountId, snapshotIds: readonly string[]): readonly LockOfSnapshot[] =>
    database
      .select({ lock: snapshotLocks, completedAtMs: snapshots.completedAtMs })
      .from(snapshotLocks)
      .innerJoin(snapshots, eq(snapshots.id, snapshotLocks.snapshotId))
      .where(
        and(
          sql`${snapshotLocks.snapshotId} IN (SELECT value FROM json_each(${JSON.stringify(snapshotIds)}))`,
          eq(snapshots.accountId, accountId),
          notInArray(snapshots.state, ['deleting', 'deleted']),
        ),
      )
      .orderBy(snapshotLocks.snapshotId)
      .all()
      .map(({ lock, completedAtMs }) => ({
        snapshotId: lock.snapshotId as SnapshotId,
        lock: lockFrom(lock),
        ...(completedAtMs !== null && { completedAtMs }),
      }));
  // A lock does not say whose it is, and the account's snapshots are in order.
  const readIds = prepareKeysAfter(database, { table: snapshots, key: snapshots.id, where: sql`${snapshots.state} <> 'deleted'` });
  const partsOf = (accountId: AccountId) => (wanted: PartWanted) =>
    partOf(readIds(accountId, wanted), wanted, (ids) => locksOf(accountId, ids));

  return {
    async snapshotLocks(accountId, snapshotIds) {
      return snapshotIds === undefined ? readInParts(partsOf(accountId)) : readKeysInParts(snapshotIds, (ids) => locksOf(accountId, ids));
    },

    async snapshotLocksAfter(accountId, { afterId, count }) {
      return readInParts(partsOf(accountId), { afterKey: afterId, count });
    },

    async putSnapshotLock({ accountId, snapshotId, lock, found }) {
      const { expiresAtMs = null, coolOffHours = null, ...rest } = lock;
      const row = { ...rest, expiresAtMs, coolOffHours };
      return runBatch<'snapshot-not-found' | 'lock-changed'>(
        database,
        [
          isThere(accountId, snapshotId),
          found === undefined
            ? { query: database.insert(snapshotLocks).values({ snapshotId, ...row }) }
            : { query: database.update(snapshotLocks).set(row).where(isAsFound(snapshotId, found)), expect: 1, otherwise: 'lock-changed' },
        ],
        { 'snapshot_locks.snapshot_id': 'lock-changed' },
      );
    },

    async removeSnapshotLock({ accountId, snapshotId, found }) {
      return runBatch<'snapshot-not-found' | 'lock-changed'>(database, [
        isThere(accountId, snapshotId),
        { query: database.delete(snapshotLocks).where(isAsFound(snapshotId, found)), expect: 1, otherwise: 'lock-changed' },
      ]);
    },
  };
}

function lockFrom({ mode, durationDays, expiresAtMs, coolOffHours, lockedAtMs }: typeof snapshotLocks.$inferSelect): SnapshotLock {
  return {
    mode: mode as LockMode,
    durationDays,
    lockedAtMs,
    ...(expiresAtMs !== null && { expiresAtMs }),
    ...(coolOffHours !== null && { coolOffHours }),
  };
}
