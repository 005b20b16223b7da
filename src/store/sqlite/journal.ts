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
import { compiled } from './compiled.ts';
import { claimOfRun, isHeld, type WriteContext } from './operation-writes.ts';
import { operations, steps } from './schema.ts';
import { whenUsed } from './when-used.ts';

export function createJournal({ database, clock }: WriteContext): Journal {
  // Asked for before every step.
  const rollbackOf = compiled<readonly [output: string | null]>(database, () =>
    database
      .select({ output: steps.output })
      .from(steps)
      .where(and(eq(steps.operationId, sql.placeholder('operationId')), eq(steps.direction, 'operator'), eq(steps.step, 'rollback'))),
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
  const insertIntent = compiled<readonly [sequence: number]>(database, () =>
    database
      .insert(steps)
      .select(
        sql`SELECT ${operationId}, (SELECT coalesce(max(sequence), 0) + 1 FROM ${steps} WHERE operation_id = ${operationId}),
        ${sql.placeholder('step')}, ${sql.placeholder('direction')}, 'intended', NULL, NULL, '[]', ${sql.placeholder('startedAtMs')}, NULL
        WHERE ${isClaimHeld}`,
      )
      .returning({ sequence: steps.sequence }),
  );
  const updateResult = compiled(database, () =>
    database
      .update(steps)
      .set({
        outcome: sql`${sql.placeholder('outcome')}`,
        output: sql`${sql.placeholder('output')}`,
        error: sql`${sql.placeholder('error')}`,
        commands: sql`${sql.placeholder('commands')}`,
        endedAtMs: sql`${sql.placeholder('endedAtMs')}`,
      })
      .where(and(eq(steps.operationId, operationId), eq(steps.sequence, sql.placeholder('sequence')), isClaimHeld)),
  );

  const intend = (claim: Claim, { step, direction }: Intent): number => {
    const row = insertIntent.get({ step, direction, startedAtMs: clock(), ...claim });
    if (row === undefined) {
      throw new LostClaim(claim);
    }
    return row[0];
  };

  const record = (claim: Claim, sequence: number, result: StepResult): void => {
    const { changes } = updateResult.run({
      sequence,
      outcome: result.outcome,
      output: result.outcome === 'done' ? JSON.stringify(result.output ?? null) : null,
      error: result.outcome === 'failed' ? result.error : null,
      commands: JSON.stringify(result.commands),
      endedAtMs: clock(),
      ...claim,
    });
    if (changes !== 1) {
      throw new LostClaim(claim);
    }
  };

  const recordThenIntend = database.$client.transaction((claim: Claim, sequence: number, result: StepResult, next: Intent): number => {
    record(claim, sequence, result);
    return intend(claim, next);
  });

  return {
    async askedRollback(operationId) {
      const row = rollbackOf.get({ operationId });
      return row === undefined ? undefined : (JSON.parse(row[0] ?? '{}') as OperatorStatement);
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
      return recordThenIntend.immediate(claim, sequence, result, next);
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
