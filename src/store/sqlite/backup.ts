import { closeSync, openSync, rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Database } from './open-database.ts';

/**
 * Copies the database page by page beside its writers, and checks the copy. Answers `written`, or why there is no copy: a file that is there
 * already is left alone, and one that did not become whole is removed.
 */
export async function backUp(database: Database, file: string): Promise<string> {
  try {
    // Before anything is in it: the database holds secrets.
    closeSync(openSync(file, 'wx', 0o600));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return code === 'EEXIST' ? 'is there already; name a new file' : `cannot be written (${code})`;
  }
  try {
    await database.$client.backup(file);
    const problem = problemOf(file);
    if (problem === undefined) {
      return 'written';
    }
    rmSync(file, { force: true });
    return `the copy is not whole: ${problem}`;
  } catch (cause) {
    rmSync(file, { force: true });
    return `could not be written: ${(cause as Error).message}`;
  }
}

/** Of what is one file then: a connection that only reads would leave a -wal and a -shm beside it. */
function problemOf(file: string): string | undefined {
  const copy = new Sqlite(file, { fileMustExist: true });
  try {
    copy.pragma('journal_mode = DELETE');
    const answer = String(copy.pragma('integrity_check', { simple: true }));
    return answer === 'ok' ? undefined : answer;
  } finally {
    copy.close();
  }
}
