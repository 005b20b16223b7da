import type { ActionName } from '../../../../src/ec2-query-api/actions/action.ts';
import { caller, onVmm1, onVmm2, zone } from '../../../support/saga-rig.ts';
import { attach, createSnapshot, createVolume } from '../../../support/scenarios.ts';
import type { ApiRig, Params } from './api-rig.ts';

/** A request of every action that succeeds in the world that this prepares, each on its own. */
export async function prepareSampleRequests({ service }: Pick<ApiRig, 'service'>): Promise<Readonly<Record<ActionName, Params>>> {
  const VolumeId = await createVolume(service);
  const attached = await createVolume(service);
  await service.settle();
  const SnapshotId = await createSnapshot(service, VolumeId);
  await attach(service, attached, onVmm1);
  const locked = await createSnapshot(service, VolumeId);
  const recycledSnapshot = await createSnapshot(service, VolumeId);
  const recycledVolume = await createVolume(service);
  await service.settle();
  const lock = { snapshotId: locked, mode: 'governance', until: { durationDays: 1 }, dryRun: false } as const;
  await service.blockstore.snapshotLocks.lock(caller, lock);
  const bin = { accountId: caller.accountId, exitsAtMs: Date.UTC(2100, 0) };
  await service.store.recycleVolume({ ...bin, volumeId: recycledVolume });
  await service.store.recycleSnapshot({ ...bin, snapshotId: recycledSnapshot });
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
    DescribeLockedSnapshots: {},
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
    ListSnapshotsInRecycleBin: {},
    ListVolumesInRecycleBin: {},
    LockSnapshot: { SnapshotId, LockMode: 'compliance', LockDuration: '1', CoolOffPeriod: '1' },
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
    RestoreSnapshotFromRecycleBin: { SnapshotId: recycledSnapshot },
    RestoreVolumeFromRecycleBin: { VolumeId: recycledVolume },
    UnlockSnapshot: { SnapshotId: locked },
  };
}
