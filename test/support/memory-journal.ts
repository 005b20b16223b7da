import type { Intent, Journal, JournalEntry, OperatorStatement, StepResult } from '../../src/saga/journal.ts';

/** A journal for tests of the runner, which shows what was written in which order. */
export interface MemoryJournal extends Journal {
  readonly written: readonly string[];
}

export function memoryJournal(earlier: readonly JournalEntry[] = []): MemoryJournal {
  const entries = [...earlier];
  const written: string[] = [];
  const intend = ({ step, direction }: Intent): number => {
    written.push(`${direction} ${step}`);
    entries.push({ sequence: entries.length + 1, step, direction, outcome: 'intended', commands: [], startedAtMs: 0 });
    return entries.length;
  };
  const record = (sequence: number, result: StepResult): void => {
    const entry = entries[sequence - 1];
    if (entry === undefined) {
      throw new Error(`no entry ${sequence}`);
    }
    written.push(`${entry.direction} ${entry.step} ${result.outcome}`);
    entries[sequence - 1] = { ...entry, ...result };
  };
  return {
    written,
    entries: async () => entries,
    intend: async (_claim, intent) => intend(intent),
    record: async (_claim, sequence, result) => record(sequence, result),
    async recordAndIntend(_claim, sequence, result, next) {
      record(sequence, result);
      return intend(next);
    },
    askedRollback: async () => {
      const asked = entries.find(({ direction, step }) => direction === 'operator' && step === 'rollback');
      return asked?.output as OperatorStatement | undefined;
    },
    async turnBack(_claim, failure) {
      written.push(`turn back: ${failure}`);
    },
  };
}
