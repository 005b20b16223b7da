import { and, eq, inArray, sql } from 'drizzle-orm';
import { LostClaim } from '../../saga/journal.ts';
import type { Claim, Operation, OperationState } from '../../saga/operation.ts';
import type { NewOperation } from '../store.ts';
import { compiled } from './compiled.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import type { Database } from './open-database.ts';
import { operations } from './schema.ts';

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
    /** Whether an account has fewer open operations than a number; with many, no more than that many are counted. */
    hasFewerOpen: compiled<readonly [0 | 1]>(database, () => {
      // Written out and not as parameters, so that the partial index is used.
      const open = database
        .select({ one: sql`1` })
        .from(operations)
        .where(and(eq(operations.accountId, given('accountId')), sql`${operations.state} IN ('running', 'undoing', 'stuck')`))
        .limit(given('mostOpen'))
        .as('open');
      return database.select({ hasFewer: sql<0 | 1>`count(*) < ${given('mostOpen')}` }).from(open);
    }),
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
export function insertOperation(operation: NewOperation, context: WriteContext): GuardedQuery<'too-many-open'> {
  const { insert, hasFewerOpen } = context.operationStatements;
  const { accountId, mostOpen } = operation;
  const row = {
    owner: operation.owner ?? '',
    leaseUntilMs: operation.owner === undefined ? 0 : context.clock() + leaseMs,
    ...firstClaim(operation, context),
    accountId: accountId ?? null,
    input: JSON.stringify(operation.input),
  };
  const mayBegin = (): boolean => accountId === undefined || mostOpen === undefined || hasFewerOpen.get({ accountId, mostOpen })?.[0] === 1;
  // Counted within the transaction, which holds the write lock, so that no other request comes in between.
  return { query: { run: () => (mayBegin() ? insert.run(row) : { changes: 0 }) }, expect: 1, otherwise: 'too-many-open' };
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
    ...changes.map((change) => ({ ...change, otherwise: 'resource' as const })),
  ]);
  if (result.outcome === 'refused') {
    throw result.reason === 'claim'
      ? new LostClaim(claim)
      : new Error(`${claim.operationId} ends, and its resource is in a state in which that cannot be`);
  }
}
