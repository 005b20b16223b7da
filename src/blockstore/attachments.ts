import type { DomainFacts } from '../drivers/vmm.ts';
import type { Attachment } from '../model/attachment.ts';
import type { Caller } from '../model/caller.ts';
import { deviceSlot } from '../model/device-name.ts';
import { Failure } from '../model/failure.ts';
import type { InstanceId, VolumeId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import { type Volume, volumeCan } from '../model/volume.ts';
import { beginOrRecheck, endDryRun } from './begin-or-recheck.ts';
import { refuseWhileChanging } from './blockers.ts';
import type { Attachments, DetachRequest } from './blockstore.ts';
import { doubtfulSize } from './doubtful-size.ts';
import { resolvedPlacement } from './resolved-placement.ts';
import { type AttachVolumeInput, attachVolumeHeader } from './sagas/attach-volume.ts';
import { type DetachVolumeInput, detachVolumeHeader } from './sagas/detach-volume.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

export function createAttachments(dependencies: UseCaseDependencies): Attachments {
  const { store, site, resolver, owner, clock, newSecret, startOperation } = dependencies;

  return {
    async attach(caller, { volumeId, instanceId, device, dryRun }) {
      refuseUnattachable(await findVolume(caller, volumeId));
      // Not from memory: a VM that has moved since would leave the disk on the host that it left.
      const placement = await resolvedPlacement(resolver, instanceId, { fresh: true });
      const slot = deviceSlot(device);
      const check = async () => {
        refuseUnattachable(await findVolume(caller, volumeId));
        await refuseWhileChanging(store, volumeId);
        if (await store.isDeviceTaken({ instanceId, placement, deviceSlot: slot })) {
          throw new Failure({ kind: 'device-in-use', device, instanceId });
        }
      };
      await check();
      const { uuid: domainUuid } = await findRunning(instanceId, placement);
      endDryRun(dryRun);
      const id = await store.issueId('attachment');
      const attachment = { id, volumeId, instanceId, device, placement, attachedAtMs: clock(), deleteOnTermination: false };
      const newAttachment = {
        ...attachment,
        accountId: caller.accountId,
        deviceSlot: slot,
        target: `${site.iqnPrefix}:${volumeId}`,
        // These are new for every attachment, so that what an earlier holder still knows opens nothing.
        initiatorName: site.vmmHosts.get(placement.vmmHost)?.initiatorName ?? `${site.iqnPrefix}:${id}`,
        chapUser: id,
        chapSecret: newSecret(),
      };
      const doubt = await doubtfulSize(store, caller, await findVolume(caller, volumeId));
      const input: AttachVolumeInput = { volumeId, attachmentId: id, domainUuid, ...doubt };
      const operation = { ...attachVolumeHeader, id: await store.issueId('operation'), resourceId: volumeId, input, owner };
      startOperation(await beginOrRecheck(() => store.beginAttach({ attachment: newAttachment, operation }), check));
      return { ...attachment, state: 'attaching' };
    },

    async detach(caller, request) {
      const { volumeId, dryRun } = request;
      const check = async () => {
        const attachment = findAttachment(await findVolume(caller, volumeId), request);
        await refuseWhileChanging(store, volumeId);
        return attachment;
      };
      const attachment = await check();
      endDryRun(dryRun);
      const input: DetachVolumeInput = { volumeId, attachmentId: attachment.id };
      const operation = { ...detachVolumeHeader, id: await store.issueId('operation'), resourceId: volumeId, input, owner };
      const begin = () => store.beginDetach({ accountId: caller.accountId, attachmentId: attachment.id, operation });
      startOperation(await beginOrRecheck(begin, check));
      return { ...attachment, state: 'detaching' };
    },
  };

  async function findVolume({ accountId }: Caller, volumeId: VolumeId): Promise<Volume> {
    const [volume] = await store.volumes(accountId, [volumeId]);
    if (volume === undefined) {
      throw new Failure({ kind: 'volume-not-found', volumeIds: [volumeId] });
    }
    return volume;
  }

  async function findRunning(instanceId: InstanceId, { vmmHost, domain }: Placement): Promise<DomainFacts> {
    const host = site.vmmHosts.get(vmmHost);
    if (host === undefined) {
      throw new Failure({
        kind: 'unsupported',
        reason: `The instance ${instanceId} runs on a VMM host that this site's settings do not name.`,
      });
    }
    const answer = await host.vmm.domain(domain).catch((cause: unknown) => {
      throw new Failure({ kind: 'unavailable', reason: `The VMM host of the instance ${instanceId} does not answer.` }, { cause });
    });
    if (answer.value === undefined && instanceId === `${vmmHost}/${domain}`) {
      // The direct form: nobody but the host could have known it.
      throw new Failure({ kind: 'instance-not-found', instanceIds: [instanceId] });
    }
    if (answer.value?.state !== 'running') {
      throw new Failure({ kind: 'instance-not-running', instanceId });
    }
    return answer.value;
  }
}

function refuseUnattachable({ id: volumeId, state, attachments: [attachment] }: Volume): void {
  if (attachment !== undefined) {
    throw new Failure({ kind: 'volume-in-use', volumeId, instanceId: attachment.instanceId });
  }
  if (!volumeCan[state].attach) {
    throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'available' });
  }
}

/** The volume's attachment, when the request means it: an instance or a device that was named must be its own. */
function findAttachment({ id: volumeId, state, attachments: [attachment] }: Volume, { instanceId, device }: DetachRequest): Attachment {
  if (attachment === undefined) {
    throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'in-use' });
  }
  const isMeant =
    (instanceId === undefined || instanceId === attachment.instanceId) &&
    (device === undefined || deviceSlot(device) === deviceSlot(attachment.device));
  if (!isMeant) {
    throw new Failure({
      kind: 'attachment-not-found',
      volumeId,
      ...(instanceId !== undefined && { instanceId }),
      ...(device !== undefined && { device }),
    });
  }
  return attachment;
}
