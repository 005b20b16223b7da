import { Failure } from '../../model/failure.ts';
import { shorten } from '../wire/nest-params.ts';
import { type Action, stopDryRun } from './action.ts';
import { blockDeviceMappingsView } from './instance-view.ts';
import { readInstanceId } from './resource-ids.ts';

export const describeInstanceAttribute: Action<'DescribeInstanceAttribute'> = {
  members: { InstanceId: 'honoured', Attribute: 'honoured', DryRun: 'honoured' },
  async perform({ InstanceId, Attribute: attribute, DryRun }, { blockstore, caller }) {
    if (attribute !== 'blockDeviceMapping') {
      const reason = `The attribute ${shorten(String(attribute))} is not supported: of an instance this service knows the volumes. Ask for blockDeviceMapping.`;
      throw new Failure({ kind: 'unsupported', reason });
    }
    const found = await blockstore.instances.list(caller, [readInstanceId(InstanceId)]);
    stopDryRun(DryRun);
    const [instance] = await blockstore.instances.attachments(caller, found);
    return { InstanceId, BlockDeviceMappings: blockDeviceMappingsView(instance?.attachments ?? []) };
  },
};
