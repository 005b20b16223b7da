import type { Action } from './action.ts';
import { readDeviceName } from './device-name.ts';
import { readInstanceId, readVolumeId } from './resource-ids.ts';
import { attachmentView } from './volume-view.ts';

export const detachVolume: Action<'DetachVolume'> = {
  members: {
    VolumeId: 'honoured',
    InstanceId: 'honoured',
    Device: 'honoured',
    Force: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const attachment = await blockstore.attachments.detach(caller, {
      volumeId: readVolumeId(request.VolumeId),
      ...(request.InstanceId === undefined ? {} : { instanceId: readInstanceId(request.InstanceId) }),
      ...(request.Device === undefined ? {} : { device: readDeviceName(request.Device) }),
      // Without proof that the VM let go of the disk, the next tenant of the volume would share it with this one: then the volume is barred.
      ...(request.Force === true && { force: true }),
      dryRun: request.DryRun ?? false,
    });
    return attachmentView(attachment);
  },
};
