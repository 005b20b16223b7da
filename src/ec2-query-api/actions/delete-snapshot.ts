import type { Action } from './action.ts';
import { readSnapshotId } from './resource-ids.ts';

export const deleteSnapshot: Action<'DeleteSnapshot'> = {
  members: { SnapshotId: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    await blockstore.snapshots.delete(caller, { snapshotId: readSnapshotId(request.SnapshotId), dryRun: request.DryRun ?? false });
    return undefined;
  },
};
