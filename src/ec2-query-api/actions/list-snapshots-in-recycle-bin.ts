import type { RecycledSnapshot } from '../../model/recycled.ts';
import { mapInTurns } from '../../sharing/turn.ts';
import type { Action } from './action.ts';
import { listPage } from './list-page.ts';
import { readIds, readSnapshotId } from './resource-ids.ts';

export const listSnapshotsInRecycleBin: Action<'ListSnapshotsInRecycleBin'> = {
  members: { SnapshotIds: 'honoured', MaxResults: 'honoured', NextToken: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    const ids = readIds(request.SnapshotIds, readSnapshotId);
    const page = await listPage<RecycledSnapshot>(request, {
      ...{ kind: 'recycled snapshot', ids, idOf: ({ id }) => id },
      list: () => blockstore.recycleBin.snapshots(caller, ids),
      listAfter: (range) => blockstore.recycleBin.snapshotsAfter(caller, range),
    });
    return {
      Snapshots: await mapInTurns(page.items, ({ id, volumeId, description, enteredAtMs, exitsAtMs }) => ({
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
