import { ApiError } from '../errors.ts';
import type { Action } from './action.ts';
import { readVolumeId } from './resource-ids.ts';

export const modifyVolumeAttribute: Action<'ModifyVolumeAttribute'> = {
  members: { VolumeId: 'honoured', AutoEnableIO: 'honoured', DryRun: 'honoured' },
  async perform({ VolumeId, AutoEnableIO, DryRun }, { blockstore, caller }) {
    const autoEnableIo = AutoEnableIO?.Value;
    if (autoEnableIo === undefined) throw new ApiError('MissingParameter', 'The request must contain the parameter AutoEnableIO.Value');
    await blockstore.volumes.setAutoEnableIo(caller, { volumeId: readVolumeId(VolumeId), autoEnableIo, dryRun: DryRun ?? false });
    return undefined;
  },
};
