import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ActionName } from '../../src/ec2-query-api/actions/action.ts';
import { actions } from '../../src/ec2-query-api/actions/table.ts';
import { zone } from '../support/saga-rig.ts';
import type { Params } from '../unit/ec2-query-api/support/api-rig.ts';
import { commonDevice } from './support/estate.ts';
import { goodRequests } from './support/good-requests.ts';
import { controlDomains, startTenants, type Tenant, type Tenants } from './support/tenants.ts';
import { leaksIn, type Told, toldBy } from './support/told.ts';

let tenants: Tenants;
let visitor: Tenant;
let neighbour: Tenant;

beforeEach(async () => {
  tenants = await startTenants();
  ({ visitor, neighbour } = tenants.of);
});
afterEach(() => tenants.close());

const as =
  (tenant: Tenant) =>
  async (params: Params, asked: readonly string[] = []) =>
    toldBy(await tenants.as(tenant.name, params), asked);

async function done(tenant: Tenant, params: Params): Promise<Told> {
  const told = await as(tenant)(params);
  expect(told.status, told.text).toBe(200);
  await tenants.api.settle();
  return told;
}

/** All that an account can read, asked for in every way that lists. */
async function everythingSeenBy(tenant: Tenant): Promise<Readonly<Record<string, string>>> {
  const seen: Record<string, string> = {};
  for (const action of Object.keys(actions).filter((name) => /^(Describe|Get|List)/.test(name))) {
    const request: Params = { Action: action, ...goodRequests(tenant)[action as ActionName] };
    seen[action] = (await as(tenant)(request)).text;
    seen[`${action} first page`] = (await as(tenant)({ ...request, MaxResults: '5' })).text;
  }
  return seen;
}

test('whatever another account does, all that an account sees and all its pages stay as they were', async () => {
  const before = await everythingSeenBy(visitor);
  const { volumes, snapshots, instanceIds } = neighbour;
  const SnapshotId = snapshots.completed;
  const changes: readonly Params[] = [
    { Action: 'CreateVolume', AvailabilityZone: zone, Size: '1' },
    { Action: 'DetachVolume', VolumeId: volumes.multiAttached, InstanceId: instanceIds[1] ?? '' },
    { Action: 'AttachVolume', VolumeId: volumes.available, InstanceId: instanceIds[0] ?? '', Device: '/dev/sdo' },
    { Action: 'DeleteVolume', VolumeId: volumes.error },
    { Action: 'CreateSnapshot', VolumeId: volumes.inUse, Description: 'of a volume in use' },
    { Action: 'CopySnapshot', SourceSnapshotId: SnapshotId, SourceRegion: 'here-1' },
    { Action: 'ModifySnapshotAttribute', SnapshotId, OperationType: 'add', 'UserId.1': tenants.of.friend.accountId },
    { Action: 'LockSnapshot', SnapshotId, LockMode: 'governance', LockDuration: '9' },
    { Action: 'RestoreSnapshotFromRecycleBin', SnapshotId: snapshots.recycled },
    { Action: 'CreateTags', 'ResourceId.1': volumes.inUse, 'Tag.1.Key': 'a', 'Tag.1.Value': 'b' },
    { Action: 'EnableEbsEncryptionByDefault' },
    { Action: 'ModifyEbsDefaultKmsKeyId', KmsKeyId: 'alias/another' },
    { Action: 'EnableSnapshotBlockPublicAccess', State: 'block-all-sharing' },
  ];
  for (const change of changes) await done(neighbour, change);
  expect(await everythingSeenBy(visitor)).toEqual(before);
});

describe('a snapshot that another account has shared', () => {
  const one = (): Params => ({ 'UserId.1': visitor.accountId });

  test.each([
    ['with the account', one],
    ['with all', (): Params => ({ 'UserGroup.1': 'all' })],
  ])('%s shows itself, and nothing else of its owner', async (_who, grantee) => {
    const { shared } = neighbour.snapshots;
    await done(neighbour, { Action: 'ModifySnapshotAttribute', SnapshotId: shared, OperationType: 'add', ...grantee() });
    const known = [shared, neighbour.volumes.available, neighbour.accountId, 'description-of-neighbour-1'];
    const secrets = tenants.secretsFrom('visitor').filter((secret) => !known.includes(secret));
    const restorable = { 'RestorableBy.1': 'UserId.1' in grantee() ? 'self' : 'all' };
    for (const request of [{}, { 'SnapshotId.1': shared }, { 'Owner.1': neighbour.accountId }, restorable]) {
      const told = await as(visitor)({ Action: 'DescribeSnapshots', ...request });
      expect(told.text).toContain(shared);
      // A description may be the beginning of another one.
      expect(
        leaksIn(
          told,
          secrets.filter((secret) => !/^description-of-neighbour-1\d$/.test(secret)),
        ),
      ).toEqual([]);
    }
    const seen = await everythingSeenBy(visitor);
    for (const [action, text] of Object.entries(seen)) {
      if (!action.startsWith('DescribeSnapshots')) expect(text, action).not.toContain(shared);
    }
  });

  test('is for making volumes and copies of, and for nothing else', async () => {
    const { shared } = neighbour.snapshots;
    await done(neighbour, { Action: 'ModifySnapshotAttribute', SnapshotId: shared, OperationType: 'add', ...one() });
    const before = tenants.dump();
    const missing = 'snap-00000000000000000';
    const owners = ['DeleteSnapshot', 'DescribeSnapshotAttribute', 'LockSnapshot', 'ModifySnapshotAttribute', 'ResetSnapshotAttribute'];
    for (const action of [
      ...owners,
      'UnlockSnapshot',
      'RestoreSnapshotFromRecycleBin',
      'CreateTags',
      'DeleteTags',
      'DescribeLockedSnapshots',
    ]) {
      const request: Params = { Action: action, ...goodRequests(visitor)[action as ActionName] };
      const parameter = /Tags$/.test(action) ? 'ResourceId.1' : action === 'DescribeLockedSnapshots' ? 'SnapshotId.1' : 'SnapshotId';
      for (const extra of [{}, { DryRun: 'true' }]) {
        const toShared = await as(visitor)({ ...request, [parameter]: shared, ...extra }, [shared]);
        const toMissing = await as(visitor)({ ...request, [parameter]: missing, ...extra }, [missing]);
        expect(toShared, action).toEqual(toMissing);
        expect(toShared.status, action).toBeGreaterThanOrEqual(400);
      }
    }
    expect(tenants.dump()).toEqual(before);
    await done(visitor, { Action: 'CreateVolume', AvailabilityZone: zone, SnapshotId: shared });
    await done(visitor, { Action: 'CopySnapshot', SourceSnapshotId: shared, SourceRegion: 'here-1' });
  });

  test('is as if it had never been, once that is taken back', async () => {
    const { shared } = neighbour.snapshots;
    const before = await everythingSeenBy(visitor);
    const permission = { Action: 'ModifySnapshotAttribute', SnapshotId: shared, ...one() };
    await done(neighbour, { ...permission, OperationType: 'add' });
    await done(neighbour, { ...permission, OperationType: 'remove' });
    expect(await everythingSeenBy(visitor)).toEqual(before);
  });
});

describe('names that every account may use', () => {
  test('a client token of another account’s makes something new', async () => {
    const create = { Action: 'CreateVolume', AvailabilityZone: zone, Size: '1', ClientToken: neighbour.clientToken };
    const { text } = await done(visitor, create);
    expect(text).not.toContain(neighbour.volumes.available);
    expect((await done(visitor, create)).text).toContain(/<volumeId>([^<]+)</.exec(text)?.[1]);
  });

  test('a device name that another account’s instance has in use is free on one’s own', async () => {
    const { volumes, instanceIds } = visitor;
    const attach = { Action: 'AttachVolume', VolumeId: volumes.available, Device: neighbour.device };
    await done(visitor, { ...attach, InstanceId: instanceIds[0] ?? '' });
    expect((await as(visitor)({ Action: 'DescribeVolumes', 'VolumeId.1': volumes.available })).text).toContain('<status>attached</status>');
  });

  test('a device name in use on one’s own instance is refused, whoever else uses it', async () => {
    const { volumes, instanceIds } = visitor;
    const attach = { Action: 'AttachVolume', VolumeId: volumes.available, Device: commonDevice };
    expect((await as(visitor)({ ...attach, InstanceId: instanceIds[0] ?? '' })).code).toBe('InvalidParameterValue');
    expect((await as(visitor)({ ...attach, InstanceId: neighbour.instanceIds[0] ?? '' })).code).toBe('InvalidInstanceID.NotFound');
  });
});

test('an id with a mistake in it is answered without a look at whose it could be', async () => {
  for (const id of [neighbour.volumes.available, 'vol-00000000000000000']) {
    const told = await as(visitor)({ Action: 'DeleteVolume', VolumeId: `${id}0` }, [`${id}0`]);
    expect(told.code).toBe('InvalidParameterValue');
    expect((await as(visitor)({ Action: 'DeleteVolume', VolumeId: id.toUpperCase() })).code).toBe('InvalidParameterValue');
  }
});

describe('the operator', () => {
  test('has the instances that nobody owns, and reaches a VM by its host and domain', async () => {
    const { operator } = tenants.of;
    const { text } = await done(operator, { Action: 'DescribeInstances' });
    for (const instanceId of operator.instanceIds) expect(text).toContain(instanceId);
    const attach = { Action: 'AttachVolume', VolumeId: operator.volumes.available, Device: '/dev/sdo' };
    await done(operator, { ...attach, InstanceId: `vmm1/vm4-of-${operator.name}` });
  });

  test.each(controlDomains)('attaches nothing to %s, of which nobody else is told that it is there', async (InstanceId) => {
    const before = tenants.dump();
    for (const tenant of [tenants.of.operator, visitor]) {
      const attach = { Action: 'AttachVolume', VolumeId: tenant.volumes.available, Device: '/dev/sdo', InstanceId };
      for (const extra of [{}, { DryRun: 'true' }]) {
        const told = await as(tenant)({ ...attach, ...extra });
        expect(told.status).toBe(400);
        if (tenant === visitor) expect(told.code).toBe('InvalidInstanceID.NotFound');
      }
    }
    expect(tenants.dump()).toEqual(before);
  });
});
