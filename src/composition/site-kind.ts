import { existsSync } from 'node:fs';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import { simulatedStateFolder } from '../settings/default-state-folder.ts';
import { type DatabaseSight, lookAtDatabase } from '../store/sqlite/look-at-database.ts';
import type { Store } from '../store/store.ts';
import type { StateFolder } from './state-folder.ts';

/** What the volumes of a database are: hosts' own, or those of a world in memory. */
export type SiteKind = 'simulated' | 'real';

/** The only one of a simulated site. */
export const simulatedVolumeServer = 'simulated';

const article = { simulated: 'a simulated site', real: 'a real site' } as const satisfies Record<SiteKind, string>;

/**
 * Refuses to serve one kind of site from a database of the other, and one that a newer version has written, before anything is changed in it: the volumes
 * of the one would be shown by the other, and never be found. Throws CommandFailed.
 */
export function refuseOtherSite(folder: Pick<StateFolder, 'path' | 'database' | 'simulatedWorld'>, kind: SiteKind): void {
  const sight = lookAtDatabase(folder.database);
  if (sight === 'foreign') {
    throw new CommandFailed(
      exitCodes.refused,
      `the database ${folder.database} is one of another program; name another folder with --state`,
    );
  }
  if (sight?.isNewer === true) {
    throw new CommandFailed(
      exitCodes.refused,
      `the database ${folder.database} was written by a newer version of VBS; start that version, or "vbs restore" a backup that is older`,
    );
  }
  const found = sight && siteKindOf(sight, { hasSimulatedWorld: existsSync(folder.simulatedWorld) });
  if (found !== undefined && found !== kind) {
    const remedy =
      kind === 'simulated'
        ? `leave out --state and "state" of the settings, and the simulated site is kept in ${simulatedStateFolder()}; or name another folder with --state`
        : 'add --simulate to serve that one; for a real site name another folder with --state, or "state" in the settings';
    throw new CommandFailed(
      exitCodes.wrongUsage,
      `the state folder ${folder.path} is that of ${article[found]}, not of ${article[kind]}: ${remedy}`,
    );
  }
}

/** Marks a database that no start has marked before. */
export async function markSite(store: Pick<Store, 'decideSiteFact'>, kind: SiteKind): Promise<void> {
  await store.decideSiteFact('site-kind', kind);
}

/**
 * What the database was marked as; of one that is older than the mark, what its volumes tell. `undefined` when nothing tells. Volumes of both kinds, as a
 * service of an older version could leave them, are a real site's: there is something to lose.
 */
export function siteKindOf(
  { siteKind, volumeServers }: Pick<DatabaseSight, 'siteKind' | 'volumeServers'>,
  { hasSimulatedWorld }: { readonly hasSimulatedWorld: boolean },
): SiteKind | undefined {
  if (siteKind === 'simulated' || siteKind === 'real') {
    return siteKind;
  }
  if (volumeServers.some((name) => name !== simulatedVolumeServer)) {
    return 'real';
  }
  return volumeServers.length > 0 && hasSimulatedWorld ? 'simulated' : undefined;
}
