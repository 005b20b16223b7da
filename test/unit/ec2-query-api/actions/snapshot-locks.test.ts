import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dayMs } from '../../../../src/model/snapshot-lock.ts';
import { failureOf } from '../../../support/failure-of.ts';
import { caller, stranger } from '../../../support/saga-rig.ts';
import { createSnapshot, createVolume } from '../../../support/scenarios.ts';
import { type ApiRig, items, type Params, startApiRig } from '../support/api-rig.ts';

let api: ApiRig;
let SnapshotId: string;
let volumeId: Awaited<ReturnType<typeof createVolume>>;

beforeEach(async () => {
  api = await startApiRig();
  volumeId = await createVolume(api.service);
  await api.settle();
  SnapshotId = await createSnapshot(api.service, volumeId);
  await api.settle();
});
afterEach(() => api.close());

const lock = (params: Params) => ({ Action: 'LockSnapshot', SnapshotId, ...params });
const governance = { LockMode: 'governance', LockDuration: '2' };
const compliance = { LockMode: 'compliance', LockDuration: '3' };
const unlock = () => ({ Action: 'UnlockSnapshot', SnapshotId });
const remove = () => ({ Action: 'DeleteSnapshot', SnapshotId });
const locked = async (params: Params = {}) => items((await api.ask({ Action: 'DescribeLockedSnapshots', ...params })).snapshotSet);
const pass = (days: number) => {
  api.rig.time.nowMs += days * dayMs;
};

test('a locked snapshot is not deleted before the lock expires, and is used like any other', async () => {
  expect(await api.ask(lock(governance))).toMatchObject({ snapshotId: SnapshotId, lockState: 'governance', lockDuration: '2' });
  expect(await api.refusal(remove())).toBe('SnapshotLocked');
  await api.ask({ Action: 'CreateVolume', AvailabilityZone: 'us-east-1a', SnapshotId });
  await api.settle();
  pass(1.9);
  expect(await api.refusal(remove())).toBe('SnapshotLocked');
  pass(0.2);
  expect(await locked()).toMatchObject([{ snapshotId: SnapshotId, lockState: 'expired', ownerId: caller.accountId }]);
  await api.ask(remove());
  await api.settle();
  expect(await locked()).toEqual([]);
});

test('the database refuses to delete a locked snapshot, whoever asks it', async () => {
  await api.ask(lock(governance));
  const { store } = api.service;
  const snapshotId = (await store.snapshots(caller.accountId))[0]?.id;
  if (snapshotId === undefined) throw new Error('no snapshot');
  const operation = {
    id: await store.issueId('operation'),
    kind: 'k',
    version: 1,
    resourceId: snapshotId,
    accountId: undefined,
    input: null,
    owner: 'o',
  };
  const refused = { outcome: 'refused', reason: 'snapshot-locked' };
  expect(await store.beginDeleteSnapshot({ accountId: caller.accountId, snapshotId, operation })).toEqual(refused);
  expect(await store.recycleSnapshot({ accountId: caller.accountId, snapshotId, exitsAtMs: 0 })).toEqual(refused);
});

describe('in governance mode', () => {
  test('it can be shortened, made one of compliance, and taken away', async () => {
    await api.ask(lock({ ...governance, LockDuration: '100' }));
    await api.ask(lock({ ...governance, LockDuration: '1' }));
    expect(await locked()).toMatchObject([{ lockDuration: '1' }]);
    await api.ask(unlock());
    expect(await locked()).toEqual([]);
    expect(await api.refusal(unlock())).toBe('IncorrectState');
    await api.ask(remove());
  });
});

describe('in compliance mode', () => {
  test('it can be changed in the cooling-off period, and only be extended after it', async () => {
    const answer = await api.ask(lock({ ...compliance, CoolOffPeriod: '24' }));
    expect(answer).toMatchObject({ lockState: 'compliance-cooloff', coolOffPeriod: '24' });
    expect(Date.parse(answer.coolOffPeriodExpiresOn ?? '') - Date.parse(answer.lockCreatedOn ?? '')).toBe(dayMs);
    expect(await api.refusal(remove())).toBe('SnapshotLocked');
    await api.ask(unlock());
    await api.ask(lock({ ...compliance, CoolOffPeriod: '24' }));
    pass(1);
    expect(await locked({ 'Filter.1.Name': 'lock-state', 'Filter.1.Value.1': 'compliance' })).toHaveLength(1);
    for (const refused of [
      unlock(),
      remove(),
      lock(governance),
      lock({ ...compliance, LockDuration: '1' }),
      lock({ ...compliance, LockDuration: '9', CoolOffPeriod: '1' }),
    ]) {
      expect(await api.refusal(refused)).toBe(refused.Action === 'DeleteSnapshot' ? 'SnapshotLocked' : 'OperationNotPermitted');
    }
    expect(await api.ask(lock({ ...compliance, LockDuration: '9' }))).toMatchObject({ lockState: 'compliance', lockDuration: '9' });
    pass(8.5);
    expect(await api.refusal(remove())).toBe('SnapshotLocked');
    pass(1);
    await api.ask(unlock());
  });
});

test('an end may be given as a date, which has to be in the future', async () => {
  const at = (days: number) => new Date(api.rig.time.nowMs + days * dayMs).toISOString();
  const ExpirationDate = at(3);
  expect(await api.ask(lock({ LockMode: 'governance', ExpirationDate }))).toMatchObject({
    lockExpiresOn: ExpirationDate,
    lockDuration: '3',
  });
  expect(await api.refusal(lock({ LockMode: 'governance', ExpirationDate: at(-1) }))).toBe('InvalidParameterValue');
  expect(await api.refusal(lock({ LockMode: 'governance', ExpirationDate: at(40_000) }))).toBe('InvalidParameterValue');
});

test('the lock of a pending snapshot begins to count when it is completed', async () => {
  let state: unknown;
  api.rig.faults.arm(
    'snapshot.make',
    async () => {
      const pending = (await api.service.store.snapshots(caller.accountId)).find((snapshot) => snapshot.state === 'pending');
      const answer = await api.ask({ Action: 'LockSnapshot', ...governance, SnapshotId: pending?.id ?? '' });
      state = [answer.lockState, answer.lockExpiresOn, answer.lockDurationStartTime];
      pass(5);
    },
    1,
  );
  const later = await createSnapshot(api.service, volumeId);
  await api.settle();
  expect(state).toEqual(['governance', undefined, undefined]);
  pass(1);
  expect(await api.refusal({ Action: 'DeleteSnapshot', SnapshotId: later })).toBe('SnapshotLocked');
  const [one] = await locked({ 'SnapshotId.1': later });
  expect(Date.parse(one?.lockExpiresOn ?? '') - Date.parse(one?.lockDurationStartTime ?? '')).toBe(2 * dayMs);
});

test.each([
  [{}, 'MissingParameter'],
  [{ LockMode: 'governance' }, 'MissingParameter'],
  [{ LockMode: 'other', LockDuration: '1' }, 'InvalidParameterValue'],
  [{ LockMode: 'governance', LockDuration: '0' }, 'InvalidParameterValue'],
  [{ LockMode: 'governance', LockDuration: '36501' }, 'InvalidParameterValue'],
  [{ LockMode: 'governance', LockDuration: '1', ExpirationDate: '2100-01-01T00:00:00Z' }, 'InvalidParameterCombination'],
  [{ LockMode: 'governance', LockDuration: '1', CoolOffPeriod: '1' }, 'InvalidParameterCombination'],
  [{ LockMode: 'compliance', LockDuration: '1', CoolOffPeriod: '73' }, 'InvalidParameterValue'],
  [{ LockMode: 'governance', LockDuration: '1', SnapshotId: 'snap-00000000' }, 'InvalidSnapshot.NotFound'],
] as readonly (readonly [Params, string])[])('a lock of %j is refused with %s, and nothing is locked', async (params, code) => {
  expect(await api.refusal(lock(params))).toBe(code);
  expect(await locked()).toEqual([]);
});

test('a snapshot that is shared cannot be locked by another account', async () => {
  await api.ask({ Action: 'ModifySnapshotAttribute', SnapshotId, OperationType: 'add', 'UserId.1': stranger.accountId });
  expect(await api.as(stranger).refusal(lock(governance))).toBe('InvalidSnapshot.NotFound');
});

test('of two requests that lock at the same moment neither is lost', async () => {
  const { snapshotLocks } = api.service.blockstore;
  const snapshotId = (await api.service.store.snapshots(caller.accountId))[0]?.id;
  if (snapshotId === undefined) throw new Error('no snapshot');
  const asked = (durationDays: number) => ({ snapshotId, mode: 'compliance' as const, until: { durationDays }, dryRun: false });
  const answers = await Promise.all([5, 1].map((days) => failureOf(snapshotLocks.lock(caller, asked(days)))));
  // Whichever comes second is held to what the first one did.
  expect(answers.filter((failure) => failure !== undefined).length).toBeLessThanOrEqual(1);
  expect(await locked()).toMatchObject([{ lockDuration: '5' }]);
});
