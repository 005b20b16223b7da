import type { Action } from './action.ts';
import { readVolumeId } from './resource-ids.ts';
import { volumeModificationView } from './volume-modification-view.ts';
import { readVolumeShape } from './volume-shape.ts';

export const modifyVolume: Action<'ModifyVolume'> = {
  members: {
    VolumeId: 'honoured',
    Size: 'honoured',
    VolumeType: 'honoured',
    Iops: 'honoured',
    Throughput: 'honoured',
    MultiAttachEnabled: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const modification = await blockstore.modifications.modify(caller, {
      volumeId: readVolumeId(request.VolumeId),
      ...readVolumeShape(request),
      ...(request.MultiAttachEnabled !== undefined && { multiAttach: request.MultiAttachEnabled }),
      dryRun: request.DryRun ?? false,
    });
    return { VolumeModification: volumeModificationView(modification) };
  },
};
