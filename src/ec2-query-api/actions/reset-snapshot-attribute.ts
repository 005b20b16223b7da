import type { Action } from './action.ts';
import { readSnapshotId } from './resource-ids.ts';
import { requireSharingAttribute } from './snapshot-attribute.ts';

export const resetSnapshotAttribute: Action<'ResetSnapshotAttribute'> = {
  members: { Attribute: 'honoured', SnapshotId: 'honoured', DryRun: 'honoured' },
  async perform({ Attribute, SnapshotId, DryRun }, { blockstore, caller }) {
    requireSharingAttribute(Attribute);
    const snapshotId = readSnapshotId(SnapshotId);
    const remove = await blockstore.snapshotPermissions.list(caller, snapshotId);
    await blockstore.snapshotPermissions.change(caller, { snapshotId, add: [], remove, dryRun: DryRun ?? false });
    return undefined;
  },
};
