/** What is answered to a parameter that names what is not the caller's. */
export interface AnswerAboutOthers {
  /**
   * A code: the same as for what does not exist. `empty`: as if nothing had been there to find. `taken`: the parameter refers to nothing that
   * somebody could own, so that every account may give the same.
   */
  readonly absent: string;
  /** The code for what is the caller's, where that is refused too. */
  readonly own?: string;
  /** A dry run of reading ends where the request was found good, before anything is looked for. */
  readonly isListing?: true;
}

const listed = (answer: AnswerAboutOthers): AnswerAboutOthers => ({ ...answer, isListing: true });
const noVolume: AnswerAboutOthers = { absent: 'InvalidVolume.NotFound' };
const noSnapshot: AnswerAboutOthers = { absent: 'InvalidSnapshot.NotFound' };
const noInstance: AnswerAboutOthers = { absent: 'InvalidInstanceID.NotFound' };
const nothing: AnswerAboutOthers = { absent: 'empty' };
const taken: AnswerAboutOthers = { absent: 'taken' };
const noEncryption: AnswerAboutOthers = { absent: 'InvalidParameterDependency', own: 'InvalidParameterDependency' };

/** By action and parameter, what EC2 answers. The matrix fails for one that is missing here. */
export const answersAboutOthers: Readonly<Record<string, AnswerAboutOthers>> = {
  'AttachVolume Device': taken,
  'AttachVolume InstanceId': noInstance,
  'AttachVolume VolumeId': noVolume,
  'CopySnapshot KmsKeyId': noEncryption,
  'CopySnapshot PresignedUrl': { absent: 'InvalidParameterValue' },
  'CopySnapshot SourceSnapshotId': noSnapshot,
  'CopyVolumes ClientToken': taken,
  'CopyVolumes KmsKeyId': noEncryption,
  'CopyVolumes SourceVolumeId': noVolume,
  'CreateSnapshot VolumeId': noVolume,
  'CreateSnapshots InstanceSpecification.ExcludeDataVolumeId.1': { absent: 'InvalidParameterValue' },
  'CreateSnapshots InstanceSpecification.InstanceId': noInstance,
  'CreateTags ResourceId.1': { absent: 'Invalid*.NotFound' },
  'CreateVolume ClientToken': taken,
  'CreateVolume KmsKeyId': noEncryption,
  'CreateVolume SnapshotId': noSnapshot,
  'DeleteSnapshot SnapshotId': noSnapshot,
  'DeleteTags ResourceId.1': { absent: 'Invalid*.NotFound' },
  'DeleteVolume VolumeId': noVolume,
  'DescribeInstanceAttribute InstanceId': noInstance,
  'DescribeInstances InstanceId.1': listed(noInstance),
  'DescribeInstances NextToken': taken,
  'DescribeLockedSnapshots NextToken': taken,
  'DescribeLockedSnapshots SnapshotId.1': listed(noSnapshot),
  'DescribeSnapshotAttribute SnapshotId': noSnapshot,
  'DescribeSnapshots NextToken': taken,
  'DescribeSnapshots Owner.1': nothing,
  'DescribeSnapshots RestorableBy.1': nothing,
  'DescribeSnapshots SnapshotId.1': listed(noSnapshot),
  'DescribeTags NextToken': taken,
  'DescribeVolumeAttribute VolumeId': noVolume,
  'DescribeVolumeStatus NextToken': taken,
  'DescribeVolumeStatus VolumeId.1': listed(noVolume),
  'DescribeVolumes NextToken': taken,
  'DescribeVolumes VolumeId.1': listed(noVolume),
  'DescribeVolumesModifications NextToken': taken,
  'DescribeVolumesModifications VolumeId.1': listed(noVolume),
  'DetachVolume Device': { absent: 'InvalidAttachment.NotFound' },
  'DetachVolume InstanceId': { absent: 'InvalidAttachment.NotFound' },
  'DetachVolume VolumeId': noVolume,
  'EnableVolumeIO VolumeId': noVolume,
  'ListSnapshotsInRecycleBin NextToken': taken,
  'ListSnapshotsInRecycleBin SnapshotId.1': listed(noSnapshot),
  'ListVolumesInRecycleBin NextToken': taken,
  'ListVolumesInRecycleBin VolumeId.1': listed(noVolume),
  'LockSnapshot SnapshotId': noSnapshot,
  'ModifyEbsDefaultKmsKeyId KmsKeyId': taken,
  'ModifyInstanceAttribute BlockDeviceMapping.1.DeviceName': { absent: 'InvalidParameterValue' },
  'ModifyInstanceAttribute BlockDeviceMapping.1.Ebs.VolumeId': { absent: 'InvalidParameterValue' },
  'ModifyInstanceAttribute InstanceId': noInstance,
  'ModifySnapshotAttribute CreateVolumePermission.Add.1.UserId': taken,
  'ModifySnapshotAttribute CreateVolumePermission.Remove.1.UserId': taken,
  'ModifySnapshotAttribute SnapshotId': noSnapshot,
  'ModifySnapshotAttribute UserId.1': taken,
  'ModifyVolume VolumeId': noVolume,
  'ModifyVolumeAttribute VolumeId': noVolume,
  'ResetSnapshotAttribute SnapshotId': noSnapshot,
  'RestoreSnapshotFromRecycleBin SnapshotId': noSnapshot,
  'RestoreVolumeFromRecycleBin VolumeId': noVolume,
  'UnlockSnapshot SnapshotId': noSnapshot,
};
