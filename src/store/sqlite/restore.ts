import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { DatabaseUnusable, explainUnusable, refuseWithoutHeader } from './database-unusable.ts';
import { type DatabaseSight, lookAtDatabase } from './look-at-database.ts';

/**
 * Puts a copy of a backup into the place of a database, whole or not at all, and keeps what was there under a name that nothing bears yet; answers that name,
 * `undefined` when nothing was there. The backup itself is left as it is. `refuse` throws what is against it, knowing what it says of itself.
 * Only while the state is held and no server runs. Throws DatabaseUnusable, what the system throws, and what `refuse` throws; nothing has changed then.
 */
export function restoreDatabase(
  { backup, database, nowMs }: { readonly backup: string; readonly database: string; readonly nowMs: number },
  refuse: (sight: DatabaseSight) => void,
): string | undefined {
  if (!statSync(backup).isFile()) {
    throw new DatabaseUnusable(`${backup} is no file; name one that "vbs backup" has written`);
  }
  const copy = `${database}.restoring`;
  removeAll(copy);
  try {
    copyPrivately(backup, copy);
    // A database that was copied by hand while it was open has a part of it in there.
    if ((statSync(`${backup}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) {
      copyPrivately(`${backup}-wal`, `${copy}-wal`);
    }
    refuse(checkedSight(copy, backup));
    const kept = keepOld(database, nowMs);
    renameSync(copy, database);
    syncFolder(database);
    return kept;
  } finally {
    removeAll(copy);
  }
}

/** The whole copy is in one file afterwards. */
function checkedSight(copy: string, backup: string): DatabaseSight {
  try {
    const sight = lookAtDatabase(copy);
    if (sight === undefined || sight === 'foreign') {
      throw new DatabaseUnusable(`${backup} is no database of VBS; name a file that "vbs backup" has written`);
    }
    const client = new Sqlite(copy, { fileMustExist: true });
    try {
      const problem = String(client.pragma('integrity_check', { simple: true }));
      if (problem !== 'ok') {
        throw new DatabaseUnusable(`${backup} is damaged, and nothing was changed: ${problem}; name another backup`);
      }
      client.pragma('journal_mode = DELETE');
    } finally {
      client.close();
    }
    return sight;
  } catch (cause) {
    // Of the backup is what people are told, and not of its copy.
    throw cause instanceof DatabaseUnusable && cause.cause !== undefined
      ? explainUnusable(backup, cause.cause)
      : explainUnusable(backup, cause);
  }
}

/** Gives the old database a second name. All that belongs to it is in that one file, or, of a damaged one, in that and its `-wal`. */
function keepOld(database: string, nowMs: number): string | undefined {
  if (!existsSync(database)) {
    return undefined;
  }
  const kept = unusedName(database, nowMs);
  if (gatherIntoOneFile(database)) {
    linkSync(database, kept);
  } else {
    linkSync(database, kept);
    if (existsSync(`${database}-wal`)) {
      linkSync(`${database}-wal`, `${kept}-wal`);
    }
    syncFolder(database);
    rmSync(`${database}-wal`, { force: true });
    rmSync(`${database}-shm`, { force: true });
  }
  syncFolder(database);
  return kept;
}

/** `false` when it is damaged, or no database. Throws DatabaseUnusable when another process has it open. */
function gatherIntoOneFile(database: string): boolean {
  try {
    refuseWithoutHeader(database);
    const client = new Sqlite(database, { fileMustExist: true, timeout: 0 });
    try {
      return client.pragma('journal_mode = DELETE', { simple: true }) === 'delete';
    } finally {
      client.close();
    }
  } catch (cause) {
    const inner = cause instanceof DatabaseUnusable ? cause.cause : cause;
    if (inner instanceof Sqlite.SqliteError && /^SQLITE_(NOTADB|CORRUPT)/.test(inner.code)) {
      return false;
    }
    throw explainUnusable(database, cause);
  }
}

/** As `vbs.db.before-20261201T040000Z`. */
function unusedName(database: string, nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  for (let number = 1; ; number += 1) {
    const name = `${database}.before-${time}${number === 1 ? '' : `-${number}`}`;
    if (!existsSync(name) && !existsSync(`${name}-wal`)) {
      return name;
    }
  }
}

/** It holds secrets: nobody else may ever have opened it. */
function copyPrivately(from: string, to: string): void {
  closeSync(openSync(to, 'wx', 0o600));
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, 0o600);
  const file = openSync(to, 'r+');
  fsyncSync(file);
  closeSync(file);
}

function syncFolder(file: string): void {
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function removeAll(file: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal']) {
    rmSync(`${file}${ending}`, { force: true });
  }
}
