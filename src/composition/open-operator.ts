import { randomInt, randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createOperator, type Operator, type OperatorDependencies } from '../blockstore/operator.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { StateChoice } from '../cli/state-choice.ts';
import { defaultStateFolder, simulatedStateFolder } from '../settings/default-state-folder.ts';
import { readSettings } from '../settings/read-settings.ts';
import { openSqliteStore } from '../store/sqlite/sqlite-store.ts';
import { lockState } from '../store/sqlite/state-lock.ts';
import type { Store } from '../store/store.ts';
import { namedHosts } from './named-hosts.ts';
import { databaseName, openStateFolder } from './state-folder.ts';

/**
 * What the command line does with a state folder directly, beside a running server or without one.
 * Throws CommandFailed when there is no state in it, unless it is to be made.
 */
export function openOperator(
  stateFolder: string,
  { make = false, config }: { readonly make?: boolean; readonly config?: string | undefined } = {},
): { readonly operator: Operator; close(): void } {
  if (!make) {
    refuseWithoutState(stateFolder);
  }
  const folder = openStateFolder(stateFolder);
  const store = openSqliteStore({ file: folder.database, clock: Date.now, newUuid: randomUUID });
  const named = (siteKind: string | undefined) => namedHosts(siteKind, readSettings(config).value);
  return { operator: operatorOn(store, () => lockState(folder.lock), named), close: () => store.close() };
}

/** As `openOperator`, in the state folder that the options of a command or the settings name. */
export function openChosenOperator(
  { state, config }: StateChoice,
  options: { readonly make?: boolean } = {},
): ReturnType<typeof openOperator> {
  return openOperator(chosenStateFolder({ state, config }), { ...options, config });
}

/** As the server itself chooses it. Throws what `readSettings` throws. */
export function chosenStateFolder({
  state,
  config,
}: {
  readonly state?: string | undefined;
  readonly config?: string | undefined;
}): string {
  return state ?? readSettings(config).value.state ?? defaultStateFolder();
}

function refuseWithoutState(stateFolder: string): void {
  try {
    statSync(join(stateFolder, databaseName));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      const mend = 'run this as the user of the server, or as root';
      throw new CommandFailed(exitCodes.refused, `the state folder ${stateFolder} may not be read by this user (${code}): ${mend}`, {
        cause,
      });
    }
    const simulated = simulatedStateFolder();
    const hint = existsSync(join(simulated, databaseName)) ? `; that of a simulated site is ${simulated}` : '';
    const mend = `name the server's state folder with --state, or its settings with --config${hint}`;
    const found = code === 'ENOTDIR' ? `the state folder ${stateFolder} is no folder` : `there is no VBS state in ${stateFolder}`;
    throw new CommandFailed(exitCodes.refused, `${found}; ${mend}`, { cause });
  }
}

/** Within a server, which holds its state, without `holdState`. */
export function operatorOn(
  store: Store,
  holdState: OperatorDependencies['holdState'] = () => undefined,
  hostNames: OperatorDependencies['hostNames'] = (siteKind) => namedHosts(siteKind, readSettings(undefined).value),
): Operator {
  const randomText = (length: number, characters: string): string =>
    Array.from({ length }, () => characters.charAt(randomInt(characters.length))).join('');
  return createOperator({ store, clock: Date.now, randomText, holdState, hostNames });
}
