import { actions } from '../../../src/ec2-query-api/actions/table.ts';
import { operations, requestStructures } from '../../../src/ec2-query-api/api-model/operations.ts';
import type { WireType } from '../../../src/ec2-query-api/api-model/schema.ts';

/** What a parameter may name that can be somebody's. `plain`: nothing, whatever its value is. */
export type ParameterKind =
  | 'volume'
  | 'snapshot'
  | 'instance'
  /** A volume or a snapshot. */
  | 'taggable'
  | 'account'
  | 'key'
  | 'page token'
  | 'client token'
  | 'device'
  /** An address with a request for a snapshot in it. */
  | 'request for a snapshot'
  | 'filter'
  | 'plain';

/** By the parameter's own name, wherever it stands. One that the model has and that is not named here fails the matrix. */
const kindsOfParameters: Readonly<Record<string, ParameterKind>> = {
  VolumeId: 'volume',
  SourceVolumeId: 'volume',
  ExcludeDataVolumeId: 'volume',
  SnapshotId: 'snapshot',
  SourceSnapshotId: 'snapshot',
  InstanceId: 'instance',
  ResourceId: 'taggable',
  UserId: 'account',
  Owner: 'account',
  RestorableBy: 'account',
  KmsKeyId: 'key',
  NextToken: 'page token',
  ClientToken: 'client token',
  Device: 'device',
  DeviceName: 'device',
  PresignedUrl: 'request for a snapshot',
  Filter: 'filter',
  ...Object.fromEntries(
    [
      ...['AllAvailabilityZones', 'AllRegions', 'Attribute', 'AttributeName', 'AvailabilityZone', 'AvailabilityZoneId'],
      ...['CompletionDurationMinutes', 'CoolOffPeriod', 'CopyTagsFromSource', 'DeleteOnTermination', 'Description'],
      ...['DestinationAvailabilityZone', 'DestinationOutpostArn', 'DestinationRegion', 'DryRun', 'EbsCardIndex', 'Enabled', 'Encrypted'],
      ...['ExcludeBootVolume', 'ExpirationDate', 'Force', 'Group', 'GroupId', 'IncludeManagedResources', 'Iops', 'Key', 'Location'],
      ...['LockDuration', 'LockMode', 'MaxResults', 'MultiAttachEnabled', 'NoDevice', 'OperationType', 'OutpostArn', 'Principal'],
      ...['RegionName', 'ResourceType', 'Size', 'SourceRegion', 'State', 'Throughput', 'UserGroup', 'Value', 'VirtualName'],
      ...['VolumeInitializationRate', 'VolumeType', 'ZoneId', 'ZoneName'],
    ].map((name) => [name, 'plain' as const]),
  ),
};

export interface IdParameter {
  readonly action: string;
  /** As it is written on the wire, with the index 1 where it stands in a list: `BlockDeviceMapping.1.Ebs.VolumeId`. */
  readonly parameter: string;
  readonly kind: ParameterKind;
  /** It stands in a list of its own, which can have several. */
  readonly isListed: boolean;
}

/** Every parameter of every action that is served, as the model has them, by what it may name. */
export function parametersOfAllActions(): readonly (Omit<IdParameter, 'kind'> & { readonly kind: ParameterKind | undefined })[] {
  return Object.keys(actions).flatMap((action) => {
    const { request } = operations[action as keyof typeof operations];
    return leavesOf(request, '').map(({ parameter, name, isListed }) => ({
      action,
      parameter,
      isListed,
      kind: Object.hasOwn(kindsOfParameters, name) ? kindsOfParameters[name] : undefined,
    }));
  });
}

/** Those that may name what is somebody's. */
export function idParameters(): readonly IdParameter[] {
  return parametersOfAllActions().flatMap(({ kind, ...rest }) =>
    kind === undefined || kind === 'plain' || kind === 'filter' ? [] : [{ ...rest, kind }],
  );
}

interface Leaf {
  readonly parameter: string;
  readonly name: string;
  readonly isListed: boolean;
}

function leavesOf(structure: string, prefix: string): readonly Leaf[] {
  return (requestStructures[structure] ?? []).flatMap(({ wireName, type }) => leavesOfType(type, wireName, `${prefix}${wireName}`, false));
}

function leavesOfType(type: WireType, name: string, parameter: string, isListed: boolean): readonly Leaf[] {
  if (type.kind === 'list') return leavesOfType(type.item, name, `${parameter}.1`, true);
  // A filter is one thing: what its values may name is told by its name.
  if (type.kind === 'structure' && type.structure !== 'Filter') return leavesOf(type.structure, `${parameter}.`);
  return [{ parameter, name, isListed }];
}
