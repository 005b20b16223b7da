import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VolumeId as VolumeIdType } from '../../../../src/model/ids.ts';
import { caller, onVmm1, onVmm2 } from '../../../support/saga-rig.ts';
import { attach, createSnapshot, createVolume, detach } from '../../../support/scenarios.ts';
import { type ApiRig, items, startApiRig } from '../support/api-rig.ts';

let api: ApiRig;
let VolumeId: VolumeIdType;

beforeEach(async () => {
  api = await startApiRig();
  VolumeId = await createVolume(api.service);
  await api.settle();
});
afterEach(() => api.close());

const modify = (params: Readonly<Record<string, string>>) => api.ask({ Action: 'ModifyVolume', VolumeId, ...params });
const refused = (params: Readonly<Record<string, string>>) => api.refusal({ Action: 'ModifyVolume', VolumeId, ...params });
const modifications = async (params: Readonly<Record<string, string>> = {}) =>
  items((await api.ask({ Action: 'DescribeVolumesModifications', ...params })).volumeModificationSet);
const volume = async () => {
  const [found] = await api.service.blockstore.volumes.list(caller, [VolumeId]);
  return found;
};

test('a volume grows, keeps what it holds, and reads as zeros behind it', async () => {
  await attach(api.service, VolumeId, onVmm1);
  await api.settle();
  api.rig.world.guest('dom1').write(VolumeId, 4_000, Buffer.from('recognisable'));
  await detach(api.service, VolumeId);
  await api.settle();
  const { volumeModification } = await modify({ Size: '3' });
  expect(volumeModification).toMatchObject({
    volumeId: VolumeId,
    modificationState: 'modifying',
    originalSize: '1',
    targetSize: '3',
    originalVolumeType: 'gp3',
    targetVolumeType: 'gp3',
    targetIops: '3000',
    targetThroughput: '125',
    progress: '0',
  });
  await api.settle();
  expect(await modifications({ 'VolumeId.1': VolumeId })).toMatchObject([
    { modificationState: 'completed', progress: '100', targetSize: '3' },
  ]);
  expect(await volume()).toMatchObject({ sizeGiB: 3, state: 'available' });
  await attach(api.service, VolumeId, onVmm1);
  await api.settle();
  const guest = api.rig.world.guest('dom1');
  expect(guest.read(VolumeId, 4_000, 12).toString()).toBe('recognisable');
  const behind = 3 * 1024 ** 3 - 8;
  expect(guest.read(VolumeId, behind, 8)).toEqual(Buffer.alloc(8));
  guest.write(VolumeId, behind, Buffer.from('the end.'));
  expect(guest.read(VolumeId, behind, 8).toString()).toBe('the end.');
});

test('a grown volume has snapshots of its new size, and volumes of those', async () => {
  await modify({ Size: '2' });
  await api.settle();
  const SnapshotId = await createSnapshot(api.service, VolumeId);
  await api.settle();
  await createVolume(api.service, SnapshotId);
  await api.settle();
  const sizes = (await api.service.blockstore.volumes.list(caller)).map(({ sizeGiB, state }) => `${sizeGiB} ${state}`);
  expect(sizes).toEqual(['2 available', '2 available']);
});

test('it is optimizing as soon as the volume has its new shape, and cannot be modified until that is over', async () => {
  const [seen, refusals]: [unknown[], string[]] = [[], []];
  api.rig.faults.arm('volume.grow', async () => {
    seen.push(...(await modifications()).map(({ modificationState }) => modificationState));
    refusals.push(await refused({ Size: '4' }), await api.refusal({ Action: 'CreateSnapshot', VolumeId }));
    refusals.push(await api.refusal({ Action: 'DeleteVolume', VolumeId }));
    api.rig.faults.arm('volume.look', async () => {
      const [modification] = await modifications();
      if (modification?.modificationState === 'optimizing') seen.push('optimizing', (await volume())?.sizeGiB);
    });
  });
  await modify({ Size: '2' });
  await api.settle();
  expect(seen).toEqual(['modifying', 'optimizing', 2]);
  expect(refusals).toEqual(['IncorrectModificationState', 'IncorrectModificationState', 'IncorrectState']);
});

test('another type has its own figures, on an attached volume too', async () => {
  await attach(api.service, VolumeId, onVmm1);
  await api.settle();
  await modify({ VolumeType: 'gp2' });
  await api.settle();
  expect(await volume()).toMatchObject({ type: 'gp2', state: 'in-use' });
  expect(await volume()).not.toHaveProperty('iops');
  await modify({ VolumeType: 'gp3', Throughput: '250' });
  await api.settle();
  expect(await volume()).toMatchObject({ type: 'gp3', iops: 3_000, throughputMiBps: 250 });
  await modify({ Iops: '4000' });
  await api.settle();
  expect(await volume()).toMatchObject({ type: 'gp3', iops: 4_000, throughputMiBps: 250 });
});

test('grows while it is attached where everything on the way to the VM notices, and can be detached then', async () => {
  await attach(api.service, VolumeId, onVmm1);
  await api.settle();
  await modify({ Size: '3' });
  await api.settle();
  expect(await volume()).toMatchObject({ sizeGiB: 3, state: 'in-use' });
  expect(api.rig.faults.asked.slice(-4)).toEqual(['volume.grow', 'export.grow', 'session.grow', 'disk.grow']);
  await detach(api.service, VolumeId);
  await api.settle();
  expect(await volume()).toMatchObject({ sizeGiB: 3, state: 'available' });
});

test('goes on where it stopped when something on the way to the VM did not notice at first', async () => {
  await attach(api.service, VolumeId, onVmm1);
  await api.settle();
  api.rig.faults.arm('session.grow', 'is refused');
  await modify({ Size: '3' });
  await api.settle();
  expect(await volume()).toMatchObject({ sizeGiB: 1, state: 'in-use' });
  api.rig.faults.disarm();
  await modify({ Size: '3' });
  await api.settle();
  expect(await volume()).toMatchObject({ sizeGiB: 3, state: 'in-use' });
});

describe('refusals', () => {
  test.each([
    ['nothing to modify', {}, 'InvalidParameterCombination'],
    ['a smaller size', { Size: '0' }, 'InvalidParameterValue'],
    ['a size that the type does not have', { Size: '65537' }, 'InvalidParameterValue'],
    ['a type that needs a larger volume', { VolumeType: 'st1' }, 'InvalidParameterValue'],
    ['a type that there is not', { VolumeType: 'gp9' }, 'InvalidParameterValue'],
    ['IOPS beyond the type', { Iops: '80001' }, 'InvalidParameterValue'],
    ['a throughput for a type without', { VolumeType: 'gp2', Throughput: '125' }, 'InvalidParameterCombination'],
    ['multi-attach for a type without', { MultiAttachEnabled: 'true' }, 'InvalidParameterCombination'],
  ])('%s', async (_what, params: Readonly<Record<string, string>>, code) => {
    expect(await refused(params)).toBe(code);
    await api.settle();
    expect(await modifications()).toEqual([]);
    expect(await volume()).toMatchObject({ sizeGiB: 1, type: 'gp3' });
  });

  test('another size while it is attached, which is taken once it is detached', async () => {
    await attach(api.service, VolumeId, onVmm2);
    await api.settle();
    expect(await refused({ Size: '2' })).toBe('UnsupportedOperation');
    await detach(api.service, VolumeId);
    await api.settle();
    await modify({ Size: '2' });
    await api.settle();
    expect(await volume()).toMatchObject({ sizeGiB: 2 });
  });

  test('another size while a snapshot of it is made', async () => {
    let code = '';
    api.rig.faults.arm('snapshot.make', async () => {
      code = await refused({ Size: '2' });
    });
    await createSnapshot(api.service, VolumeId);
    await api.settle();
    expect(code).toBe('VolumeInUse');
  });

  test('volumes that are not there, and those that were never modified', async () => {
    expect(await refused({ VolumeId: 'vol-00000000', Size: '2' })).toBe('InvalidVolume.NotFound');
    const describe = (id: string) => api.refusal({ Action: 'DescribeVolumesModifications', 'VolumeId.1': id });
    expect(await describe('vol-00000000')).toBe('InvalidVolume.NotFound');
    expect(await describe(VolumeId)).toBe('InvalidVolumeModification.NotFound');
  });
});

test('a modification that fails says so, leaves the volume as it was, and may be asked for again', async () => {
  api.rig.faults.arm('volume.grow', 'is refused');
  await modify({ Size: '2' });
  await api.settle();
  const [failed] = await modifications({ 'Filter.1.Name': 'modification-state', 'Filter.1.Value.1': 'failed' });
  expect(failed?.statusMessage).toContain('failed at its step "volume"');
  expect(await volume()).toMatchObject({ sizeGiB: 1, state: 'available' });
  api.rig.faults.disarm();
  await modify({ Size: '2' });
  await api.settle();
  expect(await modifications()).toMatchObject([{ modificationState: 'completed' }]);
  expect((await volume())?.stateReason).toBeUndefined();
});
