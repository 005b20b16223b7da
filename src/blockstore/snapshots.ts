import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { SnapshotId, VolumeId } from '../model/ids.ts';
import { type Snapshot, snapshotCan } from '../model/snapshot.ts';
import { type Volume, volumeCan } from '../model/volume.ts';
import { beginOrRecheck, endDryRun } from './begin-or-recheck.ts';
import { refuseWhileChanging, refuseWhileFilling, refuseWhileModified } from './blockers.ts';
import type { Snapshots } from './blockstore.ts';
import { refuseMissing } from './refuse-missing.ts';
import { type CreateSnapshotInput, createSnapshotHeader } from './sagas/create-snapshot.ts';
import { type DeleteSnapshotInput, deleteSnapshotHeader } from './sagas/delete-snapshot.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

export function createSnapshots(dependencies: UseCaseDependencies): Snapshots {
  const { store, owner, clock, startOperation } = dependencies;

  const list: Snapshots['list'] = async ({ accountId }, snapshotIds) => {
    // EC2 has no state for a snapshot that is being deleted: it is gone as soon as the delete is accepted.
    const found = (await store.snapshots(accountId, snapshotIds)).filter(({ state }) => state !== 'deleting');
    refuseMissing(snapshotIds, found, (missing) => ({ kind: 'snapshot-not-found', snapshotIds: missing }));
    return found;
  };

  return {
    list,

    async create(caller, { volumeId, description, tags, dryRun }) {
      const check = async () => {
        refuseUnreadable(await findVolume(caller, volumeId));
        await refuseWhileModified(store, caller, volumeId);
      };
      const { volumeServer, sizeGiB } = await findVolume(caller, volumeId);
      await check();
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
      const operation = { ...createSnapshotHeader, id: await store.issueId('operation'), resourceId: snapshot.id, input, owner };
      startOperation(await beginOrRecheck(() => store.beginCreateSnapshot({ snapshot, operation }), check));
      return { ...snapshot, state: 'pending', progressPercent: 0 };
    },

    async delete(caller, { snapshotId, dryRun }) {
      const check = async () => refuseUndeletable(caller, await findSnapshot(caller, snapshotId));
      const { volumeId, volumeServer, volumeSizeGiB: sizeGiB } = await findSnapshot(caller, snapshotId);
      await check();
      endDryRun(dryRun);
      const input: DeleteSnapshotInput = { snapshotId, volumeId, volumeServer, sizeGiB };
      const operation = { ...deleteSnapshotHeader, id: await store.issueId('operation'), resourceId: snapshotId, input, owner };
      startOperation(await beginOrRecheck(() => store.beginDeleteSnapshot({ accountId: caller.accountId, snapshotId, operation }), check));
    },
  };

  async function refuseUndeletable(caller: Caller, { id: snapshotId, state }: Snapshot): Promise<void> {
    if (!snapshotCan[state].delete) {
      throw new Failure({ kind: 'snapshot-state', snapshotId, state });
    }
    await refuseWhileChanging(store, snapshotId);
    await refuseWhileFilling(store, caller, snapshotId);
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
