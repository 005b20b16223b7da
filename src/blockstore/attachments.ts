import type { DomainFacts } from '../drivers/vmm.ts';
import type { Attachment } from '../model/attachment.ts';
import type { Caller } from '../model/caller.ts';
import { deviceSlot } from '../model/device-name.ts';
import { Failure } from '../model/failure.ts';
import type { InstanceId, VolumeId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import { type Volume, volumeCan } from '../model/volume.ts';
import { beginOrRecheck, endDryRun } from './begin-or-recheck.ts';
import { refuseBarred, refuseWhileChanging } from './blockers.ts';
import type { Attachments, DetachRequest } from './blockstore.ts';
import { doubtfulSize } from './doubtful-size.ts';
import { resolvedPlacement } from './resolved-placement.ts';
import { type AttachVolumeInput, attachVolumeHeader } from './sagas/attach-volume.ts';
import { type DetachVolumeInput, detachVolumeHeader } from './sagas/detach-volume.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

/** A volume with this tag is attached read-only when its value is `true`. */
const readOnlyTag = 'vbs:read-only';

export function createAttachments(dependencies: UseCaseDependencies): Attachments {
  const { store, site, resolver, owner, clock, newSecret, startOperation } = dependencies;

  return {
    async attach(caller, { volumeId, instanceId, device, dryRun }) {
      const volume = await findVolume(caller, volumeId);
      await refuseUnattachable(volume);
      // Not from memory: a VM that has moved since would leave the disk on the host that it left.
      const placement = await resolvedPlacement(resolver, instanceId, { fresh: true });
      const slot = deviceSlot(device);
      const check = async () => {
        await refuseUnattachable(await findVolume(caller, volumeId));
        await refuseWhileChanging(store, volumeId);
        if (await store.isDeviceTaken({ instanceId, placement, deviceSlot: slot })) {
          throw new Failure({ kind: 'device-in-use', device, instanceId });
        }
      };
      await check();
      const readOnly = isReadOnly(volume);
      const { uuid: domainUuid } = await findRunning(instanceId, placement);
      if (readOnly) {
        refuseUnlessReadOnly(volume, placement);
      }
      endDryRun(dryRun);
      const id = await store.issueId('attachment');
      const attachment = { id, volumeId, instanceId, device, placement, attachedAtMs: clock(), deleteOnTermination: false };
      const newAttachment = {
        ...attachment,
        accountId: caller.accountId,
        deviceSlot: slot,
        readOnly,
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
      const { volumeId, force, dryRun } = request;
      const check = async () => {
        const attachment = findAttachment(await findVolume(caller, volumeId), request);
        await refuseWhileChanging(store, volumeId);
        return attachment;
      };
      const attachment = await check();
      endDryRun(dryRun);
      const input: DetachVolumeInput = { volumeId, attachmentId: attachment.id, ...(force === true && { force }) };
      const operation = { ...detachVolumeHeader, id: await store.issueId('operation'), resourceId: volumeId, input, owner };
      const begin = () => store.beginDetach({ accountId: caller.accountId, attachmentId: attachment.id, operation });
      startOperation(await beginOrRecheck(begin, check));
      return { ...attachment, state: 'detaching' };
    },
  };

  async function refuseUnattachable({ id: volumeId, state, attachments: [attachment] }: Volume): Promise<void> {
    await refuseBarred(store, volumeId);
    if (attachment !== undefined) {
      throw new Failure({ kind: 'volume-in-use', volumeId, instanceId: attachment.instanceId });
    }
    if (!volumeCan[state].attach) {
      throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'available' });
    }
  }

  async function findVolume({ accountId }: Caller, volumeId: VolumeId): Promise<Volume> {
    const [volume] = await store.volumes(accountId, [volumeId]);
    if (volume === undefined) {
      throw new Failure({ kind: 'volume-not-found', volumeIds: [volumeId] });
    }
    return volume;
  }

  /** A guest that could write all the same, or a disk that would not go in, is worse than none. */
  function refuseUnlessReadOnly({ id: volumeId, volumeServer }: Volume, { vmmHost }: Placement): void {
    const cannot =
      site.volumeServers.get(volumeServer)?.exports.exportsReadOnly !== true
        ? 'its volume server cannot refuse writes to an export'
        : site.vmmHosts.get(vmmHost)?.vmm.takesReadOnly !== true
          ? 'the VMM host of the instance cannot take a disk that is read-only'
          : undefined;
    if (cannot !== undefined) {
      const reason = `The volume ${volumeId} has the tag ${readOnlyTag}, and ${cannot}. Take the tag away to attach it for writing.`;
      throw new Failure({ kind: 'unsupported', reason });
    }
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

/** Whether the owner wants it attached read-only, as its tags say when it is attached. */
function isReadOnly({ id: volumeId, tags }: Volume): boolean {
  const value = tags.find(({ key }) => key === readOnlyTag)?.value;
  if (value !== undefined && value !== 'true' && value !== 'false') {
    const reason = `The tag ${readOnlyTag} of ${volumeId} has to be true or false, and is '${value}'.`;
    throw new Failure({ kind: 'invalid-parameter-value', parameter: 'VolumeId', reason });
  }
  return value === 'true';
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
