import type { RecycledVolume } from '../../model/recycled.ts';
import { mapInTurns } from '../../sharing/turn.ts';
import type { VolumeRecycleBinInfo } from '../api-model/operations.ts';
import type { Action } from './action.ts';
import { listPage } from './list-page.ts';
import { readIds, readVolumeId } from './resource-ids.ts';
import { shownIops } from './volume-view.ts';

export const listVolumesInRecycleBin: Action<'ListVolumesInRecycleBin'> = {
  members: { VolumeIds: 'honoured', MaxResults: 'honoured', NextToken: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    const ids = readIds(request.VolumeIds, readVolumeId);
    const page = await listPage<RecycledVolume>(request, {
      ...{ kind: 'recycled volume', ids, idOf: ({ id }) => id },
      list: () => blockstore.recycleBin.volumes(caller, ids),
      listAfter: (range) => blockstore.recycleBin.volumesAfter(caller, range),
    });
    return { Volumes: await mapInTurns(page.items, recycledVolumeView), NextToken: page.nextToken };
  },
};

/** Only a volume that was available comes into the bin, and it leaves it as that. */
function recycledVolumeView(volume: RecycledVolume): VolumeRecycleBinInfo {
  return {
    VolumeId: volume.id,
    VolumeType: volume.type,
    State: 'available',
    Size: volume.sizeGiB,
    Iops: shownIops(volume),
    Throughput: volume.throughputMiBps,
    AvailabilityZone: volume.zone,
    AvailabilityZoneId: volume.zone,
    SourceVolumeId: volume.sourceVolumeId,
    SnapshotId: volume.snapshotId,
    CreateTime: new Date(volume.createdAtMs),
    RecycleBinEnterTime: new Date(volume.enteredAtMs),
    RecycleBinExitTime: new Date(volume.exitsAtMs),
  };
}
