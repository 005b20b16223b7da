const noTiers = 'every snapshot is kept in the standard tier.';
const noFastRestore =
  'a volume from a snapshot has all its contents from the moment it is available, so that there is nothing to make fast.';
const noImport = 'images cannot be imported.';
const noImages = 'there are no images here: they belong to the cloud of the instances.';
const noRootVolumes = 'root volumes belong to the cloud of the instances.';

/** The actions of EC2 that are about volumes and snapshots and are not served, each with the reason that a client is told. */
export const unsupportedActions: Readonly<Record<string, string>> = {
  CreateDelegateMacVolumeOwnershipTask: noRootVolumes,
  CreateReplaceRootVolumeTask: noRootVolumes,
  DescribeFastSnapshotRestores: noFastRestore,
  DescribeImportSnapshotTasks: noImport,
  DescribeReplaceRootVolumeTasks: noRootVolumes,
  DescribeSnapshotTierStatus: noTiers,
  DisableFastSnapshotRestores: noFastRestore,
  EnableFastSnapshotRestores: noFastRestore,
  ImportSnapshot: noImport,
  ImportVolume: noImport,
  ListImagesInRecycleBin: noImages,
  ModifySnapshotTier: noTiers,
  RestoreImageFromRecycleBin: noImages,
  RestoreSnapshotTier: noTiers,
};
