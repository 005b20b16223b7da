import { chownSync, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { StateChoice } from '../cli/state-choice.ts';
import { DatabaseUnusable } from '../store/sqlite/database-unusable.ts';
import { type DatabaseSight, lookAtDatabase } from '../store/sqlite/look-at-database.ts';
import { restoreDatabase } from '../store/sqlite/restore.ts';
import { lockState } from '../store/sqlite/state-lock.ts';
import { chosenStateFolder } from './open-operator.ts';
import { siteKindOf } from './site-kind.ts';
import { openStateFolder, type StateFolder } from './state-folder.ts';

/**
 * Puts a backup into the place of a server's database; answers where that is, and under which name the old one is kept. Throws CommandFailed for what is
 * against it, and what `restoreDatabase` throws; nothing has changed then.
 */
export function restoreState(backup: string, choice: StateChoice): { readonly database: string; readonly kept?: string } {
  const path = resolve(chosenStateFolder(choice));
  if (!existsSync(path)) {
    throw new CommandFailed(exitCodes.refused, `there is no folder ${path}; name the server's state folder with --state, or make it first`);
  }
  if (!existsSync(backup)) {
    throw new CommandFailed(exitCodes.refused, `there is no file ${backup}; name one that "vbs backup" has written`);
  }
  const folder = openStateFolder(path);
  const lock = lockState(folder.lock);
  if (lock === undefined) {
    throw new CommandFailed(exitCodes.refused, `a server uses the state folder ${folder.path}; stop it first`);
  }
  try {
    giveToOwnerOf(folder.path, folder.lock);
    const kept = restoreDatabase({ backup: resolve(backup), database: folder.database, nowMs: Date.now() }, (sight) =>
      refuseBackup(backup, sight, folder),
    );
    giveToOwnerOf(folder.path, folder.database);
    return { database: folder.database, ...(kept !== undefined && { kept }) };
  } finally {
    lock.release();
  }
}

/** What root makes in the folder of the server's user is for that user to open. */
function giveToOwnerOf(folder: string, file: string): void {
  if (process.getuid?.() === 0) {
    const { uid, gid } = statSync(folder);
    chownSync(file, uid, gid);
  }
}

function refuseBackup(backup: string, sight: DatabaseSight, folder: StateFolder): void {
  if (sight.isNewer) {
    throw new CommandFailed(
      exitCodes.refused,
      `${backup} was written by a newer version of VBS than this one; restore it with that version`,
    );
  }
  const ofBackup = siteKindOf(sight, { hasSimulatedWorld: existsSync(folder.simulatedWorld) });
  const ofFolder = siteKindOfFolder(folder);
  if (ofBackup !== undefined && ofFolder !== undefined && ofBackup !== ofFolder) {
    throw new CommandFailed(
      exitCodes.refused,
      `${backup} is of a ${ofBackup} site, and the state folder ${folder.path} is that of a ${ofFolder} one; name another folder with --state`,
    );
  }
}

/** One that is damaged tells nothing, and is why a backup is wanted. */
function siteKindOfFolder({ database, simulatedWorld }: StateFolder) {
  try {
    const sight = lookAtDatabase(database);
    return sight === undefined || sight === 'foreign' ? undefined : siteKindOf(sight, { hasSimulatedWorld: existsSync(simulatedWorld) });
  } catch (cause) {
    if (cause instanceof DatabaseUnusable) {
      return undefined;
    }
    throw cause;
  }
}
