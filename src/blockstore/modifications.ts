import type { Attachment } from '../model/attachment.ts';
import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { VolumeId } from '../model/ids.ts';
import { type Volume, volumeCan } from '../model/volume.ts';
import type { VolumeShape } from '../model/volume-modification.ts';
import { modifiedShape } from '../model/volume-parameters.ts';
import { beginOrRecheck, endDryRun } from './begin-or-recheck.ts';
import { refuseWhileChanging, refuseWhileCopied, refuseWhileModified } from './blockers.ts';
import type { Modifications, Volumes } from './blockstore.ts';
import { refuseUnlessShareable } from './multi-attach.ts';
import { refuseMissing } from './refuse-missing.ts';
import { type ModifyVolumeInput, modifyVolumeHeader } from './sagas/modify-volume.ts';
import { refuseWithoutRoom } from './storage-room.ts';
import { refuseOnOtherServer } from './type-placement.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

export function createModifications(dependencies: UseCaseDependencies, volumes: Volumes): Modifications {
  const { store, site, owner, clock, mostOpenOperations: mostOpen, startOperation } = dependencies;

  return {
    listAfter: ({ accountId }, range) => store.modificationsAfter(accountId, range),

    async modify(caller, request) {
      const { volumeId, dryRun } = request;
      const check = async () => {
        const volume = await one(caller, volumeId);
        const original = shapeOf(volume);
        const target = modifiedShape(original, finishingGrowth(request, await store.sizesInDoubt(volumeId)), site.volumeTypes);
        await refuseUnmodifiable(caller, volume, target);
        const grows = target.sizeGiB !== original.sizeGiB;
        return { volume, original, target, attachmentIds: grows ? volume.attachments.map(({ id }) => id) : [] };
      };
      const { volume, original, target, attachmentIds } = await check();
      if (target.sizeGiB !== volume.sizeGiB) {
        await refuseWithoutRoom(dependencies, volume.volumeServer, { sizeGiB: target.sizeGiB, addedGiB: target.sizeGiB - volume.sizeGiB });
      }
      endDryRun(dryRun);
      const modification = { volumeId, original, target, startedAtMs: clock() };
      const { volumeServer } = volume;
      const sizes = { oldSizeGiB: original.sizeGiB, newSizeGiB: target.sizeGiB };
      const [attachmentId, ...otherAttachmentIds] = attachmentIds;
      const input: ModifyVolumeInput = {
        volumeId,
        volumeServer,
        ...sizes,
        ...(attachmentId !== undefined && { attachmentId, vmmHosts: volume.attachments.map(({ placement }) => placement.vmmHost) }),
        ...(otherAttachmentIds.length > 0 && { otherAttachmentIds }),
      };
      const id = await store.issueId('operation');
      const { accountId } = caller;
      const operation = { ...modifyVolumeHeader, id, resourceId: volumeId, accountId, mostOpen, input, owner };
      const begin = () => store.beginModify({ accountId, attachmentIds, modification, operation });
      startOperation(await beginOrRecheck(begin, () => refuseIfChanged(check, original)));
      return { ...modification, state: 'modifying', progressPercent: 0 };
    },

    async list(caller, volumeIds) {
      if (volumeIds !== undefined) {
        await volumes.list(caller, volumeIds);
      }
      const found = await store.modifications(caller.accountId, volumeIds);
      const asFound = found.map(({ volumeId }) => ({ id: volumeId }));
      refuseMissing(volumeIds, asFound, (missing) => ({ kind: 'modification-not-found', volumeIds: missing }));
      return found;
    },
  };

  /** A volume that another modification changed meanwhile is not the one that was asked about. */
  async function refuseIfChanged(check: () => Promise<{ readonly original: VolumeShape }>, original: VolumeShape): Promise<void> {
    const now = await check();
    if (JSON.stringify(now.original) !== JSON.stringify(original)) {
      throw new Failure({ kind: 'unavailable', reason: 'Another request modified the volume at the same time.' });
    }
  }

  async function refuseUnmodifiable(caller: Caller, volume: Volume, target: VolumeShape): Promise<void> {
    const { id: volumeId, state } = volume;
    if (!volumeCan[state].modify) {
      throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'available' });
    }
    const isAttachedTooOften = volume.attachments.length > (volume.multiAttach === true ? 1 : 0);
    if (volume.multiAttach !== target.multiAttach && isAttachedTooOften) {
      throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'available' });
    }
    if (target.multiAttach === true) {
      refuseUnlessShareable(site, volume.volumeServer);
    }
    if (target.type !== volume.type) {
      refuseOnOtherServer(site, target.type, volume.volumeServer);
    }
    await refuseWhileModified(store, caller, volumeId);
    await refuseWhileChanging(store, volumeId);
    if (target.sizeGiB === volume.sizeGiB) {
      return;
    }
    if (site.volumeServers.get(volume.volumeServer)?.volumes.grow === undefined) {
      throw new Failure({ kind: 'unsupported', reason: 'The backend of this site cannot make a volume larger.' });
    }
    for (const attachment of volume.attachments) {
      refuseUngrowable(volume, attachment);
    }
    await refuseWhileCopied(store, volumeId);
  }

  /** Everything between the volume and the VM has to notice that it grows. */
  function refuseUngrowable({ id: volumeId, volumeServer }: Volume, { state, placement: { vmmHost } }: Attachment): void {
    if (state !== 'attached') {
      throw new Failure({
        kind: 'unsupported',
        reason: `The volume ${volumeId} is ${state}. Make it larger once it is attached or available.`,
      });
    }
    const host = site.vmmHosts.get(vmmHost);
    const blind =
      site.volumeServers.get(volumeServer)?.exports.grow === undefined
        ? // tgt reads the size of what it exports once, when it begins to (tgt 1.0.85): the VM would go on seeing the old size.
          'its export'
        : host?.vmm.takes === 'device' && host.initiator?.grow === undefined
          ? "its host's initiator"
          : host?.vmm.grow === undefined
            ? 'its hypervisor'
            : undefined;
    if (blind !== undefined) {
      const reason = `The volume ${volumeId} is attached, and ${blind} would not notice that it has grown. Detach it, and make it larger then.`;
      throw new Failure({ kind: 'unsupported', reason });
    }
  }

  async function one(caller: Caller, volumeId: VolumeId): Promise<Volume> {
    const [volume] = await volumes.list(caller, [volumeId]);
    return volume as Volume;
  }
}

function shapeOf({ sizeGiB, type, iops, throughputMiBps, multiAttach }: Volume): VolumeShape {
  return {
    sizeGiB,
    type,
    ...(iops !== undefined && { iops }),
    ...(throughputMiBps !== undefined && { throughputMiBps }),
    ...(multiAttach !== undefined && { multiAttach }),
  };
}

/** A volume that may have grown already cannot become smaller again, so whatever is modified of it, its growing is brought to its end. */
function finishingGrowth<Request extends { readonly sizeGiB?: number | undefined }>(
  request: Request,
  sizesInDoubtGiB: readonly number[],
): Request {
  return sizesInDoubtGiB.length === 0 ? request : { ...request, sizeGiB: Math.max(request.sizeGiB ?? 0, ...sizesInDoubtGiB) };
}
