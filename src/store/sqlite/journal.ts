import { and, asc, eq, sql } from 'drizzle-orm';
import type { CommandRecord } from '../../model/command-record.ts';
import type { Json } from '../../model/json.ts';
import {
  type Direction,
  type Intent,
  type Journal,
  type JournalEntry,
  LostClaim,
  type OperatorStatement,
  type StepOutcome,
  type StepResult,
} from '../../saga/journal.ts';
import type { Claim } from '../../saga/operation.ts';
import { claimOfRun, isHeld, type WriteContext } from './operation-writes.ts';
import { operations, steps } from './schema.ts';
import { whenUsed } from './when-used.ts';

export function createJournal({ database, clock }: WriteContext): Journal {
  // Asked for before every step.
  const rollbackOf = whenUsed(() =>
    database
      .select({ output: steps.output })
      .from(steps)
      .where(and(eq(steps.operationId, sql.placeholder('operationId')), eq(steps.direction, 'operator'), eq(steps.step, 'rollback')))
      .prepare(),
  );
  const entriesOf = whenUsed(() =>
    database
      .select()
      .from(steps)
      .where(eq(steps.operationId, sql.placeholder('operationId')))
      .orderBy(asc(steps.sequence))
      .prepare(),
  );

  // These two are most of what is written at all, so they are compiled once.
  const { operationId } = claimOfRun;
  const isClaimHeld = sql`EXISTS (SELECT 1 FROM ${operations} WHERE ${isHeld(claimOfRun)})`;
  // One statement: the next sequence is drawn and used only while the claim holds. All columns in the order of the schema.
  const insertIntent = whenUsed(() =>
    database
      .insert(steps)
      .select(
        sql`SELECT ${operationId}, (SELECT coalesce(max(sequence), 0) + 1 FROM ${steps} WHERE operation_id = ${operationId}),
        ${sql.placeholder('step')}, ${sql.placeholder('direction')}, 'intended', NULL, NULL, '[]', ${sql.placeholder('startedAtMs')}, NULL
        WHERE ${isClaimHeld}`,
      )
      .returning({ sequence: steps.sequence })
      .prepare(),
  );
  const updateResult = whenUsed(() =>
    database
      .update(steps)
      .set({
        outcome: sql`${sql.placeholder('outcome')}`,
        output: sql`${sql.placeholder('output')}`,
        error: sql`${sql.placeholder('error')}`,
        commands: sql`${sql.placeholder('commands')}`,
        endedAtMs: sql`${sql.placeholder('endedAtMs')}`,
      })
      .where(and(eq(steps.operationId, operationId), eq(steps.sequence, sql.placeholder('sequence')), isClaimHeld))
      .prepare(),
  );

  const intend = (claim: Claim, { step, direction }: Intent): number => {
    const row = insertIntent().get({ ...claim, step, direction, startedAtMs: clock() });
    if (row === undefined) {
      throw new LostClaim(claim);
    }
    return row.sequence;
  };

  const record = (claim: Claim, sequence: number, result: StepResult): void => {
    const { changes } = updateResult().run({
      ...claim,
      sequence,
      outcome: result.outcome,
      output: result.outcome === 'done' ? JSON.stringify(result.output ?? null) : null,
      error: result.outcome === 'failed' ? result.error : null,
      commands: JSON.stringify(result.commands),
      endedAtMs: clock(),
    });
    if (changes !== 1) {
      throw new LostClaim(claim);
    }
  };

  return {
    async askedRollback(operationId) {
      const row = rollbackOf().get({ operationId });
      return row === undefined ? undefined : (JSON.parse(row.output ?? '{}') as OperatorStatement);
    },

    async entries(operationId) {
      return entriesOf().all({ operationId }).map(journalEntryFrom);
    },

    async intend(claim, intent) {
      return intend(claim, intent);
    },

    async record(claim, sequence, result) {
      record(claim, sequence, result);
    },

    async recordAndIntend(claim, sequence, result, next) {
      return database.transaction(
        () => {
          record(claim, sequence, result);
          return intend(claim, next);
        },
        { behavior: 'immediate' },
      );
    },

    async turnBack(claim, failure) {
      const { changes } = database.update(operations).set({ state: 'undoing', failure }).where(isHeld(claim)).run();
      if (changes !== 1) {
        throw new LostClaim(claim);
      }
    },
  };
}

function journalEntryFrom(row: typeof steps.$inferSelect): JournalEntry {
  return {
    sequence: row.sequence,
    step: row.step,
    direction: row.direction as Direction,
    outcome: row.outcome as StepOutcome,
    commands: JSON.parse(row.commands) as readonly CommandRecord[],
    startedAtMs: row.startedAtMs,
    ...(row.output !== null && { output: JSON.parse(row.output) as Json }),
    ...(row.error !== null && { error: row.error }),
    ...(row.endedAtMs !== null && { endedAtMs: row.endedAtMs }),
  };
}
