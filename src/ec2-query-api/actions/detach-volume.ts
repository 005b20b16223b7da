import { type Action, unsupportedUnless } from './action.ts';
import { readDeviceName } from './device-name.ts';
import { readInstanceId, readVolumeId } from './resource-ids.ts';
import { attachmentView } from './volume-view.ts';

export const detachVolume: Action<'DetachVolume'> = {
  members: {
    VolumeId: 'honoured',
    InstanceId: 'honoured',
    Device: 'honoured',
    // Without proof that the VM let go of the disk, the next tenant of the volume would share it with this one.
    Force: unsupportedUnless(
      false,
      'The parameter Force is not supported: a volume is only detached when its instance is known to have let go of it.',
    ),
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const attachment = await blockstore.attachments.detach(caller, {
      volumeId: readVolumeId(request.VolumeId),
      ...(request.InstanceId === undefined ? {} : { instanceId: readInstanceId(request.InstanceId) }),
      ...(request.Device === undefined ? {} : { device: readDeviceName(request.Device) }),
      dryRun: request.DryRun ?? false,
    });
    return attachmentView(attachment);
  },
};
