import type { DomainFacts } from '../drivers/vmm.ts';
import type { Attachment } from '../model/attachment.ts';
import type { Caller } from '../model/caller.ts';
import { deviceSlot } from '../model/device-name.ts';
import { Failure } from '../model/failure.ts';
import type { AccountId, InstanceId, VolumeId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import { maxAttachmentsOfVolume, type Volume, volumeCan } from '../model/volume.ts';
import { openOperationStates } from '../saga/operation.ts';
import { beginOrRecheck, endDryRun } from './begin-or-recheck.ts';
import { refuseBarred, refuseWhileChanging } from './blockers.ts';
import type { Attachments, AttachRequest, DetachRequest } from './blockstore.ts';
import { refuseUnshareable } from './multi-attach.ts';
import { type AttachVolumeInput, attachVolumeHeader } from './sagas/attach-volume.ts';
import { type DetachVolumeInput, detachVolumeHeader } from './sagas/detach-volume.ts';
import { restoreAttachmentHeader } from './sagas/restore-attachment.ts';
import { createTurns } from './turns.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';
import type { VisibleInstances } from './visible-instances.ts';

/** A volume with this tag is attached read-only when its value is `true`. */
const readOnlyTag = 'vbs:read-only';

/** How long a request waits for the attaches and detaches of other instances with the same volume; clients wait for an answer for a minute. */
const patienceMs = 30_000;
const lookEveryMs = 50;
/** How many requests of an account may wait so: each looks again and again. */
const mostPatient = 32;

export function createAttachments(dependencies: UseCaseDependencies, visible: VisibleInstances): Attachments {
  const { store, site, owner, clock, sleep, newSecret, mostOpenOperations: mostOpen, startOperation } = dependencies;
  const inTurn = createTurns();
  const patient = new Map<AccountId, number>();

  return {
    attach: (caller, request) => oneAtATime(caller, request.volumeId, () => attach(caller, request)),
    detach: (caller, request) => oneAtATime(caller, request.volumeId, () => detach(caller, request)),
  };

  async function attach(caller: Caller, { volumeId, instanceId, device, dryRun }: AttachRequest): Promise<Attachment> {
    await refuseUnattachable(await findVolume(caller, volumeId), instanceId);
    // Not from memory: a VM that has moved since would leave the disk on the host that it left.
    const { placement } = await visible.find(caller, instanceId, { fresh: true });
    const slot = deviceSlot(device);
    const check = async () => {
      const found = await findVolume(caller, volumeId);
      await refuseUnattachable(found, instanceId, placement);
      await refuseWhileChanging(store, volumeId);
      if (await store.isDeviceTaken({ instanceId, placement, deviceSlot: slot })) {
        throw new Failure({ kind: 'device-in-use', device, instanceId });
      }
      if (found.multiAttach === true) {
        refuseUnshareable(found, placement, site);
      }
      return found;
    };
    let volume = await check();
    const readOnly = isReadOnly(volume);
    const { uuid: domainUuid } = await findRunning(instanceId, placement);
    if (readOnly) {
      refuseUnlessReadOnly(volume, placement);
    }
    endDryRun(dryRun);
    const id = await store.issueId('attachment');
    const chapSecret = newSecret();
    const attachment = () => ({
      id,
      volumeId,
      generation: volume.attachmentsBegun + 1,
      instanceId,
      device,
      placement,
      attachedAtMs: clock(),
      deleteOnTermination: false,
    });
    const newAttachment = () => ({
      ...attachment(),
      accountId: caller.accountId,
      deviceSlot: slot,
      readOnly,
      shared: volume.multiAttach === true,
      target: `${site.iqnPrefix}:${volumeId}`,
      // These are new for every attachment, so that what an earlier holder still knows opens nothing.
      initiatorName: site.vmmHosts.get(placement.vmmHost)?.initiatorName ?? `${site.iqnPrefix}:${id}`,
      chapUser: id,
      chapSecret,
    });
    const hosts = { volumeServer: volume.volumeServer, vmmHosts: [placement.vmmHost] };
    const input: AttachVolumeInput = { volumeId, attachmentId: id, domainUuid, ...hosts };
    const operationId = await store.issueId('operation');
    const { accountId } = caller;
    const operation = { ...attachVolumeHeader, id: operationId, resourceId: volumeId, accountId, mostOpen, input, owner };
    const recheck = async () => {
      volume = await check();
    };
    startOperation(await beginOrRecheck(() => store.beginAttach({ attachment: newAttachment(), operation }), recheck));
    return { ...attachment(), state: 'attaching' };
  }

  async function detach(caller: Caller, request: DetachRequest): Promise<Attachment> {
    const { volumeId, force, dryRun } = request;
    const { accountId } = caller;
    const check = async () => {
      const volume = await findVolume(caller, volumeId);
      const attachment = findAttachment(volume, request);
      await refuseWhileChanging(store, volumeId);
      return { volume, attachment };
    };
    const { volume, attachment } = await check();
    endDryRun(dryRun);
    const hosts = { volumeServer: volume.volumeServer, vmmHosts: [attachment.placement.vmmHost] };
    const input: DetachVolumeInput = { volumeId, attachmentId: attachment.id, ...hosts, ...(force === true && { force }) };
    const operationId = await store.issueId('operation');
    const operation = { ...detachVolumeHeader, id: operationId, resourceId: volumeId, accountId, mostOpen, input, owner };
    const begin = () => store.beginDetach({ accountId, attachmentId: attachment.id, operation });
    startOperation(await beginOrRecheck(begin, check));
    return { ...attachment, state: 'detaching' };
  }

  /**
   * One operation changes a volume at a time. Where several instances have it, clients attach them side by side and expect each to be taken, as EC2
   * does: so their requests wait for one another. What is stuck, or takes too long, is answered as of any other volume.
   */
  async function oneAtATime(caller: Caller, volumeId: VolumeId, task: () => Promise<Attachment>): Promise<Attachment> {
    if ((await findVolume(caller, volumeId)).multiAttach !== true) {
      return task();
    }
    const { accountId } = caller;
    const others = patient.get(accountId) ?? 0;
    if (others >= mostPatient) {
      throw new Failure({ kind: 'request-limit', reason: 'Too many requests of the account wait for other attachments of their volumes.' });
    }
    patient.set(accountId, others + 1);
    const untilMs = clock() + patienceMs;
    try {
      return await inTurn(volumeId, async () => {
        while (clock() < untilMs && (await isAttachingOrDetaching(volumeId))) {
          await sleep(lookEveryMs);
        }
        return task();
      });
    } finally {
      const left = (patient.get(accountId) ?? 1) - 1;
      if (left === 0) patient.delete(accountId);
      else patient.set(accountId, left);
    }
  }

  async function isAttachingOrDetaching(volumeId: VolumeId): Promise<boolean> {
    const [operation] = await store.operations({ states: openOperationStates, resourceId: volumeId, limit: 1 });
    return operation !== undefined && operation.state !== 'stuck' && attachmentKinds.includes(operation.kind);
  }

  /** Without a placement, as far as can be told before the cloud was asked for it. */
  async function refuseUnattachable(volume: Volume, instanceId: InstanceId, placement?: Placement): Promise<void> {
    const { id: volumeId, state, attachments, multiAttach = false } = volume;
    await refuseBarred(store, volumeId);
    const inTheWay = multiAttach ? attachments.find((each) => isOfVm(each, instanceId, placement)) : attachments[0];
    if (inTheWay !== undefined) {
      throw new Failure({ kind: 'volume-in-use', volumeId, instanceId: inTheWay.instanceId });
    }
    if (attachments.length >= maxAttachmentsOfVolume) {
      throw new Failure({ kind: 'attachment-limit', volumeId, most: maxAttachmentsOfVolume });
    }
    if (!volumeCan[state].attach && !(multiAttach && state === 'in-use')) {
      throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'available' });
    }
    if (multiAttach && isReadOnly(volume)) {
      const reason = `The volume ${volumeId} has Multi-Attach enabled and the tag ${readOnlyTag}; it can have one of the two.`;
      throw new Failure({ kind: 'unsupported', reason });
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

/** The operations of attachments, by which a volume with multi-attach is busy for a moment. */
const attachmentKinds: readonly string[] = [attachVolumeHeader.kind, detachVolumeHeader.kind, restoreAttachmentHeader.kind];

/** A VM may be known by an id of its cloud and by its place. */
function isOfVm(attachment: Attachment, instanceId: InstanceId, placement: Placement | undefined): boolean {
  const { vmmHost, domain } = attachment.placement;
  return attachment.instanceId === instanceId || (vmmHost === placement?.vmmHost && domain === placement.domain);
}

/** The attachment that the request means: an instance or a device that was named must be its own. */
function findAttachment({ id: volumeId, state, attachments, multiAttach }: Volume, { instanceId, device }: DetachRequest): Attachment {
  if (attachments.length === 0) {
    throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'in-use' });
  }
  // As EC2 has it, even while there is one (EC2 API reference, DetachVolume).
  if (multiAttach === true && instanceId === undefined) {
    throw new Failure({ kind: 'missing-parameter', parameter: 'InstanceId' });
  }
  const attachment = attachments.find(
    (each) =>
      (instanceId === undefined || instanceId === each.instanceId) &&
      (device === undefined || deviceSlot(device) === deviceSlot(each.device)),
  );
  if (attachment === undefined) {
    throw new Failure({
      kind: 'attachment-not-found',
      volumeId,
      ...(instanceId !== undefined && { instanceId }),
      ...(device !== undefined && { device }),
    });
  }
  return attachment;
}
