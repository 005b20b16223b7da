import { chmodSync, closeSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { explainUnusable } from './database-unusable.ts';

/**
 * Keeps a second server out of a state folder: an exclusive lock that the kernel drops with the process, however it dies.
 * It is a database of its own, so that the command line can still read the real one. `undefined` when somebody holds it. Throws DatabaseUnusable.
 */
export function lockState(file: string): { release(): void } | undefined {
  try {
    return lockFile(file);
  } catch (cause) {
    throw explainUnusable(file, cause);
  }
}

function lockFile(file: string): { release(): void } | undefined {
  // Whoever could read it could lock it, and keep the service from starting.
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const client = new Sqlite(file, { timeout: 0 });
  try {
    client.pragma('locking_mode = EXCLUSIVE');
    client.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    client.close();
    if (cause instanceof Sqlite.SqliteError && cause.code.startsWith('SQLITE_BUSY')) {
      return undefined;
    }
    throw cause;
  }
  return { release: () => void client.close() };
}
