import { type Action, unsupported, unsupportedUnless } from './action.ts';
import { readDescription } from './description.ts';
import { readVolumeId } from './resource-ids.ts';
import { snapshotView } from './snapshot-view.ts';
import { readTagSpecifications } from './tag-specifications.ts';

export const createSnapshot: Action<'CreateSnapshot'> = {
  members: {
    VolumeId: 'honoured',
    Description: 'honoured',
    TagSpecifications: 'honoured',
    OutpostArn: unsupported('The parameter OutpostArn is not supported: there are no Outposts.'),
    Location: unsupportedUnless('regional', 'The parameter Location is only supported as regional: there are no Local Zones.'),
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const snapshot = await blockstore.snapshots.create(caller, {
      volumeId: readVolumeId(request.VolumeId),
      description: readDescription(request.Description),
      tags: readTagSpecifications(request.TagSpecifications, 'snapshot'),
      dryRun: request.DryRun ?? false,
    });
    return snapshotView(snapshot);
  },
};
