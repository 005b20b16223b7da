import { randomUUID } from 'node:crypto';
import { systemClock } from '../drivers/command/clock.ts';
import type { Host } from '../drivers/command/host.ts';
import { localHost } from '../drivers/command/local-host.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * The machines that resolvers run commands on: the service's own without a name, and the VMM hosts by theirs. Nothing has to be prepared
 * on them, for resolvers bring no scripts. They share the ssh connections of the drivers. `stateFolder` is absolute.
 */
export async function resolverHosts(
  settings: Settings,
  { vmmHosts, stateFolder }: { readonly vmmHosts: readonly string[]; readonly stateFolder: string },
): Promise<(name?: string) => Host | undefined> {
  const isRemote = settings.vmmHosts.some(({ ssh }) => ssh !== undefined);
  const reach = isRemote ? (await import('../drivers/command/ssh-host.ts')).sshHost : undefined;
  const hosts = new Map<string, Host>(vmmHosts.map((name) => [name, localHost(name, systemClock)]));
  for (const { name, ssh } of settings.vmmHosts) {
    if (ssh !== undefined && reach !== undefined && hosts.has(name)) {
      hosts.set(name, reach(name, ssh, { stateFolder, clock: systemClock, newMark: randomUUID }));
    }
  }
  const here = localHost('this machine', systemClock);
  return (name) => (name === undefined ? here : hosts.get(name));
}
