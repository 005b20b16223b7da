import type { Action, ActionName } from './action.ts';
import { attachVolume } from './attach-volume.ts';
import { createSnapshot } from './create-snapshot.ts';
import { createTags } from './create-tags.ts';
import { createVolume } from './create-volume.ts';
import { deleteSnapshot } from './delete-snapshot.ts';
import { deleteTags } from './delete-tags.ts';
import { deleteVolume } from './delete-volume.ts';
import { describeAvailabilityZones } from './describe-availability-zones.ts';
import { describeInstances } from './describe-instances.ts';
import { describeRegions } from './describe-regions.ts';
import { describeSnapshots } from './describe-snapshots.ts';
import { describeTags } from './describe-tags.ts';
import { describeVolumes } from './describe-volumes.ts';
import { describeVolumesModifications } from './describe-volumes-modifications.ts';
import { detachVolume } from './detach-volume.ts';
import { modifyVolume } from './modify-volume.ts';

/** Every action that is served. An entry here, its file and `npm run generate` are all that an action needs. */
export const actions: { readonly [Name in ActionName]: Action<Name> } = {
  AttachVolume: attachVolume,
  CreateSnapshot: createSnapshot,
  CreateTags: createTags,
  CreateVolume: createVolume,
  DeleteSnapshot: deleteSnapshot,
  DeleteTags: deleteTags,
  DeleteVolume: deleteVolume,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeInstances: describeInstances,
  DescribeRegions: describeRegions,
  DescribeSnapshots: describeSnapshots,
  DescribeTags: describeTags,
  DescribeVolumes: describeVolumes,
  DescribeVolumesModifications: describeVolumesModifications,
  DetachVolume: detachVolume,
  ModifyVolume: modifyVolume,
};
