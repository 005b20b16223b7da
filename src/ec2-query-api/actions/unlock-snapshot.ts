import type { Action } from './action.ts';
import { readSnapshotId } from './resource-ids.ts';

export const unlockSnapshot: Action<'UnlockSnapshot'> = {
  members: { SnapshotId: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    const snapshotId = readSnapshotId(request.SnapshotId);
    await blockstore.snapshotLocks.unlock(caller, { snapshotId, dryRun: request.DryRun ?? false });
    return { SnapshotId: snapshotId };
  },
};
