import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VolumeId } from '../../../../src/model/ids.ts';
import { stranger, zone } from '../../../support/saga-rig.ts';
import { createSnapshot, createVolume } from '../../../support/scenarios.ts';
import { type ApiRig, items, type Params, startApiRig } from '../support/api-rig.ts';

let api: ApiRig;
let volumeId: VolumeId;
let SnapshotId: string;
let other: Pick<ApiRig, 'ask' | 'refusal'>;

beforeEach(async () => {
  api = await startApiRig();
  other = api.as(stranger);
  volumeId = await createVolume(api.service);
  await api.settle();
  SnapshotId = await createSnapshot(api.service, volumeId);
  await api.settle();
  await api.ask({ Action: 'CreateTags', 'ResourceId.1': SnapshotId, 'Tag.1.Key': 'secret', 'Tag.1.Value': 'yes' });
});
afterEach(() => api.close());

const share = (params: Params) => api.ask({ Action: 'ModifySnapshotAttribute', SnapshotId, ...params });
const add = { OperationType: 'add', 'UserId.1': stranger.accountId };
const permissions = async () => {
  const answer = await api.ask({ Action: 'DescribeSnapshotAttribute', SnapshotId, Attribute: 'createVolumePermission' });
  return items(answer.createVolumePermission).map(({ userId, group }) => userId ?? group);
};
const seen = async (through: Pick<ApiRig, 'ask'>, params: Params = {}) =>
  items((await through.ask({ Action: 'DescribeSnapshots', ...params })).snapshotSet);

test('a snapshot that is shared is seen by the other account, without its tags, and only there', async () => {
  expect(await seen(other)).toEqual([]);
  await share(add);
  expect(await permissions()).toEqual([stranger.accountId]);
  const [shared] = await seen(other);
  expect(shared).toMatchObject({ snapshotId: SnapshotId, ownerId: '123456789012' });
  expect(items(shared?.tagSet)).toEqual([]);
  expect(items((await other.ask({ Action: 'DescribeTags' })).tagSet)).toEqual([]);
});

test('Owner and RestorableBy tell whose snapshots are listed', async () => {
  await share(add);
  const owner = (who: string, through: Pick<ApiRig, 'ask'> = other) => seen(through, { 'Owner.1': who });
  const restorable = (who: string, through: Pick<ApiRig, 'ask'> = other) => seen(through, { 'RestorableBy.1': who });
  expect(await owner('self')).toEqual([]);
  expect(await owner('123456789012')).toHaveLength(1);
  expect(await owner('self', api)).toHaveLength(1);
  expect(await restorable('self')).toHaveLength(1);
  expect(await restorable('all')).toEqual([]);
  expect(await restorable(stranger.accountId, api)).toHaveLength(1);
  expect(await restorable('111111111111', api)).toEqual([]);
  await share({ OperationType: 'add', 'UserGroup.1': 'all' });
  expect(await restorable('all')).toHaveLength(1);
});

test('the other account makes volumes and copies of it, which are its own, and can do nothing else with it', async () => {
  await share(add);
  await other.ask({ Action: 'CreateVolume', AvailabilityZone: zone, SnapshotId });
  const { snapshotId: copy } = await other.ask({ Action: 'CopySnapshot', SourceRegion: 'here-1', SourceSnapshotId: SnapshotId });
  await api.settle();
  expect(items((await other.ask({ Action: 'DescribeVolumes' })).volumeSet)).toMatchObject([
    { snapshotId: SnapshotId, status: 'available' },
  ]);
  for (const Action of ['DeleteSnapshot', 'ResetSnapshotAttribute', 'DescribeSnapshotAttribute']) {
    const attribute: Params = Action === 'DeleteSnapshot' ? {} : { Attribute: 'createVolumePermission' };
    expect(await other.refusal({ Action, SnapshotId, ...attribute })).toBe('InvalidSnapshot.NotFound');
  }
  expect(await other.refusal({ Action: 'CreateTags', 'ResourceId.1': SnapshotId, 'Tag.1.Key': 'a' })).toBe('InvalidSnapshot.NotFound');
  await api.ask({ Action: 'DeleteSnapshot', SnapshotId });
  await api.settle();
  expect(await seen(other)).toMatchObject([{ snapshotId: copy, status: 'completed', ownerId: stranger.accountId }]);
});

test('it is not shared any more once that is taken back or reset', async () => {
  await share({ 'CreateVolumePermission.Add.1.UserId': stranger.accountId, 'CreateVolumePermission.Add.2.Group': 'all' });
  expect(await permissions()).toEqual([stranger.accountId, 'all']);
  await share({ 'CreateVolumePermission.Remove.1.Group': 'all' });
  expect(await permissions()).toEqual([stranger.accountId]);
  await api.ask({ Action: 'ResetSnapshotAttribute', SnapshotId, Attribute: 'createVolumePermission' });
  expect(await permissions()).toEqual([]);
  expect(await other.refusal({ Action: 'CreateVolume', AvailabilityZone: zone, SnapshotId })).toBe('InvalidSnapshot.NotFound');
});

describe('refusals', () => {
  test.each([
    ['no change', {}, 'MissingParameter'],
    ['a list without an operation', { 'UserId.1': '210987654321' }, 'MissingParameter'],
    ['another operation', { OperationType: 'set', 'UserId.1': '210987654321' }, 'InvalidParameterValue'],
    ['another attribute', { Attribute: 'productCodes', ...add }, 'InvalidParameterValue'],
    ['no account id', { OperationType: 'add', 'UserId.1': 'somebody' }, 'InvalidUserID.Malformed'],
    ['another group', { OperationType: 'add', 'UserGroup.1': 'some' }, 'InvalidParameterValue'],
    ['a permission for nobody', { 'CreateVolumePermission.Add.1.Group': '' }, 'InvalidParameterValue'],
  ])('%s', async (_what, params: Params, code) => {
    expect(await api.refusal({ Action: 'ModifySnapshotAttribute', SnapshotId, ...params })).toBe(code);
    expect(await permissions()).toEqual([]);
  });
});

test('a copy with a request for another snapshot, or from another region, is refused', async () => {
  const copy = { Action: 'CopySnapshot', SourceRegion: 'here-1', SourceSnapshotId: SnapshotId };
  expect(await api.refusal({ ...copy, PresignedUrl: 'http://here/?SourceSnapshotId=snap-00000000' })).toBe('InvalidParameterValue');
  expect(await api.refusal({ ...copy, PresignedUrl: 'no address' })).toBe('InvalidParameterValue');
  expect(await api.refusal({ ...copy, SourceRegion: 'there-1' })).toBe('InvalidParameterValue');
  expect(await api.refusal({ ...copy, Encrypted: 'true' })).toBe('UnsupportedOperation');
  expect(await seen(api)).toHaveLength(1);
});

describe('public access', () => {
  const everyone = { OperationType: 'add', 'UserGroup.1': 'all' };
  const state = async () => (await api.ask({ Action: 'GetSnapshotBlockPublicAccessState' })).state;

  test('can be blocked for new snapshots, and then sharing with everyone is refused and what is shared stays so', async () => {
    await share(everyone);
    await api.ask({ Action: 'EnableSnapshotBlockPublicAccess', State: 'block-new-sharing' });
    expect(await state()).toBe('block-new-sharing');
    expect(await seen(other)).toHaveLength(1);
    expect(await api.refusal({ Action: 'ModifySnapshotAttribute', SnapshotId, ...everyone })).toBe('OperationNotPermitted');
    await share(add);
  });

  test('can be blocked for all, and comes back when it is not', async () => {
    await share(everyone);
    await api.ask({ Action: 'EnableSnapshotBlockPublicAccess', State: 'block-all-sharing' });
    expect(await seen(other)).toEqual([]);
    await api.ask({ Action: 'DisableSnapshotBlockPublicAccess' });
    expect(await state()).toBe('unblocked');
    expect(await seen(other)).toHaveLength(1);
    expect(await api.refusal({ Action: 'EnableSnapshotBlockPublicAccess', State: 'unblocked' })).toBe('InvalidParameterValue');
  });
});
