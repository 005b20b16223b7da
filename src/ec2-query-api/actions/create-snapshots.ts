import type { Snapshot } from '../../model/snapshot.ts';
import type { SnapshotInfo } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { type Action, unsupported, unsupportedUnless } from './action.ts';
import { readDescription } from './description.ts';
import { readInstanceId, readVolumeId } from './resource-ids.ts';
import { snapshotProgress } from './snapshot-view.ts';
import { tagSetView } from './tag-set-view.ts';
import { readTagSpecifications } from './tag-specifications.ts';

export const createSnapshots: Action<'CreateSnapshots'> = {
  members: {
    InstanceSpecification: 'honoured',
    Description: 'honoured',
    CopyTagsFromSource: 'honoured',
    TagSpecifications: 'honoured',
    OutpostArn: unsupported('The parameter OutpostArn is not supported: there are no Outposts.'),
    Location: unsupportedUnless('regional', 'The parameter Location is only supported as regional: there are no Local Zones.'),
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const { InstanceId: instanceId, ExcludeBootVolume, ExcludeDataVolumeIds } = request.InstanceSpecification;
    if (instanceId === undefined) {
      throw new ApiError('MissingParameter', 'The request must contain the parameter InstanceSpecification.InstanceId');
    }
    if (request.CopyTagsFromSource !== undefined && request.CopyTagsFromSource !== 'volume') {
      throw new ApiError('InvalidParameterValue', 'Tags can only be copied from the volume.');
    }
    const snapshots = await blockstore.snapshots.createOfInstance(caller, {
      instanceId: readInstanceId(instanceId),
      excludesBootVolume: ExcludeBootVolume ?? false,
      excludedVolumeIds: (ExcludeDataVolumeIds ?? []).map(readVolumeId),
      copiesTags: request.CopyTagsFromSource === 'volume',
      description: readDescription(request.Description),
      tags: readTagSpecifications(request.TagSpecifications, 'snapshot'),
      dryRun: request.DryRun ?? false,
    });
    return { Snapshots: snapshots.map(snapshotInfo) };
  },
};

function snapshotInfo(snapshot: Snapshot): SnapshotInfo {
  return {
    SnapshotId: snapshot.id,
    VolumeId: snapshot.volumeId,
    VolumeSize: snapshot.volumeSizeGiB,
    State: snapshot.state,
    StartTime: new Date(snapshot.startedAtMs),
    Progress: snapshotProgress(snapshot),
    OwnerId: snapshot.accountId,
    Description: snapshot.description,
    Encrypted: false,
    Tags: tagSetView(snapshot.tags),
  };
}
