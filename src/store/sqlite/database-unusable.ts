import { closeSync, openSync, readSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { DrizzleError, DrizzleQueryError } from 'drizzle-orm/errors';

/** The file of the database cannot be opened. The message names the file and the mend. */
export class DatabaseUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseUnusable';
  }
}

/** By the beginning of SQLite's code, or of the system's. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/^SQLITE_NOTADB/, 'is no database of VBS: name the state folder of the server, or "vbs restore" a backup'],
  [/^SQLITE_CORRUPT/, 'is damaged: "vbs restore" the last backup, which keeps this one too'],
  // The last two: an index of the log, and the log itself, could not grow.
  [/^(SQLITE_FULL|ENOSPC|EDQUOT|SQLITE_IOERR_SHMSIZE|SQLITE_IOERR_WRITE)/, 'cannot be written, since its disk is full: make room'],
  [/^(SQLITE_READONLY|EROFS)/, 'cannot be written: make the file and its folder yours and writable'],
  [/^SQLITE_BUSY/, 'is held by another process; try again when that is done'],
  [/^EISDIR/, 'is a folder: name the state folder of the server'],
  [/^(SQLITE_CANTOPEN|EACCES|EPERM)/, 'may not be opened by this user: run this as the user of the server'],
  [/^SQLITE_IOERR/, 'cannot be read or written: see the log of the kernel for its disk'],
];

/**
 * SQLite takes a transaction back by itself when it cannot go on, and a second time it cannot be taken back: drizzle's migrator then throws of that, and
 * nothing of the cause.
 */
const lostCause = /no transaction is active/;

/** What kept a database from being opened, or what it was when that is nobody's to mend. */
export function explainUnusable(file: string, cause: unknown): unknown {
  const inner = cause instanceof DrizzleQueryError || cause instanceof DrizzleError ? cause.cause : cause;
  if (inner instanceof Sqlite.SqliteError && lostCause.test(inner.message)) {
    return new DatabaseUnusable(`the database ${file} cannot be written; if its disk is full, make room`, { cause });
  }
  const isKnown = inner instanceof Sqlite.SqliteError || (inner instanceof Error && 'syscall' in inner);
  const code = isKnown && 'code' in inner ? codeOf(String(inner.code), inner.message) : '';
  const meaning = meanings.find(([form]) => form.test(code))?.[1];
  return meaning === undefined ? cause : new DatabaseUnusable(`the database ${file} ${meaning} (${code})`, { cause });
}

/** Of a file with the head of a database and a format that SQLite does not know, it says no more than that there is an error. */
function codeOf(code: string, message: string): string {
  return code === 'SQLITE_ERROR' && message === 'unsupported file format' ? 'SQLITE_CORRUPT' : code;
}

const headerOfSqlite = 'SQLite format 3\0';

/**
 * Refuses a file that has lost its beginning, without opening it: SQLite would remove its log as that of an older database, and with it perhaps the last that
 * could be saved. One that is missing or empty is a new database. Throws DatabaseUnusable.
 */
export function refuseWithoutHeader(file: string): void {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined || !status.isFile() || status.size === 0) {
    return;
  }
  const header = Buffer.alloc(headerOfSqlite.length);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, header, 0, header.length, 0);
  } finally {
    closeSync(opened);
  }
  if (header.toString('latin1') !== headerOfSqlite) {
    throw explainUnusable(file, new Sqlite.SqliteError('file is not a database', 'SQLITE_NOTADB'));
  }
}
