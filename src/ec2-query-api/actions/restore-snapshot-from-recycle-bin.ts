import type { Action } from './action.ts';
import { readSnapshotId } from './resource-ids.ts';
import { snapshotProgress } from './snapshot-view.ts';

export const restoreSnapshotFromRecycleBin: Action<'RestoreSnapshotFromRecycleBin'> = {
  members: { SnapshotId: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    const snapshot = await blockstore.recycleBin.restoreSnapshot(caller, {
      snapshotId: readSnapshotId(request.SnapshotId),
      dryRun: request.DryRun ?? false,
    });
    return {
      SnapshotId: snapshot.id,
      Description: snapshot.description,
      Encrypted: false,
      OwnerId: snapshot.accountId,
      Progress: snapshotProgress(snapshot),
      StartTime: new Date(snapshot.startedAtMs),
      State: snapshot.state,
      VolumeId: snapshot.volumeId,
      VolumeSize: snapshot.volumeSizeGiB,
    };
  },
};
