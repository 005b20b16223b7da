import { Failure } from '../model/failure.ts';
import type { Placement } from '../model/placement.ts';
import type { Volume } from '../model/volume.ts';
import type { Site } from './site.ts';

/** Throws when the volume server could never let a second instance in, so that the volume would not be what was asked for. */
export function refuseUnlessShareable({ volumeServers }: Site, volumeServer: string): void {
  if (volumeServers.get(volumeServer)?.exports.sharesExports !== true) {
    const reason = 'Multi-Attach is not supported here: the export server of the volume lets in one initiator at a time.';
    throw new Failure({ kind: 'unsupported', reason });
  }
}

/** Throws when something between a volume with multi-attach and the instance cannot be trusted to share it. */
export function refuseUnshareable({ id: volumeId, volumeServer, attachments }: Volume, { vmmHost }: Placement, site: Site): void {
  refuseUnlessShareable(site, volumeServer);
  const host = site.vmmHosts.get(vmmHost);
  if (host?.vmm.takesShared !== true) {
    const reason = `The volume ${volumeId} has Multi-Attach enabled, and the VMM host of the instance is not known to share volumes without a cache of its own.`;
    throw new Failure({ kind: 'unsupported', reason });
  }
  // The host logs in to a target once, by one name, and that session is the first instance's.
  const neighbour = host.vmm.takes === 'device' ? attachments.find(({ placement }) => placement.vmmHost === vmmHost) : undefined;
  if (neighbour !== undefined) {
    const reason = `The volume ${volumeId} is attached to ${neighbour.instanceId}, which runs on the same VMM host, and this kind of host gives a volume to one of its instances. Use an instance on another host.`;
    throw new Failure({ kind: 'unsupported', reason });
  }
}
