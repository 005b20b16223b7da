import type { CreateVolumeRequest } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { type Action, unsupported, unsupportedUnless } from './action.ts';
import { readClientToken } from './client-token.ts';
import { readSnapshotId } from './resource-ids.ts';
import { readTagSpecifications } from './tag-specifications.ts';
import { readVolumeShape } from './volume-shape.ts';
import { volumeView } from './volume-view.ts';

export const createVolume: Action<'CreateVolume'> = {
  members: {
    AvailabilityZone: 'honoured',
    AvailabilityZoneId: 'honoured',
    Size: 'honoured',
    SnapshotId: 'honoured',
    VolumeType: 'honoured',
    Iops: 'honoured',
    Throughput: 'honoured',
    TagSpecifications: 'honoured',
    ClientToken: 'honoured',
    Encrypted: unsupportedUnless(false, 'The parameter Encrypted is not supported: volumes are not encrypted by this service.'),
    KmsKeyId: {
      refuse: { kind: 'invalid-parameter-dependency', reason: 'The parameter KmsKeyId requires the parameter Encrypted to be set.' },
    },
    MultiAttachEnabled: 'honoured',
    OutpostArn: unsupported('The parameter OutpostArn is not supported: there are no Outposts.'),
    VolumeInitializationRate: unsupported(
      'The parameter VolumeInitializationRate is not supported: volumes from snapshots are copied at the rate of the volume server.',
    ),
    Operator: unsupported('The parameter Operator is not supported: there are no managed volumes.'),
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const snapshotId = request.SnapshotId === undefined ? undefined : readSnapshotId(request.SnapshotId);
    const volume = await blockstore.volumes.create(caller, {
      zone: readZone(request),
      ...(snapshotId === undefined ? {} : { snapshotId }),
      ...readVolumeShape(request),
      ...(request.MultiAttachEnabled === true && { multiAttach: true }),
      tags: readTagSpecifications(request.TagSpecifications, 'volume'),
      ...readClientToken(request.ClientToken),
      dryRun: request.DryRun ?? false,
    });
    return volumeView(volume);
  },
};

/** The id of a zone is its name here, so either member names it. */
function readZone({ AvailabilityZone: name, AvailabilityZoneId: id }: CreateVolumeRequest): string {
  if (name !== undefined && id !== undefined) {
    throw new ApiError('InvalidParameterCombination', 'Only one of AvailabilityZone and AvailabilityZoneId can be specified.');
  }
  const zone = name ?? id;
  if (zone === undefined) throw new ApiError('MissingParameter', 'The request must contain the parameter AvailabilityZone');
  return zone;
}
