import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';

export type Database = BetterSQLite3Database & { readonly $client: Sqlite.Database };

/** A database of more is mapped into memory for reading; a smaller one is read quickly enough, and a map counts as memory of the service. */
const largeBytes = 32 * 1_024 * 1_024;
const mostMappedBytes = 1_024 * 1_024 * 1_024;

/** How long a write waits for another process' one. */
export const busyTimeoutMs = 5_000;

const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));

/** Opens the database, making it when it is missing, and applies the migrations that it lacks. `:memory:` gives one that dies with the process. */
export function openDatabase(file: string): Database {
  if (file !== ':memory:') {
    // It holds the secrets of access keys and of live attachments. SQLite gives its -wal and -shm files the mode of the main one.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  }
  const client = new Sqlite(file, { timeout: busyTimeoutMs });
  // What is deleted or changed is overwritten, and stands in no free page and no backup: secrets end with their attachment or key.
  client.pragma('secure_delete = ON');
  client.pragma('journal_mode = WAL');
  // FULL: a journal entry that was acknowledged survives a power cut; NORMAL could lose the last ones, and with them a volume.
  client.pragma('synchronous = FULL');
  // In KiB, and SQLite's own default, of which the binding makes 16 MB: what is not kept here is kept by the operating system.
  client.pragma('cache_size = -2000');
  if (file !== ':memory:' && statSync(file).size > largeBytes) {
    // Pages of the list are all over a large file, and a call of the system for each would take longer than reading it.
    client.pragma(`mmap_size = ${mostMappedBytes}`);
  }
  // SQLite's own default is a thousand pages, which a dozen operations fill: each time the disk would be waited for twice more.
  client.pragma('wal_autocheckpoint = 4000');
  keepWrites(client);
  const database = drizzle({ client });
  // Off while tables are replaced by copies of themselves, which rows of other tables refer to; within the migrations' transaction it cannot be changed.
  client.pragma('foreign_keys = OFF');
  migrate(database, { migrationsFolder });
  client.pragma('foreign_keys = ON');
  return database;
}

/** There are some hundred texts; those with lists of values are many more, and each is used seldom. */
const mostKeptWrites = 300;

/**
 * Lets a statement that writes and gives back no rows be compiled once: Drizzle has the same text compiled anew each time. One that gives back rows is
 * left alone, since Drizzle sets on it in which form.
 */
function keepWrites(client: Sqlite.Database): void {
  const prepare = client.prepare.bind(client);
  const kept = new Map<string, Sqlite.Statement>();
  const keeping = (text: string): Sqlite.Statement => {
    const known = kept.get(text);
    if (known !== undefined) {
      return known;
    }
    const statement = prepare(text);
    if (!statement.reader && kept.size < mostKeptWrites) {
      kept.set(text, statement);
    }
    return statement;
  };
  client.prepare = keeping as typeof client.prepare;
}
