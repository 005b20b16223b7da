import type { AccountInstance, Instances, WithAttachments, WithState } from '../../blockstore/blockstore.ts';
import type { Attachment } from '../../model/attachment.ts';
import { filterInTurns } from '../../sharing/turn.ts';
import type { Filter } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import type { Action, ActionContext } from './action.ts';
import { instanceStates, instanceTags, instanceZone, reservationView } from './instance-view.ts';
import { listPage } from './list-page.ts';
import { readIds, readInstanceId } from './resource-ids.ts';

/** As many as EC2 takes; each may be a question to a cloud. */
const mostIds = 1_000;

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
    const { caller } = context;
    const { instances } = context.blockstore;
    if ((request.InstanceIds?.length ?? 0) > mostIds) {
      throw new ApiError('InvalidParameterValue', `A request can name at most ${mostIds} instances.`);
    }
    const ids = readIds(request.InstanceIds, readInstanceId);
    const filters = instanceFilters(context);
    // What costs nothing is filtered by first, and nothing else is asked about what does not pass.
    const free = request.Filters?.filter(({ Name = '' }) => !asksForAttachments(Name) && !asksForState(Name)) ?? [];
    const passesFree = free.length === 0 ? undefined : compileFilters(free, filters);
    const passing = async (some: readonly AccountInstance[]) => (passesFree === undefined ? some : filterInTurns(some, passesFree));
    const known = (some: readonly AccountInstance[]) => withWhatFiltersAsk(some, request.Filters ?? [], context);
    const page = await listPage<KnownInstance>(request, {
      ...{ kind: 'instance', ids, filters, idOf: ({ id }) => id },
      list: async () => known(await passing(await instances.list(caller, ids))),
      listAfter: async ({ afterId, count }) => {
        const found: AccountInstance[] = [];
        for (let lastId = afterId; ; ) {
          const part = await instances.listAfter(caller, { afterId: lastId, count });
          found.push(...(await passing(part)));
          lastId = part.at(-1)?.id;
          if (part.length < count || found.length >= count) return known(found.slice(0, count));
        }
      },
    });
    const withAttachments = await instances.attachments(caller, page.items);
    // The dear question last: only what is shown is asked for.
    const shown = await instances.states(caller, withAttachments);
    return { Reservations: shown.map((instance) => reservationView(instance, context)), NextToken: page.nextToken };
  },
};

/** An instance with as much as is known of it by now. */
type KnownInstance = AccountInstance & Partial<WithAttachments<WithState<AccountInstance>>>;

const asksForAttachments = (filterName: string) => filterName.startsWith('block-device-mapping.');
const asksForState = (filterName: string) => filterName.startsWith('instance-state-');

async function withWhatFiltersAsk(
  some: readonly AccountInstance[],
  filters: readonly Filter[],
  { caller, blockstore }: ActionContext,
): Promise<readonly KnownInstance[]> {
  const ask: Instances = blockstore.instances;
  const asks = (test: (name: string) => boolean) => filters.some(({ Name = '' }) => test(Name));
  const withAttachments = asks(asksForAttachments) ? await ask.attachments(caller, some) : some;
  return asks(asksForState) ? ask.states(caller, withAttachments) : withAttachments;
}

function instanceFilters({ zones }: ActionContext): FilterTable<KnownInstance> {
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
      'instance-state-code': ({ state }) => (state === undefined ? [] : [String(instanceStates[state].Code)]),
      'instance-state-name': ({ state }) => (state === undefined ? [] : [instanceStates[state].Name]),
      'ip-address': (instance) => given(instance.publicIpAddress),
      'owner-id': (instance) => [instance.accountId],
      'private-ip-address': (instance) => given(instance.privateIpAddress),
    },
    tagsOf: instanceTags,
  };
}

function ofAttachments(textOf: (attachment: Attachment) => string): (instance: KnownInstance) => readonly string[] {
  return ({ attachments = [] }) => attachments.map(textOf);
}

function given(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}
