import { randomUUID } from 'node:crypto';
import { systemClock } from '../drivers/command/clock.ts';
import type { Host } from '../drivers/command/host.ts';
import { localHost } from '../drivers/command/local-host.ts';
import type { SshSettings } from '../settings/settings.ts';

/** A host of the settings as it is, for commands that need none of a backend's scripts. `stateFolder` is absolute. */
export async function hostOf(
  { name, ssh }: { readonly name: string; readonly ssh?: SshSettings | undefined },
  stateFolder: string,
): Promise<Host> {
  if (ssh === undefined) return localHost(name, systemClock);
  const { sshHost } = await import('../drivers/command/ssh-host.ts');
  return sshHost(name, ssh, { stateFolder, clock: systemClock, newMark: randomUUID });
}
