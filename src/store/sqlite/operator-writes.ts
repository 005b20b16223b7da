import { and, eq, inArray, lt, or, sql } from 'drizzle-orm';
import type { OperatorStatement } from '../../saga/journal.ts';
import type { OperationState } from '../../saga/operation.ts';
import type { Release, Store } from '../store.ts';
import { openBar } from './bar-writes.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import { countEnded, type WriteContext } from './operation-writes.ts';
import { attachments, operations, snapshots, steps, volumeModifications, volumes } from './schema.ts';

type OperatorWrites = Pick<Store, 'retryStuck' | 'rollBack' | 'abandon'>;

/** Writes what the operator said into an operation's journal. */
export function insertStatement(
  operationId: string,
  verb: string,
  statement: OperatorStatement,
  { database, clock }: WriteContext,
): GuardedQuery<never> {
  const run = () => {
    const now = clock();
    return database.run(sql`
      INSERT INTO ${steps} (operation_id, sequence, step, direction, outcome, output, commands, started_at_ms, ended_at_ms)
      SELECT ${operationId}, (SELECT coalesce(max(sequence), 0) + 1 FROM ${steps} WHERE operation_id = ${operationId}),
        ${verb}, 'operator', 'done', ${JSON.stringify(statement)}, '[]', ${now}, ${now}`);
  };
  return { query: { run }, expect: 1 };
}

export function createOperatorWrites(context: WriteContext): OperatorWrites {
  const { database, clock } = context;
  const isIn = (operationId: string, ...states: OperationState[]) => and(eq(operations.id, operationId), inArray(operations.state, states));
  /** Nobody holds it then, and whoever looks for work first goes on undoing it. */
  const free = { state: 'undoing', owner: '', leaseUntilMs: 0 } as const;

  return {
    async retryStuck(operationId, statement) {
      const retried = database.update(operations).set(free).where(isIn(operationId, 'stuck'));
      const result = runBatch(database, [
        { query: retried, expect: 1, otherwise: 'not-stuck' },
        insertStatement(operationId, 'retry', statement, context),
      ]);
      return result.outcome === 'done';
    },

    async rollBack(operationId, statement) {
      const result = runBatch(database, [
        {
          query: database
            .update(operations)
            .set({ id: operationId })
            .where(isIn(operationId, 'running', 'stuck')),
          expect: 1,
          otherwise: 'not-open',
        },
        { query: database.update(operations).set(free).where(isIn(operationId, 'stuck')) },
        insertStatement(operationId, 'rollback', statement, context),
      ]);
      return result.outcome === 'done';
    },

    async abandon({ operationId, statement, failure, release }) {
      const isNobodys = or(
        eq(operations.state, 'stuck'),
        and(inArray(operations.state, ['running', 'undoing']), lt(operations.leaseUntilMs, clock())),
      );
      const ended = database
        .update(operations)
        .set({ state: 'abandoned', failure, endedAtMs: clock(), generation: sql`${operations.generation} + 1` })
        .where(and(eq(operations.id, operationId), isNobodys));
      const result = runBatch<'held' | 'resource'>(database, [
        { query: ended, expect: 1, otherwise: 'held' },
        countEnded(operationId, context),
        ...released(release, operationId).map((query) => ({ ...query, otherwise: 'resource' as const })),
        insertStatement(operationId, 'abandon', statement, context),
      ]);
      if (result.outcome === 'refused' && result.reason === 'resource') {
        throw new Error(`${operationId} is abandoned, and its resource is in a state in which that cannot be`);
      }
      return result.outcome === 'done';
    },
  };

  function released(release: Release, operationId: string): Omit<GuardedQuery<never>, 'otherwise'>[] {
    switch (release.what) {
      case 'attachment': {
        const { attachmentId, reach, shown, barred } = release;
        const values = { state: 'busy' as const, stateReason: shown, ...(reach !== undefined && { reach: JSON.stringify(reach) }) };
        const isLeaving = and(eq(attachments.id, attachmentId), inArray(attachments.state, ['attaching', 'detaching']));
        const ofVolume = database.select({ id: attachments.volumeId }).from(attachments).where(eq(attachments.id, attachmentId));
        return [
          { query: database.update(attachments).set(values).where(isLeaving), expect: 1 },
          { query: database.update(volumes).set({ stateReason: shown }).where(inArray(volumes.id, ofVolume)), expect: 1 },
          openBar(operationId, attachmentId, barred, context),
        ];
      }
      case 'volume': {
        const isChanging = and(eq(volumes.id, release.volumeId), inArray(volumes.state, ['creating', 'deleting', 'error']));
        return [{ query: database.update(volumes).set({ state: 'error', stateReason: release.shown }).where(isChanging), expect: 1 }];
      }
      case 'snapshot': {
        const isChanging = and(eq(snapshots.id, release.snapshotId), inArray(snapshots.state, ['pending', 'deleting', 'error']));
        return [{ query: database.update(snapshots).set({ state: 'error', stateReason: release.shown }).where(isChanging), expect: 1 }];
      }
      case 'modification': {
        const isChanging = and(
          eq(volumeModifications.volumeId, release.volumeId),
          inArray(volumeModifications.state, ['modifying', 'optimizing']),
        );
        const values = { state: 'failed', stateReason: release.shown, endedAtMs: clock() } as const;
        return [{ query: database.update(volumeModifications).set(values).where(isChanging), expect: 1 }];
      }
      case 'nothing':
        return [];
    }
  }
}
