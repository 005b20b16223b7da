import type { InstanceWithAttachments } from '../../blockstore/blockstore.ts';
import type { Attachment } from '../../model/attachment.ts';
import type { FilterTable } from '../wire/filters.ts';
import type { Action, ActionContext } from './action.ts';
import { instanceStates, instanceTags, instanceZone, reservationView } from './instance-view.ts';
import { listPage } from './list-page.ts';
import { readIds, readInstanceId } from './resource-ids.ts';

export const describeInstances: Action<'DescribeInstances'> = {
  members: {
    InstanceIds: 'honoured',
    Filters: 'honoured',
    MaxResults: 'honoured',
    NextToken: 'honoured',
    // No instance is managed by an AWS service, so with or without them the answer is the same.
    IncludeManagedResources: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, context) {
    const ids = readIds(request.InstanceIds, readInstanceId);
    const page = await listPage<InstanceWithAttachments>(request, {
      ...{ kind: 'instance', ids, filters: instanceFilters(context), idOf: ({ id }) => id },
      // Several resolvers list one after the other; pages need one order.
      list: async () => [...(await context.blockstore.instances.list(context.caller, ids))].sort((a, b) => (a.id < b.id ? -1 : 1)),
    });
    return { Reservations: page.items.map((instance) => reservationView(instance, context)), NextToken: page.nextToken };
  },
};

function instanceFilters({ caller, zones }: ActionContext): FilterTable<InstanceWithAttachments> {
  const zone = given(instanceZone(zones));
  return {
    fields: {
      'availability-zone': () => zone,
      'block-device-mapping.attach-time': ofAttachments((attachment) => new Date(attachment.attachedAtMs).toISOString()),
      'block-device-mapping.delete-on-termination': ofAttachments((attachment) => String(attachment.deleteOnTermination)),
      'block-device-mapping.device-name': ofAttachments((attachment) => attachment.device),
      'block-device-mapping.status': ofAttachments((attachment) => attachment.state),
      'block-device-mapping.volume-id': ofAttachments((attachment) => attachment.volumeId),
      'instance-id': (instance) => [instance.id],
      'instance-state-code': (instance) => [String(instanceStates[instance.state].Code)],
      'instance-state-name': (instance) => [instanceStates[instance.state].Name],
      'ip-address': (instance) => given(instance.publicIpAddress),
      'owner-id': () => [caller.accountId],
      'private-ip-address': (instance) => given(instance.privateIpAddress),
    },
    tagsOf: instanceTags,
  };
}

function ofAttachments(textOf: (attachment: Attachment) => string): (instance: InstanceWithAttachments) => readonly string[] {
  return (instance) => instance.attachments.map(textOf);
}

function given(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}
