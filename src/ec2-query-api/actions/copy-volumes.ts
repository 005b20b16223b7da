import { type Action, unsupportedUnless } from './action.ts';
import { readClientToken } from './client-token.ts';
import { readVolumeId } from './resource-ids.ts';
import { readTagSpecifications } from './tag-specifications.ts';
import { readVolumeShape } from './volume-shape.ts';
import { volumeView } from './volume-view.ts';

/** One copy of one volume: the plural is of what may come. */
export const copyVolumes: Action<'CopyVolumes'> = {
  members: {
    SourceVolumeId: 'honoured',
    Iops: 'honoured',
    Size: 'honoured',
    VolumeType: 'honoured',
    TagSpecifications: 'honoured',
    MultiAttachEnabled: 'honoured',
    Throughput: 'honoured',
    ClientToken: 'honoured',
    Encrypted: unsupportedUnless(false, 'The parameter Encrypted is not supported: volumes are not encrypted by this service.'),
    KmsKeyId: {
      refuse: { kind: 'invalid-parameter-dependency', reason: 'The parameter KmsKeyId requires the parameter Encrypted to be set.' },
    },
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const volume = await blockstore.volumes.copy(caller, {
      sourceVolumeId: readVolumeId(request.SourceVolumeId),
      ...readVolumeShape(request),
      ...(request.MultiAttachEnabled === true && { multiAttach: true }),
      tags: readTagSpecifications(request.TagSpecifications, 'volume'),
      ...readClientToken(request.ClientToken),
      dryRun: request.DryRun ?? false,
    });
    return { Volumes: [volumeView(volume)] };
  },
};
