import { and, eq, inArray, sql } from 'drizzle-orm';
import type { OperationId } from '../../model/ids.ts';
import { LostClaim } from '../../saga/journal.ts';
import type { Claim, Operation, OperationState } from '../../saga/operation.ts';
import type { NewOperation } from '../store.ts';
import { compiled } from './compiled.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import type { Database } from './open-database.ts';
import { openOperations, operations } from './schema.ts';

/** How long a server may be silent before another takes its operations over. */
export const leaseMs = 30_000;

export interface WriteContext {
  readonly database: Database;
  readonly clock: () => number;
  /** To be called where a secret is taken out of its row. */
  readonly noteEnded: () => void;
  /** Of the table of operations, written to with everything that is begun or ends. */
  readonly operationStatements: ReturnType<typeof prepareOperationStatements>;
}

export function prepareOperationStatements(database: Database) {
  const given = sql.placeholder;
  return {
    /** Counts one more open operation of an account, unless it has as many as it may. */
    countBegun: compiled(database, () =>
      database
        .insert(openOperations)
        .values({ accountId: given('accountId'), count: 1 })
        .onConflictDoUpdate({
          target: openOperations.accountId,
          set: { count: sql`${openOperations.count} + 1` },
          setWhere: sql`${openOperations.count} < ${given('mostOpen')}`,
        }),
    ),
    /** Counts one less. Of an operation that is nobody's, or older than the count, there is nothing to count. */
    countEnded: compiled(database, () =>
      database
        .update(openOperations)
        .set({ count: sql`${openOperations.count} - 1` })
        .where(
          eq(
            openOperations.accountId,
            database
              .select({ accountId: operations.accountId })
              .from(operations)
              .where(eq(operations.id, given('operationId'))),
          ),
        ),
    ),
    insert: compiled(database, () =>
      database.insert(operations).values({
        id: given('id'),
        kind: given('kind'),
        version: given('version'),
        resourceId: given('resourceId'),
        accountId: given('accountId'),
        input: given('input'),
        state: given('state'),
        generation: given('generation'),
        owner: given('owner'),
        leaseUntilMs: given('leaseUntilMs'),
        createdAtMs: given('createdAtMs'),
      }),
    ),
    /** Null for the failure or the time of the end leaves what is there. */
    end: compiled(database, () =>
      database
        .update(operations)
        .set({
          state: sql`${given('state')}`,
          endedAtMs: sql`coalesce(${given('endedAtMs')}, ${operations.endedAtMs})`,
          failure: sql`coalesce(${given('failure')}, ${operations.failure})`,
        })
        .where(isHeld(claimOfRun)),
    ),
  };
}

export function firstClaim(operation: NewOperation, { clock }: Pick<WriteContext, 'clock'>): Operation {
  return {
    id: operation.id,
    kind: operation.kind,
    version: operation.version,
    resourceId: operation.resourceId,
    ...(operation.accountId !== undefined && { accountId: operation.accountId }),
    input: operation.input,
    state: 'running',
    generation: 1,
    createdAtMs: clock(),
  };
}

/** With `mostOpen`, only while its account has fewer operations that are open. */
export function insertOperation(operation: NewOperation, context: WriteContext): readonly GuardedQuery<'too-many-open'>[] {
  const { countBegun, insert } = context.operationStatements;
  const { accountId, mostOpen = Number.MAX_SAFE_INTEGER } = operation;
  const row = {
    owner: operation.owner ?? '',
    leaseUntilMs: operation.owner === undefined ? 0 : context.clock() + leaseMs,
    ...firstClaim(operation, context),
    accountId: accountId ?? null,
    input: JSON.stringify(operation.input),
  };
  const counted = { query: { run: () => countBegun.run({ accountId, mostOpen }) }, expect: 1, otherwise: 'too-many-open' as const };
  return [{ query: { run: () => insert.run(row) } }, ...(accountId === undefined ? [] : [counted])];
}

/** For whatever ends an operation for good. */
export function countEnded(
  operationId: OperationId,
  { operationStatements }: Pick<WriteContext, 'operationStatements'>,
): GuardedQuery<never> {
  return { query: { run: () => operationStatements.countEnded.run({ operationId }) } };
}

/** The claim of a statement that is compiled once, which is given with each run. */
export const claimOfRun = { operationId: sql.placeholder('operationId'), generation: sql.placeholder('generation') };

/** Still the newest claim of an operation that is under way. */
export function isHeld({ operationId, generation }: Claim | typeof claimOfRun) {
  return and(eq(operations.id, operationId), eq(operations.generation, generation), inArray(operations.state, ['running', 'undoing']));
}

/** Ends the operation together with the changes of its resource, or throws (LostClaim for the claim) and changes nothing. */
export function endOperation(
  context: WriteContext,
  claim: Claim,
  end: { readonly state: Extract<OperationState, 'done' | 'undone' | 'halted' | 'stuck'>; readonly failure?: string },
  changes: readonly Omit<GuardedQuery<never>, 'otherwise'>[],
): void {
  const { database, clock, operationStatements } = context;
  const ended = {
    state: end.state,
    endedAtMs: end.state === 'stuck' ? null : clock(),
    // What made a stuck operation fail in the first place was kept by turnBack; the journal has both.
    failure: end.failure ?? null,
    ...claim,
  };
  const result = runBatch<'claim' | 'resource'>(database, [
    { query: { run: () => operationStatements.end.run(ended) }, expect: 1, otherwise: 'claim' },
    ...(end.state === 'stuck' ? [] : [countEnded(claim.operationId, context)]),
    ...changes.map((change) => ({ ...change, otherwise: 'resource' as const })),
  ]);
  if (result.outcome === 'refused') {
    throw result.reason === 'claim'
      ? new LostClaim(claim)
      : new Error(`${claim.operationId} ends, and its resource is in a state in which that cannot be`);
  }
}
