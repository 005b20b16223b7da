import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateOperations, operationsPath } from '../../../../src/ec2-query-api/api-model/generate.ts';
import { actionNames, operations, requestStructures, responseStructures } from '../../../../src/ec2-query-api/api-model/operations.ts';
import { readModel } from '../../../../src/ec2-query-api/api-model/read-model.ts';

function wireNames(structure: string, structures = requestStructures): Record<string, string> {
  return Object.fromEntries((structures[structure] ?? []).map((member) => [member.name, member.wireName]));
}

test('the committed file is what the generator writes', () => {
  expect(readFileSync(operationsPath, 'utf8')).toBe(generateOperations());
});

test('requests are named by the rules of the EC2 query protocol', () => {
  expect(wireNames('DescribeVolumesRequest')).toMatchObject({
    VolumeIds: 'VolumeId',
    Filters: 'Filter',
    DryRun: 'DryRun',
    MaxResults: 'MaxResults',
  });
  expect(wireNames('DescribeSnapshotsRequest')).toMatchObject({ OwnerIds: 'Owner', RestorableByUserIds: 'RestorableBy' });
  expect(wireNames('TagSpecification')).toEqual({ ResourceType: 'ResourceType', Tags: 'Tag' });
});

test('responses are named as their XML names them', () => {
  expect(wireNames('Volume', responseStructures)).toMatchObject({
    State: 'status',
    Attachments: 'attachmentSet',
    Tags: 'tagSet',
    VolumeId: 'volumeId',
  });
  expect(wireNames('Instance', responseStructures)).toMatchObject({ PublicIpAddress: 'ipAddress', SecurityGroups: 'groupSet' });
});

test('the required members are those of the model', () => {
  const required = (requestStructures.AttachVolumeRequest ?? []).filter((member) => member.required).map((member) => member.name);
  expect(required.sort()).toEqual(['Device', 'InstanceId', 'VolumeId']);
});

test('an action without response members has no response', () => {
  expect(operations.DeleteVolume).toEqual({ request: 'DeleteVolumeRequest' });
});

test('every action of EC2 is known by name', () => {
  expect(actionNames.has('RunInstances')).toBe(true);
  expect(actionNames.size).toBeGreaterThan(700);
});

test('an action that the model does not have is told', () => {
  expect(() => readModel(new Map(), ['MakeCoffee'])).toThrow('@aws-sdk/client-ec2 exports no schema for MakeCoffee$');
});
