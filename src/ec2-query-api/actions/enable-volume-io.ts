import type { Action } from './action.ts';
import { readVolumeId } from './resource-ids.ts';

export const enableVolumeIO: Action<'EnableVolumeIO'> = {
  members: { VolumeId: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    await blockstore.volumes.enableIo(caller, { volumeId: readVolumeId(request.VolumeId), dryRun: request.DryRun ?? false });
    return undefined;
  },
};
