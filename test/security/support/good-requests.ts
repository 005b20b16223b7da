import type { ActionName } from '../../../src/ec2-query-api/actions/action.ts';
import { zone } from '../../support/saga-rig.ts';
import type { Params } from '../../unit/ec2-query-api/support/api-rig.ts';
import { commonDevice } from './estate.ts';
import type { Tenant } from './tenants.ts';

/** A request of every action that would succeed for an account, with what belongs to it. */
export function goodRequests({ volumes, snapshots, instanceIds: [InstanceId = ''] }: Tenant): Readonly<Record<ActionName, Params>> {
  const VolumeId = volumes.available;
  const SnapshotId = snapshots.completed;
  return {
    AttachVolume: { VolumeId, InstanceId, Device: '/dev/sdo' },
    CopySnapshot: { SourceSnapshotId: SnapshotId, SourceRegion: 'here-1' },
    CopyVolumes: { SourceVolumeId: VolumeId },
    CreateSnapshot: { VolumeId },
    CreateSnapshots: { 'InstanceSpecification.InstanceId': InstanceId },
    CreateTags: { 'ResourceId.1': VolumeId, 'Tag.1.Key': 'stage', 'Tag.1.Value': 'test' },
    CreateVolume: { AvailabilityZone: zone, Size: '4' },
    DeleteSnapshot: { SnapshotId },
    DeleteTags: { 'ResourceId.1': VolumeId, 'Tag.1.Key': 'stage' },
    DeleteVolume: { VolumeId },
    DescribeAccountAttributes: {},
    DescribeAvailabilityZones: {},
    DescribeInstanceAttribute: { InstanceId, Attribute: 'blockDeviceMapping' },
    DescribeInstances: {},
    DescribeLockedSnapshots: {},
    DescribeRegions: {},
    DescribeSnapshotAttribute: { SnapshotId, Attribute: 'createVolumePermission' },
    DescribeSnapshots: {},
    DescribeTags: {},
    DescribeVolumeAttribute: { VolumeId, Attribute: 'autoEnableIO' },
    DescribeVolumeStatus: {},
    DescribeVolumes: {},
    DescribeVolumesModifications: {},
    DetachVolume: { VolumeId: volumes.inUse },
    DisableEbsEncryptionByDefault: {},
    DisableSnapshotBlockPublicAccess: {},
    EnableEbsEncryptionByDefault: {},
    EnableSnapshotBlockPublicAccess: { State: 'block-all-sharing' },
    EnableVolumeIO: { VolumeId },
    GetEbsDefaultKmsKeyId: {},
    GetEbsEncryptionByDefault: {},
    GetSnapshotBlockPublicAccessState: {},
    ListSnapshotsInRecycleBin: {},
    ListVolumesInRecycleBin: {},
    LockSnapshot: { SnapshotId, LockMode: 'governance', LockDuration: '1' },
    ModifyEbsDefaultKmsKeyId: { KmsKeyId: 'alias/mine' },
    ModifyInstanceAttribute: {
      InstanceId,
      'BlockDeviceMapping.1.DeviceName': commonDevice,
      'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true',
    },
    ModifySnapshotAttribute: { SnapshotId, OperationType: 'add', 'UserId.1': '444444444444' },
    ModifyVolume: { VolumeId, Size: '8' },
    ModifyVolumeAttribute: { VolumeId, 'AutoEnableIO.Value': 'true' },
    ResetEbsDefaultKmsKeyId: {},
    ResetSnapshotAttribute: { SnapshotId, Attribute: 'createVolumePermission' },
    RestoreSnapshotFromRecycleBin: { SnapshotId: snapshots.recycled },
    RestoreVolumeFromRecycleBin: { VolumeId: volumes.recycled },
    UnlockSnapshot: { SnapshotId: snapshots.locked },
  };
}

/** What an account would name in a parameter that its good request has not, where that is not the first thing of the kind. */
export const ownValues: Readonly<Record<string, (tenant: Tenant) => string>> = {
  'CreateSnapshots InstanceSpecification.ExcludeDataVolumeId.1': ({ volumes }) => volumes.secondInUse,
  'DetachVolume Device': () => commonDevice,
  'ListSnapshotsInRecycleBin SnapshotId.1': ({ snapshots }) => snapshots.recycled,
  'ListVolumesInRecycleBin VolumeId.1': ({ volumes }) => volumes.recycled,
  'ModifyInstanceAttribute BlockDeviceMapping.1.Ebs.VolumeId': ({ volumes }) => volumes.inUse,
};
