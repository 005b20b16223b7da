import { randomInt, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createOperator, type Operator, type OperatorDependencies } from '../blockstore/operator.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { lockState } from '../store/sqlite/state-lock.ts';
import type { Store } from '../store/store.ts';
import { databaseName, openStateFolder } from './state-folder.ts';

/**
 * What the command line does with a state folder directly, beside a running server or without one.
 * Throws CommandFailed when there is no state in it, unless it is to be made.
 */
export function openOperator(stateFolder: string, { make = false } = {}): { readonly operator: Operator; close(): void } {
  if (!make && !existsSync(join(stateFolder, databaseName))) {
    throw new CommandFailed(exitCodes.refused, `there is no VBS state in ${stateFolder}; name the server's state folder with --state`);
  }
  const folder = openStateFolder(stateFolder);
  const store = openSqliteStore({ file: folder.database, clock: Date.now, newUuid: randomUUID });
  return { operator: operatorOn(store, () => lockState(folder.lock)), close: () => store.close() };
}

/** Within a server, which holds its state, without `holdState`. */
export function operatorOn(store: Store, holdState: OperatorDependencies['holdState'] = () => undefined): Operator {
  const randomText = (length: number, characters: string): string =>
    Array.from({ length }, () => characters.charAt(randomInt(characters.length))).join('');
  return createOperator({ store, clock: Date.now, randomText, holdState });
}
