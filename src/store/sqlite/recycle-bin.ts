import { and, eq, inArray, lte, sql } from 'drizzle-orm';
import type { IdRange } from '../../model/id-range.ts';
import type { AccountId, SnapshotId, VolumeId } from '../../model/ids.ts';
import type { RecycledSnapshot, RecycledVolume } from '../../model/recycled.ts';
import type { VolumeType } from '../../model/volume-type.ts';
import { openOperationStates } from '../../saga/operation.ts';
import type { ExpiredResource, Store } from '../store.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import { firstClaim, insertOperation, type WriteContext } from './operation-writes.ts';
import { prepareKeysAfter } from './prepare-rows.ts';
import { partOf, readInParts } from './read-in-parts.ts';
import { ids, operations, recycleBin, snapshots, volumes } from './schema.ts';
import { beginDeletingSnapshot } from './snapshot-writes.ts';
import { beginDeletingVolume } from './volume-writes.ts';

type RecycleBin = Pick<
  Store,
  | 'recycleVolume'
  | 'recycleSnapshot'
  | 'recycledVolumes'
  | 'recycledSnapshots'
  | 'restoreRecycled'
  | 'recycledTooLong'
  | 'beginDeleteRecycled'
>;

/**
 * A resource in the bin is `deleting` and has a row here. So everything that asks for its state finds it of no use, and its deletion needs
 * nothing more than that the row goes and the operation begins.
 */
export function createRecycleBin(context: WriteContext): RecycleBin {
  const { database, clock } = context;

  const enter = (
    accountId: AccountId,
    resourceId: VolumeId | SnapshotId,
    exitsAtMs: number,
  ): readonly GuardedQuery<'operation-under-way'>[] => {
    const isOpen = and(eq(operations.resourceId, resourceId), inArray(operations.state, [...openOperationStates]));
    return [
      {
        // Changes nothing: it holds only while no operation works on the resource.
        query: database
          .update(ids)
          .set({ id: resourceId })
          .where(and(eq(ids.id, resourceId), sql`NOT EXISTS (SELECT 1 FROM ${operations} WHERE ${isOpen})`)),
        expect: 1,
        otherwise: 'operation-under-way',
      },
      { query: database.insert(recycleBin).values({ resourceId, accountId, enteredAtMs: clock(), exitsAtMs }) },
    ];
  };

  const readIds = prepareKeysAfter(database, { table: recycleBin, key: recycleBin.resourceId });
  const isAmong = (ids: readonly string[]) => sql`${recycleBin.resourceId} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  const rangeOf = (range: IdRange | undefined) => range && { afterKey: range.afterId, count: range.count };

  return {
    // What failed has nothing that could be had back, so only what is whole comes into the bin.
    async recycleVolume({ accountId, volumeId, exitsAtMs }) {
      return runBatch<'volume-state' | 'volume-being-copied' | 'operation-under-way'>(database, [
        ...beginDeletingVolume(context, { accountId, volumeId, from: ['available'] }),
        ...enter(accountId, volumeId, exitsAtMs),
      ]);
    },

    async recycleSnapshot({ accountId, snapshotId, exitsAtMs }) {
      return runBatch<'snapshot-state' | 'snapshot-in-use' | 'snapshot-locked' | 'operation-under-way'>(database, [
        ...beginDeletingSnapshot(context, { accountId, snapshotId, from: ['completed'] }),
        ...enter(accountId, snapshotId, exitsAtMs),
      ]);
    },

    async recycledVolumes(accountId, range) {
      const volumesOf = (volumeIds: readonly string[]): readonly RecycledVolume[] =>
        database
          .select({ volume: volumes, bin: recycleBin })
          .from(recycleBin)
          .innerJoin(volumes, eq(volumes.id, recycleBin.resourceId))
          .where(and(isAmong(volumeIds), eq(recycleBin.accountId, accountId)))
          .orderBy(volumes.id)
          .all()
          .map(({ volume: { id, sizeGiB, type, iops, throughputMiBps, zone, snapshotId, sourceVolumeId, createdAtMs }, bin }) => ({
            id: id as VolumeId,
            sizeGiB,
            type: type as VolumeType,
            zone,
            createdAtMs,
            enteredAtMs: bin.enteredAtMs,
            exitsAtMs: bin.exitsAtMs,
            ...(iops !== null && { iops }),
            ...(throughputMiBps !== null && { throughputMiBps }),
            ...(snapshotId !== null && { snapshotId: snapshotId as SnapshotId }),
            ...(sourceVolumeId !== null && { sourceVolumeId: sourceVolumeId as VolumeId }),
          }));
      return readInParts((wanted) => partOf(readIds(accountId, wanted), wanted, volumesOf), rangeOf(range));
    },

    async recycledSnapshots(accountId, range) {
      const snapshotsOf = (snapshotIds: readonly string[]): readonly RecycledSnapshot[] =>
        database
          .select({
            id: snapshots.id,
            volumeId: snapshots.volumeId,
            description: snapshots.description,
            enteredAtMs: recycleBin.enteredAtMs,
            exitsAtMs: recycleBin.exitsAtMs,
          })
          .from(recycleBin)
          .innerJoin(snapshots, eq(snapshots.id, recycleBin.resourceId))
          .where(and(isAmong(snapshotIds), eq(recycleBin.accountId, accountId)))
          .orderBy(snapshots.id)
          .all()
          .map((row) => ({ ...row, id: row.id as SnapshotId, volumeId: row.volumeId as VolumeId }));
      return readInParts((wanted) => partOf(readIds(accountId, wanted), wanted, snapshotsOf), rangeOf(range));
    },

    async restoreRecycled(accountId, resourceId) {
      const isInBin = and(eq(recycleBin.resourceId, resourceId), eq(recycleBin.accountId, accountId));
      const restored = resourceId.startsWith('vol-')
        ? database
            .update(volumes)
            .set({ state: 'available' })
            .where(and(eq(volumes.id, resourceId), eq(volumes.state, 'deleting')))
        : database
            .update(snapshots)
            .set({ state: 'completed' })
            .where(and(eq(snapshots.id, resourceId), eq(snapshots.state, 'deleting')));
      const result = runBatch(database, [
        { query: database.delete(recycleBin).where(isInBin), expect: 1, otherwise: 'not-in-bin' },
        { query: restored, expect: 1, otherwise: 'not-in-bin' },
      ]);
      return result.outcome === 'done';
    },

    async recycledTooLong() {
      const isDue = lte(recycleBin.exitsAtMs, clock());
      const dueVolumes = database
        .select({
          accountId: volumes.accountId,
          volumeId: volumes.id,
          volumeServer: volumes.volumeServer,
          sizeGiB: volumes.sizeGiB,
        })
        .from(recycleBin)
        .innerJoin(volumes, eq(volumes.id, recycleBin.resourceId))
        .where(isDue)
        .all();
      const dueSnapshots = database
        .select({
          accountId: snapshots.accountId,
          snapshotId: snapshots.id,
          volumeId: snapshots.volumeId,
          volumeServer: snapshots.volumeServer,
          sizeGiB: snapshots.volumeSizeGiB,
        })
        .from(recycleBin)
        .innerJoin(snapshots, eq(snapshots.id, recycleBin.resourceId))
        .where(isDue)
        .all();
      return [
        ...dueVolumes.map(
          (row): ExpiredResource => ({
            ...row,
            kind: 'volume',
            accountId: row.accountId as AccountId,
            volumeId: row.volumeId as VolumeId,
          }),
        ),
        ...dueSnapshots.map(
          (row): ExpiredResource => ({
            ...row,
            kind: 'snapshot',
            accountId: row.accountId as AccountId,
            snapshotId: row.snapshotId as SnapshotId,
            volumeId: row.volumeId as VolumeId,
          }),
        ),
      ];
    },

    async beginDeleteRecycled({ operation }) {
      const isDue = and(eq(recycleBin.resourceId, operation.resourceId), lte(recycleBin.exitsAtMs, clock()));
      const result = runBatch<'not-in-bin' | 'too-many-open'>(database, [
        { query: database.delete(recycleBin).where(isDue), expect: 1, otherwise: 'not-in-bin' },
        ...insertOperation(operation, context),
      ]);
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },
  };
}
