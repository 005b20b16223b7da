import type { HostNames } from '../blockstore/unnamed-hosts.ts';
import { simulatedVmmHosts } from '../drivers/simulated/instances.ts';
import type { Settings } from '../settings/settings.ts';
import { embeddedVolumeServer } from './embedded-volume-server.ts';
import { simulatedVolumeServer } from './site-kind.ts';

/** The hosts that a server with these settings would have, without building them. A simulated one has its own, whatever the settings name. */
export function namedHosts(siteKind: string | undefined, { volumeServers, vmmHosts, simulation }: Settings): HostNames {
  if (siteKind === 'simulated') {
    const ofDomains = simulation.domains.map((domain) => domain.split('/')[0] ?? '');
    return { volumeServers: new Set([simulatedVolumeServer]), vmmHosts: new Set([...Object.keys(simulatedVmmHosts), ...ofDomains]) };
  }
  return {
    volumeServers: new Set((volumeServers ?? [embeddedVolumeServer('')]).map(({ name }) => name)),
    vmmHosts: new Set(vmmHosts.map(({ name }) => name)),
  };
}
