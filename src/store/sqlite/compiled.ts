import { Param, Placeholder } from 'drizzle-orm';
import type { Database } from './open-database.ts';
import { whenUsed } from './when-used.ts';

type Values = Readonly<Record<string, unknown>>;

/** A statement with placeholders, which are given their values by name with each run. */
export interface Compiled<Row extends readonly unknown[]> {
  run(values: Values): { readonly changes: number };
  /** The first row, with its columns in the order in which the statement names them. */
  get(values: Values): Row | undefined;
}

/**
 * A statement that Drizzle writes when it is first used, and that it is not asked about again: for what every request and every step of an operation
 * runs, its own way to run one takes as long as SQLite itself.
 */
export function compiled<Row extends readonly unknown[] = never>(
  { $client }: Pick<Database, '$client'>,
  write: () => { toSQL(): { readonly sql: string; readonly params: readonly unknown[] } },
): Compiled<Row> {
  const statement = whenUsed(() => {
    const { sql: text, params } = write().toSQL();
    const prepared = $client.prepare<unknown[], Row>(text);
    const readers = params.map(readerOf);
    return { prepared: prepared.reader ? prepared.raw() : prepared, bind: (values: Values) => readers.map((read) => read(values)) };
  });
  return {
    run(values) {
      const { prepared, bind } = statement();
      return prepared.run(...bind(values));
    },
    get(values) {
      const { prepared, bind } = statement();
      return prepared.get(...bind(values));
    },
  };
}

/** Finds what a parameter is in a run. A column with a type of its own has a way to write it. */
function readerOf(param: unknown): (values: Values) => unknown {
  if (param instanceof Placeholder) {
    return (values) => given(values, param.name);
  }
  if (param instanceof Param && param.value instanceof Placeholder) {
    const { encoder, value } = param;
    return (values) => encoder.mapToDriverValue(given(values, value.name));
  }
  return () => param;
}

function given(values: Values, name: string): unknown {
  const value = values[name];
  if (value === undefined) {
    throw new Error(`the statement was given no ${name}`);
  }
  return value;
}
