import type { RecycledSnapshot } from '../../model/recycled.ts';
import { compilePage } from '../wire/paging.ts';
import { type Action, stopDryRun } from './action.ts';
import { readIds, readSnapshotId } from './resource-ids.ts';

export const listSnapshotsInRecycleBin: Action<'ListSnapshotsInRecycleBin'> = {
  members: { SnapshotIds: 'honoured', MaxResults: 'honoured', NextToken: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    const snapshotIds = readIds(request.SnapshotIds, readSnapshotId);
    const takePage = compilePage<RecycledSnapshot>(request, {
      kind: 'recycled snapshot',
      idsGiven: snapshotIds !== undefined,
      idOf: ({ id }) => id,
    });
    stopDryRun(request.DryRun);
    const page = takePage(await blockstore.recycleBin.snapshots(caller, snapshotIds));
    return {
      Snapshots: page.items.map(({ id, volumeId, description, enteredAtMs, exitsAtMs }) => ({
        SnapshotId: id,
        VolumeId: volumeId,
        Description: description,
        RecycleBinEnterTime: new Date(enteredAtMs),
        RecycleBinExitTime: new Date(exitsAtMs),
      })),
      NextToken: page.nextToken,
    };
  },
};
