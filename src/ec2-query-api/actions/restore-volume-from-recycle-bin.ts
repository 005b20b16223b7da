import type { Action } from './action.ts';
import { readVolumeId } from './resource-ids.ts';

export const restoreVolumeFromRecycleBin: Action<'RestoreVolumeFromRecycleBin'> = {
  members: { VolumeId: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    await blockstore.recycleBin.restoreVolume(caller, { volumeId: readVolumeId(request.VolumeId), dryRun: request.DryRun ?? false });
    return { Return: true };
  },
};
