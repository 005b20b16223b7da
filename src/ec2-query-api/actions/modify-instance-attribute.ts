import { Failure } from '../../model/failure.ts';
import type { InstanceBlockDeviceMappingSpecification } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { type Action, unsupported } from './action.ts';
import { readDeviceName } from './device-name.ts';
import { readInstanceId, readVolumeId } from './resource-ids.ts';

const notOfVolumes = unsupported(
  'Of an instance only its BlockDeviceMapping can be modified here: anything else is a matter of its cloud.',
);

export const modifyInstanceAttribute: Action<'ModifyInstanceAttribute'> = {
  members: {
    InstanceId: 'honoured',
    BlockDeviceMappings: 'honoured',
    SourceDestCheck: notOfVolumes,
    EnclaveOptions: notOfVolumes,
    DisableApiStop: notOfVolumes,
    Attribute: notOfVolumes,
    Value: notOfVolumes,
    DisableApiTermination: notOfVolumes,
    InstanceType: notOfVolumes,
    Kernel: notOfVolumes,
    Ramdisk: notOfVolumes,
    UserData: notOfVolumes,
    InstanceInitiatedShutdownBehavior: notOfVolumes,
    Groups: notOfVolumes,
    EbsOptimized: notOfVolumes,
    SriovNetSupport: notOfVolumes,
    EnaSupport: notOfVolumes,
    DryRun: 'honoured',
  },
  async perform({ InstanceId, BlockDeviceMappings: mappings, DryRun }, { blockstore, caller }) {
    if (mappings === undefined) throw new ApiError('MissingParameter', 'The request must contain the parameter BlockDeviceMapping');
    await blockstore.instances.setDeleteOnTermination(caller, {
      instanceId: readInstanceId(InstanceId),
      devices: mappings.map(readMapping),
      dryRun: DryRun ?? false,
    });
    return undefined;
  },
};

function readMapping({ DeviceName, Ebs, NoDevice, VirtualName }: InstanceBlockDeviceMappingSpecification) {
  if (NoDevice !== undefined || VirtualName !== undefined) {
    throw new Failure({ kind: 'unsupported', reason: 'NoDevice and VirtualName are not supported: detach the volume to take it away.' });
  }
  if (DeviceName === undefined || Ebs?.DeleteOnTermination === undefined) {
    throw new ApiError('MissingParameter', 'Each BlockDeviceMapping must contain DeviceName and Ebs.DeleteOnTermination');
  }
  return {
    device: readDeviceName(DeviceName),
    deleteOnTermination: Ebs.DeleteOnTermination,
    ...(Ebs.VolumeId === undefined ? {} : { volumeId: readVolumeId(Ebs.VolumeId) }),
  };
}
