import { type AnyColumn, and, asc, eq, type GetColumnData, gt, type SQL, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { AccountId } from '../../model/ids.ts';
import { compiled } from './compiled.ts';
import type { Database } from './open-database.ts';
import type { PartWanted } from './read-in-parts.ts';

/** A row with the columns in the order in which they were asked for, as SQLite's JSON has them: a boolean is 0 or 1. */
export type RowOf<Columns extends readonly AnyColumn[]> = {
  readonly [Index in keyof Columns]: JsonOf<GetColumnData<Columns[Index]>>;
};
type JsonOf<Value> = Value extends boolean ? 0 | 1 : Value;

/** What is read of a table. */
export interface RowsWanted<Columns extends readonly AnyColumn[]> {
  readonly table: SQLiteTable & { readonly accountId: AnyColumn };
  readonly columns: Columns;
  /** What rows are chosen by. An index begins with it. */
  readonly key: AnyColumn;
  readonly where?: SQL;
}

type Columns = readonly AnyColumn[];
/** The rows of several tables, in the order of the tables. */
type RowsOf<Tables extends readonly RowsWanted<Columns>[]> = {
  readonly [Index in keyof Tables]: Tables[Index] extends RowsWanted<infer Of> ? readonly RowOf<Of>[] : never;
};

/**
 * Prepares reading an account's rows of several tables by their keys, in no order. It is one statement for all tables: they are read as they were at
 * one moment, and the database is locked once.
 */
export function prepareRows<const Tables extends readonly RowsWanted<Columns>[]>(
  database: Database,
  ...tables: Tables
): (accountId: AccountId, keys: readonly string[]) => RowsOf<Tables> {
  const isMine = ({ table }: RowsWanted<Columns>) => eq(table.accountId, sql.placeholder('accountId'));
  // Without the plus SQLite would go through everything that the account has: it takes a list of keys for a long one.
  const isMineToo = (wanted: RowsWanted<Columns>) => sql`+${isMine(wanted)}`;
  const reader = (conditionOf: (wanted: RowsWanted<Columns>) => SQL | undefined) =>
    prepareTexts<RowsOf<Tables>>(database, () => tables.map((wanted) => rowsWhere(database, wanted, conditionOf(wanted))));
  const one = reader((wanted) => and(eq(wanted.key, sql.placeholder('key')), isMineToo(wanted)));
  // One statement for any number of keys, and far from SQLite's limit of parameters.
  const some = reader((wanted) => and(sql`${wanted.key} IN (SELECT value FROM json_each(${sql.placeholder('keys')}))`, isMineToo(wanted)));
  return (accountId, keys) => (keys.length === 1 ? one({ accountId, key: keys[0] }) : some({ accountId, keys: JSON.stringify(keys) }));
}

/**
 * Prepares finding the first `count` keys behind a key, or from the first one on. An index has to begin with the account and the key, so that it is
 * read from where it begins.
 */
export function prepareKeysAfter(
  database: Database,
  { table, key, where }: Omit<RowsWanted<Columns>, 'columns'>,
): (accountId: AccountId, wanted: PartWanted) => readonly string[] {
  const read = prepareTexts<readonly [readonly string[]]>(database, () => {
    const keys = database
      .selectDistinct({ key: sql`${key}`.as('key') })
      .from(table)
      .where(and(eq(table.accountId, sql.placeholder('accountId')), gt(key, sql.placeholder('afterKey')), where))
      .orderBy(asc(key))
      .limit(sql.placeholder('count'));
    return [sql`(SELECT json_group_array(key) FROM ${keys})`];
  });
  // Nothing is before the empty text.
  return (accountId, { afterKey = '', count }) => read({ accountId, afterKey, count })[0];
}

/**
 * The rows as one JSON text: asked for cell by cell, ten thousand rows would be a hundred thousand calls from SQLite into JavaScript, which take
 * longer than everything else about them.
 */
function rowsWhere(database: Database, { table, columns, where }: RowsWanted<Columns>, condition: SQL | undefined): SQL {
  const rows = sql`json_group_array(json_array(${sql.join([...columns], sql`, `)}))`;
  return sql`${database.select({ rows }).from(table).where(and(condition, where))}`;
}

/** Prepares reading what several expressions give, each of them JSON. */
export function prepareTexts<Results>(
  database: Database,
  texts: () => readonly SQL[],
): (values: Readonly<Record<string, unknown>>) => Results {
  const statement = compiled<readonly string[]>(database, () =>
    database.select({ texts: sql.join([...texts()], sql`, `) }).from(sql`(SELECT 1)`),
  );
  return (values) => (statement.get(values) ?? []).map((json) => JSON.parse(json)) as Results;
}
