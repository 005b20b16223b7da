import { and, count, desc, eq, inArray, lt, ne, or, sql } from 'drizzle-orm';
import type { AccountId, OperationId } from '../../model/ids.ts';
import type { Json } from '../../model/json.ts';
import { type Operation, type OperationState, openOperationStates } from '../../saga/operation.ts';
import type { OperationQueue } from '../../saga/operation-worker.ts';
import type { Store } from '../store.ts';
import { leaseMs, type WriteContext } from './operation-writes.ts';
import { operations } from './schema.ts';
import { whenUsed } from './when-used.ts';

export function createOperationQueue({
  database,
  clock,
}: WriteContext): OperationQueue & Pick<Store, 'operations' | 'operation' | 'openOperations'> {
  const countOpen = whenUsed(() =>
    database
      .select({
        kind: operations.kind,
        state: sql<OperationState>`${operations.state}`,
        count: count(),
        oldestCreatedAtMs: sql<number>`min(${operations.createdAtMs})`,
      })
      .from(operations)
      // Written out and not as parameters, so that the partial index is used.
      .where(sql`${operations.state} IN ('running', 'undoing', 'stuck')`)
      .groupBy(operations.kind, operations.state)
      .prepare(),
  );
  return {
    async claimAbandoned({ owner, kinds, afterRestart, dropped }) {
      const isAbandoned = afterRestart
        ? inArray(operations.state, [...openOperationStates])
        : and(
            inArray(operations.state, ['running', 'undoing']),
            or(
              and(lt(operations.leaseUntilMs, clock()), ne(operations.owner, owner)),
              and(inArray(operations.id, [...dropped]), eq(operations.owner, owner)),
            ),
          );
      // Without the `false`, no kinds at all would mean every kind.
      const isKnown = or(sql`false`, ...kinds.map(({ kind, version }) => and(eq(operations.kind, kind), eq(operations.version, version))));
      const rows = database
        .update(operations)
        .set({
          owner,
          generation: sql`${operations.generation} + 1`,
          leaseUntilMs: clock() + leaseMs,
          // Only undoing gets stuck, so that is where it goes on.
          state: sql`CASE ${operations.state} WHEN 'stuck' THEN 'undoing' ELSE ${operations.state} END`,
        })
        .where(and(isAbandoned, isKnown))
        .returning()
        .all();
      return rows.map(operationFrom).sort((one, other) => one.createdAtMs - other.createdAtMs);
    },

    async renewLeases(owner) {
      database
        .update(operations)
        .set({ leaseUntilMs: clock() + leaseMs })
        .where(and(eq(operations.owner, owner), inArray(operations.state, ['running', 'undoing'])))
        .run();
    },

    async operations({ states, resourceId, limit }) {
      const rows = database
        .select()
        .from(operations)
        .where(
          and(
            states === undefined ? undefined : inArray(operations.state, [...states]),
            resourceId === undefined ? undefined : eq(operations.resourceId, resourceId),
          ),
        )
        .orderBy(desc(operations.createdAtMs), desc(operations.id))
        .limit(limit)
        .all();
      return rows.map(operationFrom);
    },

    async operation(operationId) {
      const row = database.select().from(operations).where(eq(operations.id, operationId)).get();
      return row === undefined ? undefined : operationFrom(row);
    },

    async openOperations() {
      return countOpen().all();
    },
  };
}

function operationFrom(row: typeof operations.$inferSelect): Operation {
  return {
    id: row.id as OperationId,
    kind: row.kind,
    version: row.version,
    resourceId: row.resourceId,
    ...(row.accountId !== null && { accountId: row.accountId as AccountId }),
    input: JSON.parse(row.input) as Json,
    state: row.state as OperationState,
    generation: row.generation,
    createdAtMs: row.createdAtMs,
    ...(row.failure !== null && { failure: row.failure }),
    ...(row.endedAtMs !== null && { endedAtMs: row.endedAtMs }),
  };
}
