import type { VolumeHealth } from '../../blockstore/blockstore.ts';
import type { Volume } from '../../model/volume.ts';
import { mapInTurns } from '../../sharing/turn.ts';
import type { VolumeStatusItem } from '../api-model/operations.ts';
import type { FilterTable } from '../wire/filters.ts';
import type { Action } from './action.ts';
import { listPage } from './list-page.ts';
import { readIds, readVolumeId } from './resource-ids.ts';

interface VolumeStatus {
  readonly volume: Volume;
  readonly health: VolumeHealth;
}

/** Input and output are enabled whatever is wrong; how fast a volume is nobody measures. */
const details = ({ status }: VolumeHealth) =>
  [
    { Name: 'io-enabled', Status: status === 'ok' ? 'passed' : 'failed' },
    { Name: 'io-performance', Status: 'not-applicable' },
  ] as const;

/** What EC2 calls it when a volume may not hold what its owner thinks. */
const barredEventType = 'potential-data-inconsistency';

function events({ barred }: VolumeHealth) {
  if (barred === undefined) {
    return [];
  }
  const { operationId, sinceMs } = barred;
  return [
    {
      EventId: operationId.replace(/^op-/, 'evol-'),
      EventType: barredEventType,
      Description: `The volume is barred: its instance may not have let go of it (${operationId}). The operator has to clear it.`,
      NotBefore: new Date(sinceMs),
    },
  ];
}

const statusFilters: FilterTable<VolumeStatus> = {
  fields: {
    'action.code': () => [],
    'action.description': () => [],
    'action.event-id': () => [],
    'availability-zone': ({ volume }) => [volume.zone],
    'availability-zone-id': ({ volume }) => [volume.zone],
    'event.description': ({ health }) => events(health).map(({ Description }) => Description),
    'event.event-id': ({ health }) => events(health).map(({ EventId }) => EventId),
    'event.event-type': ({ health }) => events(health).map(({ EventType }) => EventType),
    'event.not-after': () => [],
    'event.not-before': ({ health }) => events(health).map(({ NotBefore }) => NotBefore.toISOString()),
    'operator.managed': () => ['false'],
    'operator.principal': () => [],
    'volume-status.details-name': ({ health }) => details(health).map(({ Name }) => Name),
    'volume-status.details-status': ({ health }) => details(health).map(({ Status }) => Status),
    'volume-status.status': ({ health }) => [health.status],
  },
};

const unasked: VolumeHealth = { status: 'insufficient-data' };

export const describeVolumeStatus: Action<'DescribeVolumeStatus'> = {
  members: {
    VolumeIds: 'honoured',
    Filters: 'honoured',
    MaxResults: 'honoured',
    NextToken: 'honoured',
    // No volume is managed by an AWS service, so with or without them the answer is the same.
    IncludeManagedResources: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const ids = readIds(request.VolumeIds, readVolumeId);
    const health = blockstore.volumes.health();
    const withHealth = async (volumes: readonly Volume[]): Promise<readonly VolumeStatus[]> => {
      const found = await health.of(volumes);
      return volumes.map((volume, index) => ({ volume, health: found[index] ?? unasked }));
    };
    const page = await listPage<VolumeStatus>(request, {
      ...{ kind: 'volume status', ids, filters: statusFilters, idOf: ({ volume }) => volume.id },
      list: async () => withHealth(await blockstore.volumes.list(caller, ids)),
      listAfter: async (range) => withHealth(await blockstore.volumes.listAfter(caller, range)),
    });
    return { VolumeStatuses: await mapInTurns(page.items, statusView), NextToken: page.nextToken };
  },
};

function statusView({ volume, health }: VolumeStatus): VolumeStatusItem {
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone,
    AvailabilityZoneId: volume.zone,
    VolumeStatus: { Status: health.status, Details: health.status === 'insufficient-data' ? [] : details(health) },
    Events: events(health),
    Actions: [],
  };
}
