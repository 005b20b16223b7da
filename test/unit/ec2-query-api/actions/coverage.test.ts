import { expect, test } from 'vitest';
import { actions } from '../../../../src/ec2-query-api/actions/table.ts';
import { unsupportedActions } from '../../../../src/ec2-query-api/actions/unsupported-actions.ts';
import { actionNames } from '../../../../src/ec2-query-api/api-model/operations.ts';

/** What clients of EBS cannot do without: the CSI driver, Terraform, the SDKs' waiters and paginators. */
const indispensable = [
  ...['CreateVolume', 'DeleteVolume', 'DescribeVolumes', 'AttachVolume', 'DetachVolume', 'ModifyVolume', 'DescribeVolumesModifications'],
  ...['CreateSnapshot', 'DeleteSnapshot', 'DescribeSnapshots', 'CreateTags', 'DeleteTags', 'DescribeTags'],
  ...['DescribeAvailabilityZones', 'DescribeRegions', 'DescribeInstances'],
];

const expected = [
  ...['ModifySnapshotAttribute', 'DescribeSnapshotAttribute', 'ResetSnapshotAttribute', 'CopySnapshot', 'CreateSnapshots', 'CopyVolumes'],
  ...['DescribeVolumeStatus', 'DescribeVolumeAttribute', 'ModifyVolumeAttribute', 'EnableVolumeIO', 'DescribeAccountAttributes'],
  ...['DescribeInstanceAttribute', 'ModifyInstanceAttribute', 'EnableEbsEncryptionByDefault', 'DisableEbsEncryptionByDefault'],
  ...['GetEbsEncryptionByDefault', 'GetEbsDefaultKmsKeyId', 'ModifyEbsDefaultKmsKeyId', 'ResetEbsDefaultKmsKeyId'],
  ...['ListSnapshotsInRecycleBin', 'RestoreSnapshotFromRecycleBin', 'ListVolumesInRecycleBin', 'RestoreVolumeFromRecycleBin'],
  ...['LockSnapshot', 'UnlockSnapshot', 'DescribeLockedSnapshots'],
  ...['EnableSnapshotBlockPublicAccess', 'DisableSnapshotBlockPublicAccess', 'GetSnapshotBlockPublicAccessState'],
];

test('every action that clients of EBS count on is served', () => {
  expect([...indispensable, ...expected].filter((name) => !Object.hasOwn(actions, name))).toEqual([]);
});

test('of every action of EC2 that is about volumes or snapshots it is said whether it is served, or why not', () => {
  const aboutEbs = [...actionNames].filter((name) => /Volume|Snapshot|Ebs|RecycleBin/.test(name));
  expect(aboutEbs.length).toBeGreaterThanOrEqual(50);
  expect(aboutEbs.filter((name) => !Object.hasOwn(actions, name) && !Object.hasOwn(unsupportedActions, name))).toEqual([]);
});

test('no action is both served and refused, and every one is an action of EC2', () => {
  expect(Object.keys(unsupportedActions).filter((name) => Object.hasOwn(actions, name))).toEqual([]);
  expect([...Object.keys(unsupportedActions), ...Object.keys(actions)].filter((name) => !actionNames.has(name))).toEqual([]);
});
