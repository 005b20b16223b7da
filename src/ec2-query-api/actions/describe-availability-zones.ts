import { ApiError } from '../errors.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import { shorten } from '../wire/nest-params.ts';
import { type Action, stopDryRun } from './action.ts';

const zoneType = 'availability-zone';
const optInStatus = 'opt-in-not-required';

export const describeAvailabilityZones: Action<'DescribeAvailabilityZones'> = {
  members: {
    ZoneNames: 'honoured',
    ZoneIds: 'honoured',
    // Every zone is always available, so there are none that only this would show.
    AllAvailabilityZones: 'honoured',
    Filters: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { region, zones }) {
    // The id of a zone is its name here, so both lists name zones.
    const asked = [...(request.ZoneNames ?? []), ...(request.ZoneIds ?? [])];
    const unknown = asked.filter((name) => !zones.includes(name));
    if (unknown.length > 0) throw new ApiError('InvalidParameterValue', `Invalid availability zones: [${shorten(unknown.join(', '))}]`);
    const passes = compileFilters(request.Filters, zoneFilters(region));
    stopDryRun(request.DryRun);
    const shown = zones.filter((zone) => (asked.length === 0 || asked.includes(zone)) && passes(zone));
    return {
      AvailabilityZones: shown.map((zone) => ({
        ZoneName: zone,
        ZoneId: zone,
        State: 'available',
        RegionName: region,
        GroupName: region,
        NetworkBorderGroup: region,
        ZoneType: zoneType,
        OptInStatus: optInStatus,
        Messages: [],
      })),
    };
  },
};

function zoneFilters(region: string): FilterTable<string> {
  return {
    fields: {
      'group-name': () => [region],
      message: () => [],
      'opt-in-status': () => [optInStatus],
      'region-name': () => [region],
      state: () => ['available'],
      'zone-id': (zone) => [zone],
      'zone-name': (zone) => [zone],
      'zone-type': () => [zoneType],
    },
  };
}
