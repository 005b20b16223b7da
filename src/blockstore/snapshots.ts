import type { Attachment } from '../model/attachment.ts';
import type { Caller } from '../model/caller.ts';
import { deviceSlot } from '../model/device-name.ts';
import { Failure } from '../model/failure.ts';
import type { SnapshotId, VolumeId } from '../model/ids.ts';
import { type Snapshot, snapshotCan } from '../model/snapshot.ts';
import { lockStateAt, lockTimes } from '../model/snapshot-lock.ts';
import { maxTagsOfResource } from '../model/tag.ts';
import { type Volume, volumeCan } from '../model/volume.ts';
import { beginOrRecheck, doOrRecheck, endDryRun } from './begin-or-recheck.ts';
import { refuseWhileChanging, refuseWhileModified, refuseWhileRead } from './blockers.ts';
import type { CreateSnapshotRequest, CreateSnapshotsRequest, Snapshots } from './blockstore.ts';
import { refuseEncryptedByDefault } from './encryption-by-default.ts';
import { findVisibleSnapshot } from './find-visible-snapshot.ts';
import { leftOfSnapshotCopy } from './left-of-copy.ts';
import { refuseMissing } from './refuse-missing.ts';
import { type CopySnapshotInput, copySnapshotHeader } from './sagas/copy-snapshot.ts';
import { type CreateSnapshotInput, createSnapshotHeader } from './sagas/create-snapshot.ts';
import { type DeleteSnapshotInput, deleteSnapshotHeader } from './sagas/delete-snapshot.ts';
import { refuseWithoutRoom } from './storage-room.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';
import type { VisibleInstances } from './visible-instances.ts';

/** Of an instance whose volumes are all snapshotted (EBS user guide, "Create Amazon EBS snapshots": up to 128 volumes, the boot volume included). */
const mostVolumesAtOnce = 128;

export function createSnapshots(dependencies: UseCaseDependencies, visible: VisibleInstances): Snapshots {
  const { store, owner, clock, retention, mostOpenOperations: mostOpen, startOperation } = dependencies;

  const ofSnapshot = ({ accountId }: Caller, snapshotId: SnapshotId) => ({ resourceId: snapshotId, accountId, mostOpen, owner });

  const list: Snapshots['list'] = async ({ accountId }, snapshotIds) => {
    // EC2 has no state for a snapshot that is being deleted: it is gone as soon as the delete is accepted.
    const found = (await store.snapshots(accountId, snapshotIds)).filter(({ state }) => state !== 'deleting');
    refuseMissing(snapshotIds, found, (missing) => ({ kind: 'snapshot-not-found', snapshotIds: missing }));
    return found;
  };

  const listVisible: Snapshots['listVisible'] = async ({ accountId }, wanted) => {
    const visible = await store.visibleSnapshots(accountId, wanted);
    refuseMissing(wanted.snapshotIds, visible, (missing) => ({ kind: 'snapshot-not-found', snapshotIds: missing }));
    return visible;
  };

  const create = async (caller: Caller, request: CreateSnapshotRequest): Promise<Snapshot> => {
    const { volumeId, description, tags, dryRun } = request;
    const check = async () => {
      refuseUnreadable(await findVolume(caller, volumeId));
      await refuseWhileModified(store, caller, volumeId);
    };
    const { volumeServer, sizeGiB } = await findVolume(caller, volumeId);
    await check();
    await refuseWithoutRoom(dependencies, volumeServer, { what: 'snapshot', sizeGiB, addedGiB: 0 });
    endDryRun(dryRun);
    const snapshot = {
      id: await store.issueId('snapshot'),
      accountId: caller.accountId,
      volumeId,
      volumeSizeGiB: sizeGiB,
      volumeServer,
      description,
      startedAtMs: clock(),
      tags,
    };
    const input: CreateSnapshotInput = { snapshotId: snapshot.id, volumeId, volumeServer, sizeGiB };
    const id = await store.issueId('operation');
    const operation = { ...createSnapshotHeader, id, ...ofSnapshot(caller, snapshot.id), input };
    startOperation(await beginOrRecheck(() => store.beginCreateSnapshot({ snapshot, operation }), check));
    return { ...snapshot, state: 'pending', progressPercent: 0 };
  };

  return {
    list,
    listVisible,
    create,

    async copy(caller, { snapshotId, description, tags, dryRun }) {
      const check = async () => refuseUncopyable(await findVisibleSnapshot(store, caller, snapshotId), snapshotId);
      await refuseEncryptedByDefault(store, caller, 'snapshots');
      const source = await check();
      const { volumeServer, volumeSizeGiB } = source;
      await refuseWithoutRoom(dependencies, volumeServer, { what: 'snapshot', sizeGiB: volumeSizeGiB, addedGiB: 0 });
      endDryRun(dryRun);
      const temporaryVolumeId = await store.issueId('volume');
      const snapshot = {
        id: await store.issueId('snapshot'),
        accountId: caller.accountId,
        // A copy has the id of no volume that there is, as on EC2.
        volumeId: temporaryVolumeId,
        volumeSizeGiB,
        volumeServer,
        description,
        startedAtMs: clock(),
        tags,
      };
      const input: CopySnapshotInput = {
        snapshotId: snapshot.id,
        from: { snapshotId, volumeId: source.volumeId },
        temporaryVolumeId,
        volumeServer,
        sizeGiB: volumeSizeGiB,
      };
      const id = await store.issueId('operation');
      const operation = { ...copySnapshotHeader, id, ...ofSnapshot(caller, snapshot.id), input };
      startOperation(await beginOrRecheck(() => store.beginCopySnapshot({ snapshot, copyOf: snapshotId, operation }), check));
      return { ...snapshot, state: 'pending', progressPercent: 0 };
    },

    async createOfInstance(caller, request) {
      const { instanceId, excludesBootVolume, excludedVolumeIds, copiesTags, description, tags, dryRun } = request;
      const attachments = await store.attachments(caller.accountId, [instanceId]);
      await visible.refuseForeign(caller, instanceId, attachments.length > 0);
      refuseUnlessInstanceVolumes(attachments, request);
      const wanted = attachments.filter(
        ({ device, volumeId }) => !(excludesBootVolume && isBootDevice(device)) && !excludedVolumeIds.includes(volumeId),
      );
      if (wanted.length === 0) {
        const reason = `The instance ${instanceId} has no volumes of the account that are not excluded.`;
        throw new Failure({ kind: 'invalid-parameter-value', parameter: 'InstanceSpecification.InstanceId', reason });
      }
      if (wanted.length > mostVolumesAtOnce) {
        const reason = `The instance ${instanceId} has more than ${mostVolumesAtOnce} volumes that are not excluded.`;
        throw new Failure({ kind: 'invalid-parameter-value', parameter: 'InstanceSpecification.InstanceId', reason });
      }
      const requests = await Promise.all(
        wanted.map(async ({ volumeId }) => {
          const volume = await findVolume(caller, volumeId);
          refuseUnreadable(volume);
          await refuseWhileModified(store, caller, volumeId);
          const copied = copiesTags ? volume.tags.filter(({ key }) => !tags.some((tag) => tag.key === key)) : [];
          return { volumeId, description, tags: [...copied, ...tags], dryRun: false };
        }),
      );
      for (const { volumeId, tags: all } of requests) {
        if (all.length > maxTagsOfResource) {
          throw new Failure({ kind: 'too-many-tags', resourceId: volumeId });
        }
      }
      endDryRun(dryRun);
      const created: Snapshot[] = [];
      for (const each of requests) {
        created.push(await create(caller, each));
      }
      return created;
    },

    async delete(caller, { snapshotId, dryRun }) {
      const check = async () => refuseUndeletable(caller, await findSnapshot(caller, snapshotId));
      const { volumeId, volumeServer, volumeSizeGiB: sizeGiB, state } = await findSnapshot(caller, snapshotId);
      await check();
      endDryRun(dryRun);
      if (retention.snapshotsMs > 0 && state === 'completed') {
        const exitsAtMs = clock() + retention.snapshotsMs;
        await doOrRecheck(() => store.recycleSnapshot({ accountId: caller.accountId, snapshotId, exitsAtMs }), check);
        return;
      }
      const rest = state === 'error' ? await leftOfSnapshotCopy(store, snapshotId) : {};
      const input: DeleteSnapshotInput = { snapshotId, volumeId, volumeServer, sizeGiB, ...rest };
      const id = await store.issueId('operation');
      const operation = { ...deleteSnapshotHeader, id, ...ofSnapshot(caller, snapshotId), input };
      startOperation(await beginOrRecheck(() => store.beginDeleteSnapshot({ accountId: caller.accountId, snapshotId, operation }), check));
    },
  };

  function refuseUnlessInstanceVolumes(
    attachments: readonly Attachment[],
    { instanceId, excludedVolumeIds }: CreateSnapshotsRequest,
  ): void {
    for (const volumeId of excludedVolumeIds) {
      const attachment = attachments.find((each) => each.volumeId === volumeId);
      if (attachment === undefined || isBootDevice(attachment.device)) {
        const reason = `The volume ${volumeId} is no data volume of the instance ${instanceId}, so that it cannot be excluded.`;
        throw new Failure({ kind: 'invalid-parameter-value', parameter: 'InstanceSpecification.ExcludeDataVolumeId', reason });
      }
    }
  }

  async function refuseUndeletable(caller: Caller, snapshot: Snapshot): Promise<void> {
    const { id: snapshotId, state } = snapshot;
    await refuseWhileLocked(caller, snapshot);
    if (!snapshotCan[state].delete) {
      throw new Failure({ kind: 'snapshot-state', snapshotId, state });
    }
    await refuseWhileChanging(store, snapshotId);
    await refuseWhileRead(store, caller, snapshotId);
  }

  async function refuseWhileLocked({ accountId }: Caller, snapshot: Snapshot): Promise<void> {
    const { id: snapshotId } = snapshot;
    const [locked] = await store.snapshotLocks(accountId, [snapshotId]);
    if (snapshot.state === 'completed' && locked !== undefined && lockStateAt(clock(), locked.lock, snapshot) !== 'expired') {
      const { expiresAtMs } = lockTimes(locked.lock, snapshot);
      throw new Failure({ kind: 'snapshot-locked', snapshotId, ...(expiresAtMs !== undefined && { expiresAtMs }) });
    }
  }

  async function findVolume({ accountId }: Caller, volumeId: VolumeId): Promise<Volume> {
    const [volume] = await store.volumes(accountId, [volumeId]);
    if (volume === undefined) {
      throw new Failure({ kind: 'volume-not-found', volumeIds: [volumeId] });
    }
    return volume;
  }

  async function findSnapshot(caller: Caller, snapshotId: SnapshotId): Promise<Snapshot> {
    const [snapshot] = await list(caller, [snapshotId]);
    return snapshot as Snapshot;
  }
}

function refuseUnreadable({ id: volumeId, state }: Volume): void {
  if (!volumeCan[state].snapshot) {
    throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'available' });
  }
}

function refuseUncopyable(snapshot: Snapshot | undefined, snapshotId: SnapshotId): Snapshot {
  if (snapshot === undefined || snapshot.state === 'deleting') {
    throw new Failure({ kind: 'snapshot-not-found', snapshotIds: [snapshotId] });
  }
  if (!snapshotCan[snapshot.state].createVolume) {
    throw new Failure({ kind: 'snapshot-state', snapshotId, state: snapshot.state });
  }
  return snapshot;
}

/** The first disk, be it named whole or by its first partition: `/dev/sda1`, `/dev/xvda`. */
function isBootDevice(device: string): boolean {
  return ['a', 'a1'].includes(deviceSlot(device));
}
