import { expect, test } from 'vitest';
import { departuresFromModel } from './conforms-to-model.ts';

test('an answer as the model has it has no departures', () => {
  const volume = { volumeId: 'vol-1', size: '1', encrypted: 'false', createTime: '2024-05-06T07:08:09.010Z', tagSet: '' };
  expect(departuresFromModel('DescribeVolumes', { requestId: 'r', volumeSet: { item: [volume, volume] } })).toEqual([]);
  expect(departuresFromModel('DeleteVolume', { requestId: 'r', return: 'true' })).toEqual([]);
});

test('unknown elements and values of another type are told', () => {
  const volume = { colour: 'red', size: 'big', encrypted: 'no', createTime: 'today', volumeId: { a: 'b' }, tagSet: { tag: 'x' } };
  expect(departuresFromModel('DescribeVolumes', { volumeSet: { item: volume } }).map((text) => text.replace(/:.*/, ''))).toEqual([
    'DescribeVolumes.volumeSet[0].colour is unknown',
    'DescribeVolumes.volumeSet[0].size is no number',
    'DescribeVolumes.volumeSet[0].encrypted is no boolean',
    'DescribeVolumes.volumeSet[0].createTime is no timestamp',
    'DescribeVolumes.volumeSet[0].volumeId is no string',
    'DescribeVolumes.volumeSet[0].tagSet.tag is no item',
    'DescribeVolumes.volumeSet[0].tagSet[0] is not one structure',
  ]);
  expect(departuresFromModel('DeleteVolume', { return: 'false' })).toHaveLength(1);
});
