import type { ActionName } from '../../../../src/ec2-query-api/actions/action.ts';
import { onVmm1, onVmm2, zone } from '../../../support/saga-rig.ts';
import { attach, createSnapshot, createVolume } from '../../../support/scenarios.ts';
import type { ApiRig, Params } from './api-rig.ts';

/** A request of every action that succeeds in the world that this prepares, each on its own. */
export async function prepareSampleRequests({ service }: Pick<ApiRig, 'service'>): Promise<Readonly<Record<ActionName, Params>>> {
  const VolumeId = await createVolume(service);
  const attached = await createVolume(service);
  await service.settle();
  const SnapshotId = await createSnapshot(service, VolumeId);
  await attach(service, attached, onVmm1);
  await service.settle();
  return {
    AttachVolume: { VolumeId, InstanceId: onVmm2, Device: '/dev/sdf' },
    CopySnapshot: { SourceSnapshotId: SnapshotId, SourceRegion: 'here-1' },
    CopyVolumes: { SourceVolumeId: VolumeId },
    CreateSnapshot: { VolumeId },
    CreateSnapshots: { 'InstanceSpecification.InstanceId': onVmm1 },
    CreateTags: { 'ResourceId.1': VolumeId, 'Tag.1.Key': 'stage', 'Tag.1.Value': 'test' },
    CreateVolume: { AvailabilityZone: zone, Size: '1' },
    DeleteSnapshot: { SnapshotId },
    DeleteTags: { 'ResourceId.1': VolumeId, 'Tag.1.Key': 'Name' },
    DeleteVolume: { VolumeId },
    DescribeAccountAttributes: {},
    DescribeAvailabilityZones: {},
    DescribeInstanceAttribute: { InstanceId: onVmm1, Attribute: 'blockDeviceMapping' },
    DescribeInstances: {},
    DescribeRegions: {},
    DescribeSnapshotAttribute: { SnapshotId, Attribute: 'createVolumePermission' },
    DescribeSnapshots: {},
    DescribeTags: {},
    DescribeVolumeAttribute: { VolumeId, Attribute: 'autoEnableIO' },
    DescribeVolumeStatus: {},
    DescribeVolumes: {},
    DescribeVolumesModifications: {},
    DetachVolume: { VolumeId: attached },
    DisableEbsEncryptionByDefault: {},
    DisableSnapshotBlockPublicAccess: {},
    EnableEbsEncryptionByDefault: {},
    EnableSnapshotBlockPublicAccess: { State: 'block-all-sharing' },
    EnableVolumeIO: { VolumeId },
    GetEbsDefaultKmsKeyId: {},
    GetEbsEncryptionByDefault: {},
    GetSnapshotBlockPublicAccessState: {},
    ModifyEbsDefaultKmsKeyId: { KmsKeyId: 'alias/mine' },
    ModifyInstanceAttribute: {
      InstanceId: onVmm1,
      'BlockDeviceMapping.1.DeviceName': '/dev/sdf',
      'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true',
    },
    ModifySnapshotAttribute: { SnapshotId, OperationType: 'add', 'UserId.1': '210987654321' },
    ModifyVolume: { VolumeId, Size: '2' },
    ModifyVolumeAttribute: { VolumeId, 'AutoEnableIO.Value': 'true' },
    ResetEbsDefaultKmsKeyId: {},
    ResetSnapshotAttribute: { SnapshotId, Attribute: 'createVolumePermission' },
  };
}
