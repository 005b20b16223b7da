import type { Action, ActionName } from './action.ts';
import { attachVolume } from './attach-volume.ts';
import { copySnapshot } from './copy-snapshot.ts';
import { copyVolumes } from './copy-volumes.ts';
import { createSnapshot } from './create-snapshot.ts';
import { createSnapshots } from './create-snapshots.ts';
import { createTags } from './create-tags.ts';
import { createVolume } from './create-volume.ts';
import { deleteSnapshot } from './delete-snapshot.ts';
import { deleteTags } from './delete-tags.ts';
import { deleteVolume } from './delete-volume.ts';
import { describeAccountAttributes } from './describe-account-attributes.ts';
import { describeAvailabilityZones } from './describe-availability-zones.ts';
import { describeInstanceAttribute } from './describe-instance-attribute.ts';
import { describeInstances } from './describe-instances.ts';
import { describeLockedSnapshots } from './describe-locked-snapshots.ts';
import { describeRegions } from './describe-regions.ts';
import { describeSnapshotAttribute } from './describe-snapshot-attribute.ts';
import { describeSnapshots } from './describe-snapshots.ts';
import { describeTags } from './describe-tags.ts';
import { describeVolumeAttribute } from './describe-volume-attribute.ts';
import { describeVolumeStatus } from './describe-volume-status.ts';
import { describeVolumes } from './describe-volumes.ts';
import { describeVolumesModifications } from './describe-volumes-modifications.ts';
import { detachVolume } from './detach-volume.ts';
import { disableEbsEncryptionByDefault } from './disable-ebs-encryption-by-default.ts';
import { disableSnapshotBlockPublicAccess } from './disable-snapshot-block-public-access.ts';
import { enableEbsEncryptionByDefault } from './enable-ebs-encryption-by-default.ts';
import { enableSnapshotBlockPublicAccess } from './enable-snapshot-block-public-access.ts';
import { enableVolumeIO } from './enable-volume-io.ts';
import { getEbsDefaultKmsKeyId } from './get-ebs-default-kms-key-id.ts';
import { getEbsEncryptionByDefault } from './get-ebs-encryption-by-default.ts';
import { getSnapshotBlockPublicAccessState } from './get-snapshot-block-public-access-state.ts';
import { listSnapshotsInRecycleBin } from './list-snapshots-in-recycle-bin.ts';
import { listVolumesInRecycleBin } from './list-volumes-in-recycle-bin.ts';
import { lockSnapshot } from './lock-snapshot.ts';
import { modifyEbsDefaultKmsKeyId } from './modify-ebs-default-kms-key-id.ts';
import { modifyInstanceAttribute } from './modify-instance-attribute.ts';
import { modifySnapshotAttribute } from './modify-snapshot-attribute.ts';
import { modifyVolume } from './modify-volume.ts';
import { modifyVolumeAttribute } from './modify-volume-attribute.ts';
import { resetEbsDefaultKmsKeyId } from './reset-ebs-default-kms-key-id.ts';
import { resetSnapshotAttribute } from './reset-snapshot-attribute.ts';
import { restoreSnapshotFromRecycleBin } from './restore-snapshot-from-recycle-bin.ts';
import { restoreVolumeFromRecycleBin } from './restore-volume-from-recycle-bin.ts';
import { unlockSnapshot } from './unlock-snapshot.ts';

/** Every action that is served. An entry here, its file and `npm run generate` are all that an action needs. */
export const actions: { readonly [Name in ActionName]: Action<Name> } = {
  AttachVolume: attachVolume,
  CopySnapshot: copySnapshot,
  CopyVolumes: copyVolumes,
  CreateSnapshot: createSnapshot,
  CreateSnapshots: createSnapshots,
  CreateTags: createTags,
  CreateVolume: createVolume,
  DeleteSnapshot: deleteSnapshot,
  DeleteTags: deleteTags,
  DeleteVolume: deleteVolume,
  DescribeAccountAttributes: describeAccountAttributes,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeInstanceAttribute: describeInstanceAttribute,
  DescribeInstances: describeInstances,
  DescribeLockedSnapshots: describeLockedSnapshots,
  DescribeRegions: describeRegions,
  DescribeSnapshotAttribute: describeSnapshotAttribute,
  DescribeSnapshots: describeSnapshots,
  DescribeTags: describeTags,
  DescribeVolumeAttribute: describeVolumeAttribute,
  DescribeVolumeStatus: describeVolumeStatus,
  DescribeVolumes: describeVolumes,
  DescribeVolumesModifications: describeVolumesModifications,
  DetachVolume: detachVolume,
  DisableEbsEncryptionByDefault: disableEbsEncryptionByDefault,
  DisableSnapshotBlockPublicAccess: disableSnapshotBlockPublicAccess,
  EnableEbsEncryptionByDefault: enableEbsEncryptionByDefault,
  EnableSnapshotBlockPublicAccess: enableSnapshotBlockPublicAccess,
  EnableVolumeIO: enableVolumeIO,
  GetEbsDefaultKmsKeyId: getEbsDefaultKmsKeyId,
  GetEbsEncryptionByDefault: getEbsEncryptionByDefault,
  GetSnapshotBlockPublicAccessState: getSnapshotBlockPublicAccessState,
  ListSnapshotsInRecycleBin: listSnapshotsInRecycleBin,
  ListVolumesInRecycleBin: listVolumesInRecycleBin,
  LockSnapshot: lockSnapshot,
  ModifyEbsDefaultKmsKeyId: modifyEbsDefaultKmsKeyId,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifySnapshotAttribute: modifySnapshotAttribute,
  ModifyVolume: modifyVolume,
  ModifyVolumeAttribute: modifyVolumeAttribute,
  ResetEbsDefaultKmsKeyId: resetEbsDefaultKmsKeyId,
  ResetSnapshotAttribute: resetSnapshotAttribute,
  RestoreSnapshotFromRecycleBin: restoreSnapshotFromRecycleBin,
  RestoreVolumeFromRecycleBin: restoreVolumeFromRecycleBin,
  UnlockSnapshot: unlockSnapshot,
};
