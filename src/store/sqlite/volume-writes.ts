import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import type { AccountId, VolumeId } from '../../model/ids.ts';
import { type VolumeState, volumeCan } from '../../model/volume.ts';
import type { Store } from '../store.ts';
import { isNotBarred } from './bar-writes.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import { endOperation, firstClaim, insertOperation, type WriteContext } from './operation-writes.ts';
import { clientTokens, snapshots, tags, volumes } from './schema.ts';

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

export function createVolumeWrites(context: WriteContext): VolumeWrites {
  const { database, clock } = context;
  const change = (volumeId: VolumeId, from: VolumeState, values: Partial<typeof volumes.$inferInsert>) => ({
    query: database
      .update(volumes)
      .set(values)
      .where(and(eq(volumes.id, volumeId), eq(volumes.state, from))),
    expect: 1,
  });

  const isLive = (accountId: AccountId, volumeId: VolumeId) =>
    and(eq(volumes.id, volumeId), eq(volumes.accountId, accountId), ne(volumes.state, 'deleted'));

  return {
    async beginCreateVolume({ volume, clientToken, operation }) {
      const { tags: wantedTags, ...row } = volume;
      const queries: GuardedQuery<'client-token-used' | 'snapshot-state'>[] = [];
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
      queries.push({ query: database.insert(volumes).values({ ...row, state: 'creating' }) });
      for (const tag of wantedTags) {
        queries.push({ query: database.insert(tags).values({ ...tag, resourceId: volume.id, accountId: volume.accountId }) });
      }
      queries.push(insertOperation(operation, context));
      const result = runBatch(database, queries, { 'client_tokens.account_id': 'client-token-used' });
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async finishCreateVolume(claim, volumeId) {
      endOperation(context, claim, { state: 'done' }, [change(volumeId, 'creating', { state: 'available' })]);
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
      const mayBeDeleted = and(
        eq(volumes.id, volumeId),
        eq(volumes.accountId, accountId),
        inArray(volumes.state, volumeStatesFor('delete')),
        isNotBarred(volumeId),
      );
      const isBeingCopied = sql`EXISTS (SELECT 1 FROM ${snapshots} WHERE ${snapshots.volumeId} = ${volumeId} AND ${snapshots.state} = 'pending')`;
      const result = runBatch<'volume-state' | 'volume-being-copied' | 'operation-under-way'>(
        database,
        [
          { query: database.update(volumes).set({ state: 'deleting' }).where(mayBeDeleted), expect: 1, otherwise: 'volume-state' },
          {
            query: database
              .update(volumes)
              .set({ stateReason: null })
              .where(and(eq(volumes.id, volumeId), sql`NOT ${isBeingCopied}`)),
            expect: 1,
            otherwise: 'volume-being-copied',
          },
          insertOperation(operation, context),
        ],
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
