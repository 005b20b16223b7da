import Sqlite from 'better-sqlite3';
import { DrizzleQueryError } from 'drizzle-orm/errors';

/** The file of the database cannot be opened. The message names the file and the mend. */
export class DatabaseUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseUnusable';
  }
}

/** By the beginning of SQLite's code, or of the system's. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_NOTADB/, 'is no database of VBS: name the state folder of the server, or put a backup in its place'],
  [/^SQLITE_CORRUPT/, 'is damaged: keep it, and put the last backup in its place'],
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, 'cannot be written, since its disk is full: make room'],
  [/^(SQLITE_READONLY|EROFS)/, 'cannot be written: make the file and its folder yours and writable'],
  [/^SQLITE_BUSY/, 'is held by another process; try again when that is done'],
  [/^EISDIR/, 'is a folder: name the state folder of the server'],
  [/^(SQLITE_CANTOPEN|EACCES|EPERM)/, 'may not be opened by this user: run this as the user of the server'],
  [/^SQLITE_IOERR/, 'cannot be read or written: see the log of the kernel for its disk'],
];

/** What kept a database from being opened, or what it was when that is nobody's to mend. */
export function explainUnusable(file: string, cause: unknown): unknown {
  const inner = cause instanceof DrizzleQueryError ? cause.cause : cause;
  const isKnown = inner instanceof Sqlite.SqliteError || (inner instanceof Error && 'syscall' in inner);
  const code = isKnown && 'code' in inner ? String(inner.code) : '';
  const meaning = meanings.find(([form]) => form.test(code))?.[1];
  return meaning === undefined ? cause : new DatabaseUnusable(`the database ${file} ${meaning} (${code})`, { cause });
}
