import type { QueuePlace } from '../saga/fair-queue.ts';
import type { Operation } from '../saga/operation.ts';
import { hostsOf } from './sagas/operation-hosts.ts';
import { restoreAttachmentHeader } from './sagas/restore-attachment.ts';
import type { Site } from './site.ts';

/**
 * Accounts take turns. What an account's attachments have lost takes a turn of its own, so that VMs that wait for their disks do not wait for what their
 * owner asked for besides; what concerns the whole site, or is older than accounts of operations, is one group. Hosts are lanes where there are several
 * of their kind: while the only one hangs, there is nothing else that could be done.
 */
export function operationPlaces({
  volumeServers,
  vmmHosts,
}: Pick<Site, 'volumeServers' | 'vmmHosts'>): (operation: Operation) => QueuePlace {
  return ({ kind, accountId = '', input }) => {
    const { volumeServer, vmmHosts: vmms = [] } = hostsOf(input);
    const lanes = [...(volumeServer !== undefined && volumeServers.size > 1 ? [volumeServer] : []), ...(vmmHosts.size > 1 ? vmms : [])];
    return { group: kind === restoreAttachmentHeader.kind ? `${accountId} repairs` : accountId, lanes: [...new Set(lanes)] };
  };
}
