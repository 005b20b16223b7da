import { type Action, unsupported } from './action.ts';
import { readDeviceName } from './device-name.ts';
import { readInstanceId, readVolumeId } from './resource-ids.ts';
import { attachmentView } from './volume-view.ts';

export const attachVolume: Action<'AttachVolume'> = {
  members: {
    VolumeId: 'honoured',
    InstanceId: 'honoured',
    Device: 'honoured',
    EbsCardIndex: unsupported('The parameter EbsCardIndex is not supported: the instances have no EBS cards.'),
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const attachment = await blockstore.attachments.attach(caller, {
      volumeId: readVolumeId(request.VolumeId),
      instanceId: readInstanceId(request.InstanceId),
      device: readDeviceName(request.Device),
      dryRun: request.DryRun ?? false,
    });
    return attachmentView(attachment);
  },
};
