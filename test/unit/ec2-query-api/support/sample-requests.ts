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
    CreateSnapshot: { VolumeId },
    CreateTags: { 'ResourceId.1': VolumeId, 'Tag.1.Key': 'stage', 'Tag.1.Value': 'test' },
    CreateVolume: { AvailabilityZone: zone, Size: '1' },
    DeleteSnapshot: { SnapshotId },
    DeleteTags: { 'ResourceId.1': VolumeId, 'Tag.1.Key': 'Name' },
    DeleteVolume: { VolumeId },
    DescribeAvailabilityZones: {},
    DescribeInstances: {},
    DescribeRegions: {},
    DescribeSnapshots: {},
    DescribeTags: {},
    DescribeVolumes: {},
    DescribeVolumesModifications: {},
    DetachVolume: { VolumeId: attached },
    ModifyVolume: { VolumeId, Size: '2' },
  };
}
