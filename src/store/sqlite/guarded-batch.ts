import Sqlite from 'better-sqlite3';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import type { Database } from './open-database.ts';

/** One statement of a batch. With `expect`, that many rows must change, or the whole batch is refused with `otherwise`. */
export interface GuardedQuery<Reason extends string> {
  readonly query: { run(): { readonly changes: number } };
  readonly expect?: number;
  readonly otherwise?: Reason;
}

export type BatchResult<Reason extends string> = { readonly outcome: 'done' } | { readonly outcome: 'refused'; readonly reason: Reason };

class BatchRefused extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

const transactions = new WeakMap<Database, Sqlite.Transaction<(queries: readonly GuardedQuery<string>[]) => void>>();

/** Made once for a database, since to make one takes as long as to run it. */
function transactionOn(database: Database) {
  const known = transactions.get(database);
  if (known !== undefined) {
    return known;
  }
  const made = database.$client.transaction((queries: readonly GuardedQuery<string>[]) => {
    for (const { query, expect, otherwise } of queries) {
      const { changes } = query.run();
      if (expect !== undefined && changes !== expect) {
        throw new BatchRefused(otherwise ?? '');
      }
    }
  });
  transactions.set(database, made);
  return made;
}

/**
 * Runs the statements in one transaction: all of them, or none.
 * `whenTaken` names the reason for a unique index that stands against it, told by the columns in SQLite's message (`attachments.volume_id`).
 */
export function runBatch<Reason extends string>(
  database: Database,
  queries: readonly GuardedQuery<Reason>[],
  whenTaken: Readonly<Record<string, Reason>> = {},
): BatchResult<Reason> {
  try {
    // Takes the write lock at once: a deferred transaction that turns into a writer half-way may be refused without waiting.
    transactionOn(database).immediate(queries);
    return { outcome: 'done' };
  } catch (cause) {
    if (cause instanceof BatchRefused) {
      return { outcome: 'refused', reason: cause.reason as Reason };
    }
    const taken = takenColumns(cause);
    const known = Object.entries(whenTaken).find(([columns]) => taken?.includes(columns));
    if (known !== undefined) {
      return { outcome: 'refused', reason: known[1] };
    }
    throw cause;
  }
}

function takenColumns(cause: unknown): string | undefined {
  const inner = cause instanceof DrizzleQueryError ? cause.cause : cause;
  const isUnique = inner instanceof Sqlite.SqliteError && /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(inner.code);
  return isUnique ? inner.message : undefined;
}
