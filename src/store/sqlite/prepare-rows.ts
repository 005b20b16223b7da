import { type AnyColumn, and, eq, type GetColumnData, type SQL, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { AccountId } from '../../model/ids.ts';
import type { Database } from './open-database.ts';

/** A row with the columns in the order in which they were asked for, as SQLite's JSON has them: a boolean is 0 or 1. */
export type RowOf<Columns extends readonly AnyColumn[]> = {
  readonly [Index in keyof Columns]: JsonOf<GetColumnData<Columns[Index]>>;
};
type JsonOf<Value> = Value extends boolean ? 0 | 1 : Value;

export type ReadRows<Columns extends readonly AnyColumn[]> = (
  accountId: AccountId,
  keys: readonly string[] | undefined,
) => readonly RowOf<Columns>[];

interface RowsWanted<Columns extends readonly AnyColumn[]> {
  readonly columns: Columns;
  /** What rows are chosen by. An index begins with it. */
  readonly key: AnyColumn;
  readonly where?: SQL;
}

/**
 * Prepares reading an account's rows, all of them or those of given keys, in no order. SQLite answers with one JSON text: asked for cell by cell,
 * ten thousand rows would be a hundred thousand calls from SQLite into JavaScript, which take longer than everything else about them.
 */
export function prepareRows<const Columns extends readonly AnyColumn[]>(
  database: Database,
  table: SQLiteTable & { readonly accountId: AnyColumn },
  { columns, key, where }: RowsWanted<Columns>,
): ReadRows<Columns> {
  const rows = sql<string>`json_group_array(json_array(${sql.join([...columns], sql`, `)}))`;
  const isMine = eq(table.accountId, sql.placeholder('accountId'));
  // One statement for any number of keys, and far from SQLite's limit of parameters.
  const isChosen = sql`${key} IN (SELECT value FROM json_each(${sql.placeholder('keys')}))`;
  // Without the plus SQLite would go through everything that the account has: it takes a list of keys for a long one.
  const isMineToo = sql`+${isMine}`;
  const all = database.select({ rows }).from(table).where(and(isMine, where)).prepare();
  const chosen = database
    .select({ rows })
    .from(table)
    .where(and(isChosen, isMineToo, where))
    .prepare();
  return (accountId, keys) => {
    const found = keys === undefined ? all.get({ accountId }) : chosen.get({ accountId, keys: JSON.stringify(keys) });
    return found === undefined ? [] : (JSON.parse(found.rows) as RowOf<Columns>[]);
  };
}
