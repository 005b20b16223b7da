import { describe, expect, test } from 'vitest';
import { requestStructures } from '../../../../src/ec2-query-api/api-model/operations.ts';
import { decode } from '../../../../src/ec2-query-api/wire/decode.ts';
import { nestParams } from '../../../../src/ec2-query-api/wire/nest-params.ts';
import { parseForm } from '../../../../src/ec2-query-api/wire/parse-form.ts';

function read(structure: string, form: string) {
  return decode(requestStructures, structure, nestParams(parseForm(form, 1_000)));
}

function refusal(code: string, message: string) {
  return expect.objectContaining({ code, message });
}

describe('a good request', () => {
  test('has every member in its type', () => {
    const form =
      'Size=8&Encrypted=false&TagSpecification.1.ResourceType=volume&TagSpecification.1.Tag.1.Key=k&TagSpecification.1.Tag.1.Value=v';
    expect(read('CreateVolumeRequest', `AvailabilityZone=here-1a&${form}`)).toEqual({
      AvailabilityZone: 'here-1a',
      Size: 8,
      Encrypted: false,
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'k', Value: 'v' }] }],
    });
  });

  test('may give a list of one value without its index', () => {
    expect(read('DescribeVolumesRequest', 'VolumeId=a')).toEqual({ VolumeIds: ['a'] });
  });

  test('may number a list in any order and with gaps', () => {
    expect(read('DescribeVolumesRequest', 'VolumeId.10=c&VolumeId.2=b&VolumeId.1=a')).toEqual({ VolumeIds: ['a', 'b', 'c'] });
  });

  test.each(['true', 'True', 'TRUE', '1'])('may say true as %s', (text) => {
    expect(read('DeleteVolumeRequest', `VolumeId=a&DryRun=${text}`)).toEqual({ VolumeId: 'a', DryRun: true });
  });

  test('may leave a member empty, which is as if it had left it out', () => {
    expect(read('CreateVolumeRequest', 'SnapshotId=&Size=1')).toEqual({ Size: 1 });
  });

  test('keeps empty values below the top, where they mean something', () => {
    expect(read('DescribeVolumesRequest', 'Filter.1.Name=tag:a&Filter.1.Value.1=')).toEqual({ Filters: [{ Name: 'tag:a', Values: [''] }] });
  });
});

describe('a bad request', () => {
  test.each([
    ['a=1', 'UnknownParameter', 'The parameter a is not recognized'],
    ['volumeId=x', 'UnknownParameter', 'The parameter volumeId is not recognized'],
    ['__proto__=x', 'UnknownParameter', 'The parameter __proto__ is not recognized'],
    ['Filter.Name=x', 'UnknownParameter', 'The parameter Filter.Name is not recognized'],
    ['Filter.1.Colour=x', 'UnknownParameter', 'The parameter Filter.1.Colour is not recognized'],
    ['VolumeId.1.2=x', 'UnknownParameter', 'The parameter VolumeId.1.2 is not recognized'],
    ['VolumeId.01=x', 'UnknownParameter', 'The parameter VolumeId.01 is not recognized'],
    ['MaxResults=ten', 'InvalidParameterValue', 'Value (ten) for parameter MaxResults is invalid. Expected: an integer.'],
    ['MaxResults=1e3', 'InvalidParameterValue', 'Value (1e3) for parameter MaxResults is invalid. Expected: an integer.'],
    ['DryRun=yes', 'InvalidParameterValue', 'Value (yes) for parameter DryRun is invalid. Expected: true or false.'],
    ['Filter=x', 'InvalidParameterValue', 'Value (x) for parameter Filter is invalid. Expected: a list (Filter.1, Filter.2 …).'],
    ['Filter.1=x', 'InvalidParameterValue', 'Value (x) for parameter Filter.1 is invalid. Expected: members.'],
    [
      'VolumeId.10001=x',
      'InvalidParameterValue',
      'Value (10001) for parameter VolumeId.N is invalid. Expected: an index of at most 10000.',
    ],
  ])('%s is refused with %s', (form, code, message) => {
    expect(() => read('DescribeVolumesRequest', form)).toThrow(refusal(code, message));
  });

  test.each(['', 'VolumeId='])('"%s" lacks a required member', (form) => {
    const missing = refusal('MissingParameter', 'The request must contain the parameter VolumeId');
    expect(() => read('DeleteVolumeRequest', form)).toThrow(missing);
  });
});
