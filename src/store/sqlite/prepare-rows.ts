import { type AnyColumn, and, asc, eq, type GetColumnData, gt, Placeholder, type SQL, sql } from 'drizzle-orm';
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

/** The first `count` rows behind a key, in the order of the key; from the first key on without one. */
export type ReadRowsAfter<Columns extends readonly AnyColumn[]> = (
  accountId: AccountId,
  range: { readonly afterKey: string | undefined; readonly count: number },
) => readonly RowOf<Columns>[];

interface RowsWanted<Columns extends readonly AnyColumn[]> {
  readonly columns: Columns;
  /** What rows are chosen by. An index begins with it. */
  readonly key: AnyColumn;
  readonly where?: SQL;
}

type AccountTable = SQLiteTable & { readonly accountId: AnyColumn };

/** Prepares reading an account's rows, all of them or those of given keys, in no order. */
export function prepareRows<const Columns extends readonly AnyColumn[]>(
  database: Database,
  table: AccountTable,
  { columns, key, where }: RowsWanted<Columns>,
): ReadRows<Columns> {
  const isMine = eq(table.accountId, sql.placeholder('accountId'));
  // Without the plus SQLite would go through everything that the account has: it takes a list of keys for a long one.
  const isMineToo = sql`+${isMine}`;
  const reader = (condition: SQL | undefined) =>
    prepareText<Columns>(
      database,
      database
        .select({ rows: rowsAsJson(columns) })
        .from(table)
        .where(and(condition, where)),
    );
  const all = reader(isMine);
  const one = reader(and(eq(key, sql.placeholder('key')), isMineToo));
  // One statement for any number of keys, and far from SQLite's limit of parameters.
  const some = reader(and(sql`${key} IN (SELECT value FROM json_each(${sql.placeholder('keys')}))`, isMineToo));
  return (accountId, keys) => {
    if (keys === undefined) {
      return all({ accountId });
    }
    return keys.length === 1 ? one({ accountId, key: keys[0] }) : some({ accountId, keys: JSON.stringify(keys) });
  };
}

/** Prepares reading an account's rows by and by. An index has to begin with the account and the key, so that it is read from where it begins. */
export function prepareRowsAfter<const Columns extends readonly AnyColumn[]>(
  database: Database,
  table: AccountTable,
  { columns, key, where }: RowsWanted<Columns>,
): ReadRowsAfter<Columns> {
  const rows = database
    .select()
    .from(table)
    .where(and(eq(table.accountId, sql.placeholder('accountId')), gt(key, sql.placeholder('afterKey')), where))
    .orderBy(asc(key))
    .limit(sql.placeholder('count'));
  // Under the table's own name, by which the columns are asked for.
  const read = prepareText<Columns>(database, database.select({ rows: rowsAsJson(columns) }).from(sql`${rows} AS ${table}`));
  // Nothing is before the empty text.
  return (accountId, { afterKey = '', count }) => read({ accountId, afterKey, count });
}

/**
 * SQLite answers with one JSON text: asked for cell by cell, ten thousand rows would be a hundred thousand calls from SQLite into JavaScript, which
 * take longer than everything else about them.
 */
function rowsAsJson(columns: readonly AnyColumn[]): SQL<string> {
  return sql<string>`json_group_array(json_array(${sql.join([...columns], sql`, `)}))`;
}

/** Drizzle writes the statement, and is not asked again: for what is read with every request, its own way to run one takes as long as SQLite. */
function prepareText<Columns extends readonly AnyColumn[]>(
  database: Database,
  query: { toSQL(): { readonly sql: string; readonly params: readonly unknown[] } },
): (values: Readonly<Record<string, unknown>>) => readonly RowOf<Columns>[] {
  const { sql: text, params } = query.toSQL();
  const statement = database.$client.prepare<unknown[], string>(text).pluck();
  return (values) => {
    const found = statement.get(...params.map((param) => (param instanceof Placeholder ? values[param.name] : param)));
    return JSON.parse(found ?? '[]') as readonly RowOf<Columns>[];
  };
}
