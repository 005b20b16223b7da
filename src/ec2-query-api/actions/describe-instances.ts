import type { InstanceWithAttachments } from '../../blockstore/blockstore.ts';
import type { Attachment } from '../../model/attachment.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import { compilePage } from '../wire/paging.ts';
import { type Action, type ActionContext, stopDryRun } from './action.ts';
import { instanceStates, instanceTags, instanceZone, reservationView } from './instance-view.ts';
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
    const instanceIds = readIds(request.InstanceIds, readInstanceId);
    const passes = compileFilters(request.Filters, instanceFilters(context));
    const takePage = compilePage<InstanceWithAttachments>(request, {
      kind: 'instance',
      idsGiven: instanceIds !== undefined,
      idOf: (instance) => instance.id,
    });
    stopDryRun(request.DryRun);
    const instances = await context.blockstore.instances.list(context.caller, instanceIds);
    // Several resolvers list one after the other; pages need one order.
    const ordered = [...instances].sort((a, b) => (a.id < b.id ? -1 : 1));
    const page = takePage(ordered.filter(passes));
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
