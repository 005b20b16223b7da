import { and, eq, inArray, sql } from 'drizzle-orm';
import type { AccountId, SnapshotId } from '../../model/ids.ts';
import { type SnapshotState, snapshotCan } from '../../model/snapshot.ts';
import { LostClaim } from '../../saga/journal.ts';
import type { Store } from '../store.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import { endOperation, firstClaim, insertOperation, isHeld, type WriteContext } from './operation-writes.ts';
import { operations, snapshotLocks, snapshotPermissions, snapshots, tags, volumes } from './schema.ts';
import { isLockedAt } from './snapshot-locks.ts';
import { isReadable } from './volume-writes.ts';

type SnapshotWrites = Pick<
  Store,
  | 'beginCreateSnapshot'
  | 'beginCopySnapshot'
  | 'reportSnapshotProgress'
  | 'finishCreateSnapshot'
  | 'failCreateSnapshot'
  | 'beginDeleteSnapshot'
  | 'finishDeleteSnapshot'
  | 'failDeleteSnapshot'
>;

const deletableStates = (Object.keys(snapshotCan) as SnapshotState[]).filter((state) => snapshotCan[state].delete);

/** A snapshot that nothing is made of and no lock keeps becomes `deleting`. */
export function beginDeletingSnapshot(
  { database, clock }: WriteContext,
  {
    accountId,
    snapshotId,
    from,
  }: { readonly accountId: AccountId; readonly snapshotId: SnapshotId; readonly from: readonly SnapshotState[] },
): readonly GuardedQuery<'snapshot-state' | 'snapshot-in-use' | 'snapshot-locked'>[] {
  const mayBeDeleted = and(eq(snapshots.id, snapshotId), eq(snapshots.accountId, accountId), inArray(snapshots.state, [...from]));
  const isBeingCopied = sql`(EXISTS (SELECT 1 FROM ${volumes} WHERE ${volumes.snapshotId} = ${snapshotId} AND ${volumes.state} = 'creating')
    OR EXISTS (SELECT 1 FROM ${snapshots} AS copy WHERE copy.copy_of = ${snapshotId} AND copy.state = 'pending'))`;
  const changeNothing = () => database.update(snapshots).set({ id: snapshotId });
  return [
    {
      query: changeNothing().where(and(eq(snapshots.id, snapshotId), sql`NOT ${isLockedAt(clock(), snapshotId)}`)),
      expect: 1,
      otherwise: 'snapshot-locked',
    },
    { query: database.update(snapshots).set({ state: 'deleting' }).where(mayBeDeleted), expect: 1, otherwise: 'snapshot-state' },
    {
      query: database
        .update(snapshots)
        .set({ stateReason: null })
        .where(and(eq(snapshots.id, snapshotId), sql`NOT ${isBeingCopied}`)),
      expect: 1,
      otherwise: 'snapshot-in-use',
    },
  ];
}

export function createSnapshotWrites(context: WriteContext): SnapshotWrites {
  const { database, clock } = context;
  const change = (snapshotId: SnapshotId, from: readonly SnapshotState[], values: Partial<typeof snapshots.$inferInsert>) => ({
    query: database
      .update(snapshots)
      .set(values)
      .where(and(eq(snapshots.id, snapshotId), inArray(snapshots.state, [...from]))),
    expect: 1,
  });

  return {
    async beginCreateSnapshot({ snapshot, operation }) {
      const { tags: wantedTags, ...row } = snapshot;
      const queries: GuardedQuery<'volume-state' | 'too-many-open'>[] = [
        // Changes nothing: it holds only while the volume is there to be read, and a delete of the volume looks for pending snapshots.
        {
          query: database.update(volumes).set({ id: snapshot.volumeId }).where(isReadable(snapshot)),
          expect: 1,
          otherwise: 'volume-state',
        },
        { query: database.insert(snapshots).values({ ...row, state: 'pending', progressPercent: 0 }) },
        ...wantedTags.map((tag) => ({
          query: database.insert(tags).values({ ...tag, resourceId: snapshot.id, accountId: snapshot.accountId }),
        })),
        ...insertOperation(operation, context),
      ];
      const result = runBatch(database, queries);
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async beginCopySnapshot({ snapshot, copyOf, operation }) {
      const { tags: wantedTags, ...row } = snapshot;
      const isThere = and(eq(snapshots.id, copyOf), eq(snapshots.state, 'completed'));
      const result = runBatch<'snapshot-state' | 'too-many-open'>(database, [
        // Changes nothing: it holds only while the source is there to be read, and a delete of the source looks for copies of it.
        { query: database.update(snapshots).set({ id: copyOf }).where(isThere), expect: 1, otherwise: 'snapshot-state' },
        { query: database.insert(snapshots).values({ ...row, copyOf, state: 'pending', progressPercent: 0 }) },
        ...wantedTags.map((tag) => ({
          query: database.insert(tags).values({ ...tag, resourceId: snapshot.id, accountId: snapshot.accountId }),
        })),
        ...insertOperation(operation, context),
      ]);
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async reportSnapshotProgress(claim, snapshotId, progressPercent) {
      const { changes } = database
        .update(snapshots)
        .set({ progressPercent })
        .where(
          and(
            eq(snapshots.id, snapshotId),
            eq(snapshots.state, 'pending'),
            sql`EXISTS (SELECT 1 FROM ${operations} WHERE ${isHeld(claim)})`,
          ),
        )
        .run();
      if (changes !== 1) {
        throw new LostClaim(claim);
      }
    },

    async finishCreateSnapshot(claim, snapshotId) {
      endOperation(context, claim, { state: 'done' }, [
        change(snapshotId, ['pending'], { state: 'completed', progressPercent: 100, completedAtMs: clock() }),
      ]);
    },

    async failCreateSnapshot(claim, snapshotId, { operationState, reason, shown }) {
      endOperation(context, claim, { state: operationState, failure: reason }, [
        change(snapshotId, ['pending', 'error'], { state: 'error', stateReason: shown }),
      ]);
    },

    async beginDeleteSnapshot({ accountId, snapshotId, operation }) {
      const result = runBatch<'snapshot-state' | 'snapshot-in-use' | 'snapshot-locked' | 'operation-under-way' | 'too-many-open'>(
        database,
        [...beginDeletingSnapshot(context, { accountId, snapshotId, from: deletableStates }), ...insertOperation(operation, context)],
        { 'operations.resource_id': 'operation-under-way' },
      );
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async finishDeleteSnapshot(claim, snapshotId) {
      endOperation(context, claim, { state: 'done' }, [
        change(snapshotId, ['deleting'], { state: 'deleted', deletedAtMs: clock() }),
        { query: database.delete(tags).where(eq(tags.resourceId, snapshotId)) },
        { query: database.delete(snapshotPermissions).where(eq(snapshotPermissions.snapshotId, snapshotId)) },
        { query: database.delete(snapshotLocks).where(eq(snapshotLocks.snapshotId, snapshotId)) },
      ]);
    },

    async failDeleteSnapshot(claim, snapshotId, { operationState, reason, shown }) {
      endOperation(context, claim, { state: operationState, failure: reason }, [
        change(snapshotId, ['deleting'], { state: 'error', stateReason: shown }),
      ]);
    },
  };
}
