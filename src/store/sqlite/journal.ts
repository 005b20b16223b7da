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
import { isHeld, type WriteContext } from './operation-writes.ts';
import { operations, steps } from './schema.ts';

export function createJournal({ database, clock }: WriteContext): Journal {
  // Asked for before every step.
  const rollbackOf = database
    .select({ output: steps.output })
    .from(steps)
    .where(and(eq(steps.operationId, sql.placeholder('operationId')), eq(steps.direction, 'operator'), eq(steps.step, 'rollback')))
    .prepare();
  const entriesOf = database
    .select()
    .from(steps)
    .where(eq(steps.operationId, sql.placeholder('operationId')))
    .orderBy(asc(steps.sequence))
    .prepare();

  const intend = (claim: Claim, { step, direction }: Intent): number => {
    // One statement: the next sequence is drawn and used only while the claim holds.
    const row = database.get<{ readonly sequence: number } | undefined>(sql`
      INSERT INTO ${steps} (operation_id, sequence, step, direction, outcome, commands, started_at_ms)
      SELECT ${claim.operationId}, (SELECT coalesce(max(sequence), 0) + 1 FROM ${steps} WHERE operation_id = ${claim.operationId}),
        ${step}, ${direction}, 'intended', '[]', ${clock()}
      WHERE EXISTS (SELECT 1 FROM ${operations} WHERE ${isHeld(claim)})
      RETURNING sequence`);
    if (row === undefined) {
      throw new LostClaim(claim);
    }
    return row.sequence;
  };

  const record = (claim: Claim, sequence: number, result: StepResult): void => {
    const { changes } = database
      .update(steps)
      .set({
        outcome: result.outcome,
        commands: JSON.stringify(result.commands),
        endedAtMs: clock(),
        ...(result.outcome === 'done' ? { output: JSON.stringify(result.output ?? null) } : { error: result.error }),
      })
      .where(
        and(
          eq(steps.operationId, claim.operationId),
          eq(steps.sequence, sequence),
          sql`EXISTS (SELECT 1 FROM ${operations} WHERE ${isHeld(claim)})`,
        ),
      )
      .run();
    if (changes !== 1) {
      throw new LostClaim(claim);
    }
  };

  return {
    async askedRollback(operationId) {
      const row = rollbackOf.get({ operationId });
      return row === undefined ? undefined : (JSON.parse(row.output ?? '{}') as OperatorStatement);
    },

    async entries(operationId) {
      return entriesOf.all({ operationId }).map(journalEntryFrom);
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
