import Sqlite from 'better-sqlite3';

/** Every row of every table of the database file, for tests that nothing was changed. */
export function dumpDatabase(file: string): Readonly<Record<string, readonly unknown[]>> {
  const client = new Sqlite(file, { readonly: true });
  const tables = client.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  const dump = Object.fromEntries(tables.map(({ name }) => [name, client.prepare(`SELECT * FROM "${name}"`).all()]));
  client.close();
  return dump;
}
