import { ApiError } from '../errors.ts';
import { type Action, stopDryRun } from './action.ts';
import { readVolumeId } from './resource-ids.ts';

export const describeVolumeAttribute: Action<'DescribeVolumeAttribute'> = {
  members: { Attribute: 'honoured', VolumeId: 'honoured', DryRun: 'honoured' },
  async perform({ Attribute: attribute, VolumeId, DryRun }, { blockstore, caller }) {
    if (attribute !== 'autoEnableIO' && attribute !== 'productCodes') {
      throw new ApiError('InvalidParameterValue', 'The attribute must be autoEnableIO or productCodes.');
    }
    const volumeId = readVolumeId(VolumeId);
    const autoEnableIo = await blockstore.volumes.autoEnablesIo(caller, volumeId);
    stopDryRun(DryRun);
    return attribute === 'autoEnableIO'
      ? { VolumeId: volumeId, AutoEnableIO: { Value: autoEnableIo } }
      : { VolumeId: volumeId, ProductCodes: [] };
  },
};
