import { afterEach, beforeEach, expect, test } from 'vitest';
import type { VolumeId } from '../../../../src/model/ids.ts';
import { caller, onVmm1 } from '../../../support/saga-rig.ts';
import { createVolume } from '../../../support/scenarios.ts';
import { type ApiRig, items, type Params, startApiRig } from '../support/api-rig.ts';

let api: ApiRig;
let boot: VolumeId;
let data: VolumeId;
let more: VolumeId;

beforeEach(async () => {
  api = await startApiRig();
  [boot, data, more] = [await createVolume(api.service), await createVolume(api.service), await createVolume(api.service)];
  await api.settle();
  const devices = [
    [boot, '/dev/sda1'],
    [data, '/dev/sdf'],
    [more, '/dev/sdg'],
  ] as const;
  for (const [volumeId, device] of devices) {
    await api.service.blockstore.attachments.attach(caller, { volumeId, instanceId: onVmm1, device, dryRun: false });
  }
  await api.settle();
});
afterEach(() => api.close());

const request = (params: Params = {}): Params => ({ Action: 'CreateSnapshots', 'InstanceSpecification.InstanceId': onVmm1, ...params });
const volumesOf = async (params: Params = {}) =>
  items((await api.ask(request(params))).snapshotSet)
    .map(({ volumeId }) => volumeId as string)
    .sort();

test('all volumes of an instance have their snapshots, with the description and the tags of each', async () => {
  const tags = { CopyTagsFromSource: 'volume', 'TagSpecification.1.ResourceType': 'snapshot', 'TagSpecification.1.Tag.1.Key': 'stage' };
  expect(await volumesOf({ Description: 'nightly', ...tags })).toEqual([boot, data, more].sort());
  await api.settle();
  const { snapshotSet } = await api.ask({ Action: 'DescribeSnapshots', 'Filter.1.Name': 'description', 'Filter.1.Value.1': 'nightly' });
  expect(items(snapshotSet)).toHaveLength(3);
  for (const snapshot of items(snapshotSet)) {
    expect(snapshot.status).toBe('completed');
    expect(items(snapshot.tagSet).map(({ key }) => key)).toEqual(['Name', 'stage']);
  }
});

test('the boot volume and single data volumes can be left out', async () => {
  expect(await volumesOf({ 'InstanceSpecification.ExcludeBootVolume': 'true' })).toEqual([data, more].sort());
  expect(await volumesOf({ 'InstanceSpecification.ExcludeDataVolumeId.1': data })).toEqual([boot, more].sort());
});

test.each([
  ['an instance without volumes', () => ({ 'InstanceSpecification.InstanceId': 'i-00000002' }), 'InvalidParameterValue'],
  [
    'no instance',
    () => ({ 'InstanceSpecification.InstanceId': '', 'InstanceSpecification.ExcludeBootVolume': 'true' }),
    'InvalidInstanceID.Malformed',
  ],
  ['the boot volume named as a data volume', () => ({ 'InstanceSpecification.ExcludeDataVolumeId.1': boot }), 'InvalidParameterValue'],
  ['a volume that is not attached', () => ({ 'InstanceSpecification.ExcludeDataVolumeId.1': 'vol-00000000' }), 'InvalidParameterValue'],
  ['other tags to copy', () => ({ CopyTagsFromSource: 'instance' }), 'InvalidParameterValue'],
])('%s is refused', async (_what, params: () => Params, code) => {
  expect(await api.refusal(request(params()))).toBe(code);
  expect(await api.service.blockstore.snapshots.list(caller)).toEqual([]);
});
