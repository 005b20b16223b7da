import { Failure } from '../../model/failure.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import { type Action, stopDryRun } from './action.ts';

interface Region {
  readonly name: string;
  readonly endpoint: string;
}

const optInStatus = 'opt-in-not-required';

const regionFilters: FilterTable<Region> = {
  fields: {
    endpoint: (region) => [region.endpoint],
    'opt-in-status': () => [optInStatus],
    'region-name': (region) => [region.name],
  },
};

export const describeRegions: Action<'DescribeRegions'> = {
  members: {
    RegionNames: 'honoured',
    // There is one region, and it is always enabled.
    AllRegions: 'honoured',
    Filters: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { endpoint, region }) {
    const unknown = request.RegionNames?.find((name) => name !== region);
    if (unknown !== undefined) throw new Failure({ kind: 'region-not-found', region: unknown });
    const passes = compileFilters(request.Filters, regionFilters);
    stopDryRun(request.DryRun);
    // Clients connect to the endpoint they read here, so it is the one under which they reach this service.
    const regions = [{ name: region, endpoint }].filter(passes);
    return { Regions: regions.map(({ name }) => ({ RegionName: name, Endpoint: endpoint, OptInStatus: optInStatus })) };
  },
};
