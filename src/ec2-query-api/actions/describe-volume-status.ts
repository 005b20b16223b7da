import type { VolumeHealth } from '../../blockstore/blockstore.ts';
import type { Volume } from '../../model/volume.ts';
import type { VolumeStatusItem } from '../api-model/operations.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import { compilePage } from '../wire/paging.ts';
import { type Action, stopDryRun } from './action.ts';
import { readIds, readVolumeId } from './resource-ids.ts';

interface VolumeStatus {
  readonly volume: Volume;
  readonly health: VolumeHealth;
}

/** Input and output are enabled whatever is wrong; how fast a volume is nobody measures. */
const details = (health: VolumeHealth) =>
  [
    { Name: 'io-enabled', Status: health === 'ok' ? 'passed' : 'failed' },
    { Name: 'io-performance', Status: 'not-applicable' },
  ] as const;

const statusFilters: FilterTable<VolumeStatus> = {
  fields: {
    'action.code': () => [],
    'action.description': () => [],
    'action.event-id': () => [],
    'availability-zone': ({ volume }) => [volume.zone],
    'availability-zone-id': ({ volume }) => [volume.zone],
    'event.description': () => [],
    'event.event-id': () => [],
    'event.event-type': () => [],
    'event.not-after': () => [],
    'event.not-before': () => [],
    'operator.managed': () => ['false'],
    'operator.principal': () => [],
    'volume-status.details-name': ({ health }) => details(health).map(({ Name }) => Name),
    'volume-status.details-status': ({ health }) => details(health).map(({ Status }) => Status),
    'volume-status.status': ({ health }) => [health],
  },
};

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
    const volumeIds = readIds(request.VolumeIds, readVolumeId);
    const passes = compileFilters(request.Filters, statusFilters);
    const takePage = compilePage<VolumeStatus>(request, {
      kind: 'volume status',
      idsGiven: volumeIds !== undefined,
      idOf: ({ volume }) => volume.id,
    });
    stopDryRun(request.DryRun);
    const volumes = await blockstore.volumes.list(caller, volumeIds);
    const health = await blockstore.volumes.health(volumes);
    const statuses = volumes.map((volume) => ({ volume, health: health.get(volume.id) ?? 'insufficient-data' }));
    const page = takePage(statuses.filter(passes));
    return { VolumeStatuses: page.items.map(statusView), NextToken: page.nextToken };
  },
};

function statusView({ volume, health }: VolumeStatus): VolumeStatusItem {
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone,
    AvailabilityZoneId: volume.zone,
    VolumeStatus: { Status: health, Details: health === 'insufficient-data' ? [] : details(health) },
    Events: [],
    Actions: [],
  };
}
