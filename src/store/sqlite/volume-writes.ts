import { and, eq, inArray, ne, type SQL, sql } from 'drizzle-orm';
import type { AccountId, VolumeId } from '../../model/ids.ts';
import { type VolumeState, volumeCan } from '../../model/volume.ts';
import type { Store } from '../store.ts';
import { isNotBarred } from './bar-writes.ts';
import { compiled } from './compiled.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import { isNotRecycled } from './is-not-recycled.ts';
import { endOperation, firstClaim, insertOperation, type WriteContext } from './operation-writes.ts';
import { clientTokens, snapshots, tags, volumeModifications, volumes } from './schema.ts';

type VolumeWrites = Pick<
  Store,
  | 'beginCreateVolume'
  | 'finishCreateVolume'
  | 'failCreateVolume'
  | 'beginDeleteVolume'
  | 'finishDeleteVolume'
  | 'failDeleteVolume'
  | 'putAutoEnableIo'
  | 'autoEnableIo'
>;

/** The states in which a deed may be begun, out of the one table of states. */
export function volumeStatesFor(deed: keyof (typeof volumeCan)[VolumeState]): VolumeState[] {
  return (Object.keys(volumeCan) as VolumeState[]).filter((state) => volumeCan[state][deed]);
}

/** Whether a snapshot or another volume is being made of a volume, and reads it. */
export function isBeingCopied(volumeId: VolumeId | SQL): SQL {
  return sql`(EXISTS (SELECT 1 FROM ${snapshots} WHERE ${snapshots.volumeId} = ${volumeId} AND ${snapshots.state} = 'pending')
    OR EXISTS (SELECT 1 FROM ${volumes} AS copy WHERE copy.source_volume_id = ${volumeId} AND copy.state = 'creating'))`;
}

/** Whether a volume has one size, and may be read as a whole. */
export function isReadable({ accountId, volumeId }: { readonly accountId: AccountId; readonly volumeId: VolumeId }): SQL | undefined {
  return and(
    eq(volumes.id, volumeId),
    eq(volumes.accountId, accountId),
    inArray(volumes.state, volumeStatesFor('snapshot')),
    sql`NOT EXISTS (SELECT 1 FROM ${volumeModifications} WHERE ${volumeModifications.volumeId} = ${volumeId} AND ${volumeModifications.state} IN ('modifying', 'optimizing'))`,
  );
}

/** A volume that nobody uses or reads becomes `deleting`. */
export function beginDeletingVolume(
  { database }: Pick<WriteContext, 'database'>,
  { accountId, volumeId, from }: { readonly accountId: AccountId; readonly volumeId: VolumeId; readonly from: readonly VolumeState[] },
): readonly GuardedQuery<'volume-state' | 'volume-being-copied'>[] {
  const mayBeDeleted = and(
    eq(volumes.id, volumeId),
    eq(volumes.accountId, accountId),
    inArray(volumes.state, [...from]),
    isNotBarred(volumeId),
  );
  const isNotCopied = and(eq(volumes.id, volumeId), sql`NOT ${isBeingCopied(volumeId)}`);
  return [
    { query: database.update(volumes).set({ state: 'deleting' }).where(mayBeDeleted), expect: 1, otherwise: 'volume-state' },
    { query: database.update(volumes).set({ stateReason: null }).where(isNotCopied), expect: 1, otherwise: 'volume-being-copied' },
  ];
}

export function createVolumeWrites(context: WriteContext): VolumeWrites {
  const { database, clock } = context;
  const change = (volumeId: VolumeId, from: VolumeState, values: Partial<typeof volumes.$inferInsert>) => ({
    query: database
      .update(volumes)
      .set(values)
      .where(and(eq(volumes.id, volumeId), eq(volumes.state, from))),
    expect: 1,
  });

  const given = sql.placeholder;
  const insertVolume = compiled(database, () =>
    database.insert(volumes).values({
      id: given('id'),
      accountId: given('accountId'),
      sizeGiB: given('sizeGiB'),
      type: given('type'),
      iops: given('iops'),
      throughputMiBps: given('throughputMiBps'),
      zone: given('zone'),
      snapshotId: given('snapshotId'),
      sourceVolumeId: given('sourceVolumeId'),
      volumeServer: given('volumeServer'),
      state: 'creating',
      multiAttach: given('multiAttach'),
      createdAtMs: given('createdAtMs'),
    }),
  );
  const finishVolume = compiled(database, () =>
    database
      .update(volumes)
      .set({ state: 'available' })
      .where(and(eq(volumes.id, given('volumeId')), eq(volumes.state, 'creating'))),
  );

  const isLive = (accountId: AccountId, volumeId: VolumeId) =>
    and(eq(volumes.id, volumeId), eq(volumes.accountId, accountId), ne(volumes.state, 'deleted'), isNotRecycled(volumes.id));

  return {
    async beginCreateVolume({ volume, clientToken, operation }) {
      const { tags: wantedTags, ...row } = volume;
      const queries: GuardedQuery<'client-token-used' | 'snapshot-state' | 'volume-state' | 'too-many-open'>[] = [];
      if (clientToken !== undefined) {
        const row = { ...clientToken, accountId: volume.accountId, resourceId: volume.id, createdAtMs: clock() };
        queries.push({ query: database.insert(clientTokens).values(row) });
      }
      if (volume.snapshotId !== undefined) {
        // Changes nothing: it holds only while the snapshot is there to be copied, and a delete of the snapshot looks for volumes that are being filled.
        const isThere = and(eq(snapshots.id, volume.snapshotId), eq(snapshots.state, 'completed'));
        queries.push({
          query: database.update(snapshots).set({ state: 'completed' }).where(isThere),
          expect: 1,
          otherwise: 'snapshot-state',
        });
      }
      if (volume.sourceVolumeId !== undefined) {
        // Changes nothing: it holds only while the source is there to be read, and a delete of the source looks for copies of it.
        const isThere = isReadable({ accountId: volume.accountId, volumeId: volume.sourceVolumeId });
        queries.push({
          query: database.update(volumes).set({ id: volume.sourceVolumeId }).where(isThere),
          expect: 1,
          otherwise: 'volume-state',
        });
      }
      const missing = { iops: null, throughputMiBps: null, snapshotId: null, sourceVolumeId: null, multiAttach: false };
      queries.push({ query: { run: () => insertVolume.run({ ...missing, ...row }) } });
      for (const tag of wantedTags) {
        queries.push({ query: database.insert(tags).values({ resourceId: volume.id, accountId: volume.accountId, ...tag }) });
      }
      queries.push(...insertOperation(operation, context));
      const result = runBatch(database, queries, { 'client_tokens.account_id': 'client-token-used' });
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async finishCreateVolume(claim, volumeId) {
      endOperation(context, claim, { state: 'done' }, [{ query: { run: () => finishVolume.run({ volumeId }) }, expect: 1 }]);
    },

    async failCreateVolume(claim, volumeId, { operationState, reason, shown }) {
      // A create that got stuck has already left `creating` and comes here again when its undo is tried anew.
      const failed = database
        .update(volumes)
        .set({ state: 'error', stateReason: shown })
        .where(and(eq(volumes.id, volumeId), inArray(volumes.state, ['creating', 'error'])));
      endOperation(context, claim, { state: operationState, failure: reason }, [{ query: failed, expect: 1 }]);
    },

    async beginDeleteVolume({ accountId, volumeId, operation }) {
      const result = runBatch<'volume-state' | 'volume-being-copied' | 'operation-under-way' | 'too-many-open'>(
        database,
        [...beginDeletingVolume(context, { accountId, volumeId, from: volumeStatesFor('delete') }), ...insertOperation(operation, context)],
        { 'operations.resource_id': 'operation-under-way' },
      );
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async finishDeleteVolume(claim, volumeId) {
      endOperation(context, claim, { state: 'done' }, [
        change(volumeId, 'deleting', { state: 'deleted', deletedAtMs: clock() }),
        { query: database.delete(tags).where(eq(tags.resourceId, volumeId)) },
      ]);
    },

    async putAutoEnableIo(accountId, volumeId, autoEnableIo) {
      return database.update(volumes).set({ autoEnableIo }).where(isLive(accountId, volumeId)).run().changes === 1;
    },

    async autoEnableIo(accountId, volumeId) {
      const row = database.select({ autoEnableIo: volumes.autoEnableIo }).from(volumes).where(isLive(accountId, volumeId)).get();
      return row?.autoEnableIo === true;
    },

    async failDeleteVolume(claim, volumeId, { operationState, reason, shown }) {
      endOperation(context, claim, { state: operationState, failure: reason }, [
        change(volumeId, 'deleting', { state: 'error', stateReason: shown }),
      ]);
    },
  };
}
