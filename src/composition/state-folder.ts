import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';

export const databaseName = 'vbs.db';

/** What is where in a state folder. */
export interface StateFolder {
  readonly path: string;
  readonly database: string;
  readonly lock: string;
  readonly simulatedWorld: string;
  /** Of the embedded default: the data of volumes and snapshots. */
  readonly data: string;
}

/** Makes the folder when it is missing, readable by its owner alone. Throws CommandFailed when it cannot be used. */
export function openStateFolder(wanted: string): StateFolder {
  const path = resolve(wanted);
  try {
    makeFolder(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new CommandFailed(
      exitCodes.refused,
      `the state folder ${path} cannot be written (${code}); make it yours, or name another with --state`,
      { cause },
    );
  }
  return {
    path,
    database: join(path, databaseName),
    lock: join(path, 'lock.db'),
    simulatedWorld: join(path, 'simulated-world.jsonl'),
    data: dataFolderOf(path),
  };
}

/** Where the volumes of the embedded default are, below the state folder. */
export function dataFolderOf(stateFolder: string): string {
  return join(stateFolder, 'data');
}

/** As `recursive: true` should: Node 20's never returns where the file system answers ENOENT for a folder whose parent is there, as /proc does. */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    return;
  }
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
