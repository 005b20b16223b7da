import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emptyRecycleBin } from '../../../../src/blockstore/empty-recycle-bin.ts';
import type * as ids from '../../../../src/model/ids.ts';
import { dayMs } from '../../../../src/model/snapshot-lock.ts';
import { caller, onVmm1, stranger, zone } from '../../../support/saga-rig.ts';
import { attach, createSnapshot, createVolume } from '../../../support/scenarios.ts';
import { type ApiRig, items, type Params, startApiRig } from '../support/api-rig.ts';

let api: ApiRig;
let VolumeId: ids.VolumeId;
let SnapshotId: ids.SnapshotId;

beforeEach(async () => {
  api = await startApiRig({ retention: { volumesMs: 7 * dayMs, snapshotsMs: 3 * dayMs } });
  VolumeId = await createVolume(api.service);
  await api.settle();
  SnapshotId = await createSnapshot(api.service, VolumeId);
  await api.settle();
});
afterEach(() => api.close());

const deleteVolume = () => api.ask({ Action: 'DeleteVolume', VolumeId });
const deleteSnapshot = () => api.ask({ Action: 'DeleteSnapshot', SnapshotId });
const binned = async (what: 'Volumes' | 'Snapshots', params: Params = {}, through: Pick<ApiRig, 'ask'> = api) =>
  items((await through.ask({ Action: `List${what}InRecycleBin`, ...params }))[what === 'Volumes' ? 'volumeSet' : 'snapshotSet']);
const empty = async () => {
  const begun = await emptyRecycleBin({ store: api.service.store, owner: api.service.owner });
  for (const operation of begun) {
    api.service.worker.start(operation);
  }
  await api.settle();
  return begun.length;
};

describe('a volume that was deleted', () => {
  test('is in the bin with its data, and nowhere else', async () => {
    await api.ask({ Action: 'ModifyVolume', VolumeId, Size: '2' });
    await api.settle();
    const inventory = api.rig.world.inventory();
    await deleteVolume();
    await api.settle();
    expect(api.rig.world.inventory()).toEqual(inventory);
    expect(items((await api.ask({ Action: 'DescribeVolumes' })).volumeSet)).toEqual([]);
    expect(items((await api.ask({ Action: 'DescribeVolumesModifications' })).volumeModificationSet)).toEqual([]);
    expect(items((await api.ask({ Action: 'DescribeTags' })).tagSet)).toEqual([]);
    const [found] = await binned('Volumes');
    expect(found).toMatchObject({
      volumeId: VolumeId,
      size: '2',
      volumeType: 'gp3',
      state: 'available',
      availabilityZone: zone,
      iops: '3000',
    });
    expect(Date.parse(found?.recycleBinExitTime ?? '') - Date.parse(found?.recycleBinEnterTime ?? '')).toBeCloseTo(7 * dayMs, -2);
    expect(await binned('Volumes', {}, api.as(stranger))).toEqual([]);
  });

  test('can be used for nothing while it is there', async () => {
    await deleteVolume();
    for (const params of [
      { Action: 'AttachVolume', VolumeId, InstanceId: onVmm1, Device: '/dev/sdf' },
      { Action: 'CopyVolumes', SourceVolumeId: VolumeId },
      { Action: 'CreateSnapshot', VolumeId },
      { Action: 'DeleteVolume', VolumeId },
      { Action: 'DescribeVolumes', 'VolumeId.1': VolumeId },
      { Action: 'DescribeVolumeAttribute', VolumeId, Attribute: 'autoEnableIO' },
      { Action: 'DetachVolume', VolumeId },
      { Action: 'EnableVolumeIO', VolumeId },
      { Action: 'ModifyVolume', VolumeId, Size: '4' },
      { Action: 'ModifyVolumeAttribute', VolumeId, 'AutoEnableIO.Value': 'true' },
      { Action: 'CreateTags', 'ResourceId.1': VolumeId, 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' },
    ] as readonly Params[]) {
      expect([params.Action, await api.refusal(params)]).toEqual([params.Action, 'InvalidVolume.NotFound']);
    }
    const { store } = api.service;
    const accountId = caller.accountId;
    expect(await store.putTags({ accountId, resourceIds: [VolumeId], tags: [] })).toEqual({
      outcome: 'refused',
      reason: 'resource-not-found',
    });
    expect(await store.putAutoEnableIo(accountId, VolumeId, true)).toBe(false);
  });

  test('comes back with its tags and contents, once', async () => {
    await attach(api.service, VolumeId, onVmm1);
    await api.settle();
    api.rig.world.guest('dom1').write(VolumeId, 0, Buffer.from('kept'));
    await api.ask({ Action: 'DetachVolume', VolumeId });
    await api.settle();
    const before = (await api.ask({ Action: 'DescribeVolumes' })).volumeSet;
    await deleteVolume();
    expect(await api.as(stranger).refusal({ Action: 'RestoreVolumeFromRecycleBin', VolumeId })).toBe('InvalidVolume.NotFound');
    expect(await api.ask({ Action: 'RestoreVolumeFromRecycleBin', VolumeId })).toMatchObject({ return: 'true' });
    expect((await api.ask({ Action: 'DescribeVolumes' })).volumeSet).toEqual(before);
    expect(await binned('Volumes')).toEqual([]);
    expect(await api.refusal({ Action: 'RestoreVolumeFromRecycleBin', VolumeId })).toBe('InvalidVolume.NotFound');
    await attach(api.service, VolumeId, onVmm1);
    await api.settle();
    expect(api.rig.world.guest('dom1').read(VolumeId, 0, 4).toString()).toBe('kept');
  });

  test('is deleted by an operation when its time is up, and not before', async () => {
    await deleteVolume();
    api.rig.time.nowMs += 6.9 * dayMs;
    expect(await empty()).toBe(0);
    expect(await binned('Volumes')).toHaveLength(1);
    api.rig.time.nowMs += 0.2 * dayMs;
    expect(await empty()).toBe(1);
    expect(await binned('Volumes')).toEqual([]);
    expect(api.rig.world.inventory()).toEqual([`snapshot ${SnapshotId}`]);
    const [operation] = await api.service.store.operations({ limit: 1 });
    expect(operation).toMatchObject({ kind: 'delete-volume', resourceId: VolumeId, state: 'done' });
    expect(await api.refusal({ Action: 'RestoreVolumeFromRecycleBin', VolumeId })).toBe('InvalidVolume.NotFound');
    expect(await empty()).toBe(0);
  });

  test('is refused as without a bin: in use, being copied, unknown', async () => {
    await attach(api.service, VolumeId, onVmm1);
    await api.settle();
    expect(await api.refusal({ Action: 'DeleteVolume', VolumeId })).toBe('VolumeInUse');
    expect(await binned('Volumes')).toEqual([]);
  });

  test('goes at once when its creation failed: there is nothing to have back', async () => {
    api.rig.faults.arm('volume.make', 'is refused');
    const failed = await createVolume(api.service);
    await api.settle();
    api.rig.faults.disarm();
    await api.ask({ Action: 'DeleteVolume', VolumeId: failed });
    await api.settle();
    expect(await binned('Volumes')).toEqual([]);
    expect(await api.refusal({ Action: 'DescribeVolumes', 'VolumeId.1': failed })).toBe('InvalidVolume.NotFound');
  });
});

describe('a snapshot that was deleted', () => {
  test('is in the bin, is used for nothing, and comes back', async () => {
    await deleteSnapshot();
    expect(await binned('Snapshots')).toMatchObject([{ snapshotId: SnapshotId, volumeId: VolumeId }]);
    for (const params of [
      { Action: 'CreateVolume', AvailabilityZone: zone, SnapshotId },
      { Action: 'CopySnapshot', SourceRegion: 'here-1', SourceSnapshotId: SnapshotId },
      { Action: 'DeleteSnapshot', SnapshotId },
      { Action: 'DescribeSnapshots', 'SnapshotId.1': SnapshotId },
      { Action: 'LockSnapshot', SnapshotId, LockMode: 'governance', LockDuration: '1' },
      { Action: 'ModifySnapshotAttribute', SnapshotId, OperationType: 'add', 'UserId.1': stranger.accountId },
    ] as readonly Params[]) {
      expect([params.Action, await api.refusal(params)]).toEqual([params.Action, 'InvalidSnapshot.NotFound']);
    }
    const restored = await api.ask({ Action: 'RestoreSnapshotFromRecycleBin', SnapshotId });
    expect(restored).toMatchObject({ snapshotId: SnapshotId, status: 'completed', volumeSize: '1', ownerId: caller.accountId });
    expect(await binned('Snapshots')).toEqual([]);
    await api.ask({ Action: 'CreateVolume', AvailabilityZone: zone, SnapshotId });
    await api.settle();
  });

  test('is deleted by an operation when its time is up', async () => {
    await deleteSnapshot();
    api.rig.time.nowMs += 3.1 * dayMs;
    expect(await empty()).toBe(1);
    expect(api.rig.world.inventory()).toEqual([`volume ${VolumeId}`]);
    expect(await binned('Snapshots')).toEqual([]);
  });

  test('does not come into the bin while it is locked', async () => {
    await api.ask({ Action: 'LockSnapshot', SnapshotId, LockMode: 'governance', LockDuration: '1' });
    expect(await api.refusal({ Action: 'DeleteSnapshot', SnapshotId })).toBe('SnapshotLocked');
    expect(await binned('Snapshots')).toEqual([]);
  });
});

test('what is restored in the moment when its time is up is not deleted', async () => {
  await deleteVolume();
  api.rig.time.nowMs += 8 * dayMs;
  const { store } = api.service;
  const [due] = await store.recycledTooLong();
  expect(due).toMatchObject({ kind: 'volume', volumeId: VolumeId });
  await api.ask({ Action: 'RestoreVolumeFromRecycleBin', VolumeId });
  const operation = {
    id: await store.issueId('operation'),
    kind: 'delete-volume',
    version: 1,
    resourceId: VolumeId,
    accountId: undefined,
    input: null,
  };
  expect(await store.beginDeleteRecycled({ operation })).toEqual({ outcome: 'refused', reason: 'not-in-bin' });
  expect(items((await api.ask({ Action: 'DescribeVolumes' })).volumeSet)).toHaveLength(1);
});

test('the bin is listed in pages, and by ids', async () => {
  const more = await Promise.all(Array.from({ length: 6 }, () => createVolume(api.service)));
  await api.settle();
  for (const id of [VolumeId, ...more]) {
    await api.ask({ Action: 'DeleteVolume', VolumeId: id });
  }
  const first = await api.ask({ Action: 'ListVolumesInRecycleBin', MaxResults: '5' });
  const second = await api.ask({ Action: 'ListVolumesInRecycleBin', MaxResults: '5', NextToken: first.nextToken ?? '' });
  const seen = [...items(first.volumeSet), ...items(second.volumeSet)].map(({ volumeId }) => volumeId);
  expect(seen).toEqual([VolumeId, ...more].sort());
  expect(second.nextToken).toBeUndefined();
  expect(await binned('Volumes', { 'VolumeId.1': VolumeId })).toHaveLength(1);
  expect(await api.refusal({ Action: 'ListVolumesInRecycleBin', 'VolumeId.1': 'vol-00000000' })).toBe('InvalidVolume.NotFound');
  expect(await api.refusal({ Action: 'ListSnapshotsInRecycleBin', 'SnapshotId.1': SnapshotId })).toBe('InvalidSnapshot.NotFound');
});
