import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBlockstore } from '../../../src/blockstore/create-blockstore.ts';
import type { InstanceId, SnapshotId, VolumeId } from '../../../src/model/ids.ts';
import { chainResolvers } from '../../../src/resolvers/chain.ts';
import { CloudUnavailable, type InstanceResolver, type Resolution } from '../../../src/resolvers/cloud-resolver.ts';
import { staticResolver } from '../../../src/resolvers/static/static-resolver.ts';
import { dumpDatabase } from '../../support/database-dump.ts';
import { failureOf } from '../../support/failure-of.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig, stranger, zone } from '../../support/saga-rig.ts';
import { attach, createSnapshot, createVolume } from '../../support/scenarios.ts';
import { shownInstances } from '../../support/shown-instances.ts';

const noVolume = 'vol-00000000' as VolumeId;
const noSnapshot = 'snap-00000000' as SnapshotId;
const dryRun = false;

let rig: SagaRig;
let service: RunningService;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
});
afterEach(() => rig.close());

async function volume(): Promise<VolumeId> {
  const id = await createVolume(service);
  await service.settle();
  return id;
}

async function attached(instanceId: InstanceId = onVmm1): Promise<VolumeId> {
  const id = await volume();
  await attach(service, id, instanceId);
  await service.settle();
  return id;
}

async function snapshot(): Promise<{ readonly volumeId: VolumeId; readonly snapshotId: SnapshotId }> {
  const volumeId = await volume();
  const snapshotId = await createSnapshot(service, volumeId);
  await service.settle();
  return { volumeId, snapshotId };
}

/** A service of the same site whose operations never begin to run, so that everything stays as a request left it. */
async function idle(): Promise<RunningService> {
  const other = await rig.start({ takesUp: false });
  await other.worker.stop(0);
  return other;
}

const newVolume = { zone, type: 'gp3', tags: [], dryRun } as const;

describe('a refused request', () => {
  const refused = async (request: () => Promise<unknown>) => {
    const before = dumpDatabase(rig.databaseFile);
    const inventory = rig.world.inventory();
    const reason = await failureOf(request());
    expect(dumpDatabase(rig.databaseFile)).toEqual(before);
    expect(rig.world.inventory()).toEqual(inventory);
    return reason;
  };

  it('names every volume, snapshot and instance that is not there', async () => {
    const { volumes, snapshots, attachments, instances } = service.blockstore;
    const volumeId = await volume();
    const missing = { kind: 'volume-not-found', volumeIds: [noVolume] };
    expect(await refused(() => volumes.list(caller, [volumeId, noVolume]))).toEqual(missing);
    expect(await refused(() => volumes.delete(caller, { volumeId: noVolume, dryRun }))).toEqual(missing);
    expect(await refused(() => snapshots.create(caller, { volumeId: noVolume, description: '', tags: [], dryRun }))).toEqual(missing);
    expect(await refused(() => attachments.attach(caller, { volumeId: noVolume, instanceId: onVmm1, device: 'xvdf', dryRun }))).toEqual(
      missing,
    );
    expect(await refused(() => attachments.detach(caller, { volumeId: noVolume, dryRun }))).toEqual(missing);
    const noneOfIt = { kind: 'snapshot-not-found', snapshotIds: [noSnapshot] };
    expect(await refused(() => snapshots.list(caller, [noSnapshot]))).toEqual(noneOfIt);
    expect(await refused(() => snapshots.delete(caller, { snapshotId: noSnapshot, dryRun }))).toEqual(noneOfIt);
    expect(await refused(() => volumes.create(caller, { ...newVolume, snapshotId: noSnapshot }))).toEqual(noneOfIt);
    const instanceId = 'i-0000000f' as InstanceId;
    const nowhere = { kind: 'instance-not-found', instanceIds: [instanceId] };
    expect(await refused(() => attachments.attach(caller, { volumeId, instanceId, device: 'xvdf', dryRun }))).toEqual(nowhere);
    expect(await refused(() => instances.list(caller, [onVmm1, instanceId]))).toEqual(nowhere);
  });

  it('finds nothing of another account', async () => {
    const { volumes, snapshots, attachments, instances } = service.blockstore;
    const volumeId = await attached();
    const snapshotId = await createSnapshot(service, volumeId);
    await service.settle();
    expect(await volumes.list(stranger)).toEqual([]);
    expect(await snapshots.list(stranger)).toEqual([]);
    expect((await refused(() => volumes.delete(stranger, { volumeId, dryRun })))?.kind).toBe('volume-not-found');
    expect((await refused(() => attachments.detach(stranger, { volumeId, dryRun })))?.kind).toBe('volume-not-found');
    expect((await refused(() => snapshots.delete(stranger, { snapshotId, dryRun })))?.kind).toBe('snapshot-not-found');
    expect((await refused(() => volumes.create(stranger, { ...newVolume, snapshotId })))?.kind).toBe('snapshot-not-found');
    expect((await refused(() => snapshots.create(stranger, { volumeId, description: '', tags: [], dryRun })))?.kind).toBe(
      'volume-not-found',
    );
    expect((await refused(() => instances.list(stranger, [onVmm1])))?.kind).toBe('instance-not-found');
    expect((await shownInstances(service.blockstore, caller, [onVmm1]))[0]?.attachments).toHaveLength(1);
  });

  it('says in which state a volume is, and which one is wanted', async () => {
    const { volumes, snapshots, attachments } = service.blockstore;
    const available = await volume();
    const creating = await createVolume(await idle());
    expect(await refused(() => attachments.detach(caller, { volumeId: available, dryRun }))).toEqual({
      kind: 'volume-state',
      volumeId: available,
      state: 'available',
      wanted: 'in-use',
    });
    const notReady = { kind: 'volume-state', volumeId: creating, state: 'creating', wanted: 'available' };
    expect(await refused(() => attachments.attach(caller, { volumeId: creating, instanceId: onVmm1, device: 'xvdf', dryRun }))).toEqual(
      notReady,
    );
    expect(await refused(() => volumes.delete(caller, { volumeId: creating, dryRun }))).toEqual(notReady);
    expect(await refused(() => snapshots.create(caller, { volumeId: creating, description: '', tags: [], dryRun }))).toEqual(notReady);
  });

  it('says which instance uses a volume, when it is to be attached again or deleted', async () => {
    const volumeId = await attached();
    const inUse = { kind: 'volume-in-use', volumeId, instanceId: onVmm1 };
    const { volumes, attachments } = service.blockstore;
    expect(await refused(() => attachments.attach(caller, { volumeId, instanceId: onVmm2, device: 'xvdf', dryRun }))).toEqual(inUse);
    expect(await refused(() => attachments.attach(caller, { volumeId, instanceId: onVmm1, device: 'xvdg', dryRun }))).toEqual(inUse);
    expect(await refused(() => volumes.delete(caller, { volumeId, dryRun }))).toEqual(inUse);
  });

  it('says that a device is taken, by whichever name the VM and the device are called', async () => {
    await attached();
    const volumeId = await volume();
    const { attachments } = service.blockstore;
    for (const instanceId of [onVmm1, 'vmm1/dom1' as InstanceId]) {
      for (const device of ['/dev/sdf', '/dev/xvdf', 'xvdf']) {
        const reason = await refused(() => attachments.attach(caller, { volumeId, instanceId, device, dryRun }));
        expect(reason).toEqual({ kind: 'device-in-use', device, instanceId });
      }
    }
    expect(
      await failureOf(attachments.attach(caller, { volumeId, instanceId: 'vmm1/dom1' as InstanceId, device: '/dev/sdg', dryRun })),
    ).toBeUndefined();
  });

  it('says that an attachment is another one than the request names', async () => {
    const volumeId = await attached();
    const { attachments } = service.blockstore;
    expect(await refused(() => attachments.detach(caller, { volumeId, instanceId: onVmm2, dryRun }))).toEqual({
      kind: 'attachment-not-found',
      volumeId,
      instanceId: onVmm2,
    });
    expect(await refused(() => attachments.detach(caller, { volumeId, device: '/dev/sdg', dryRun }))).toEqual({
      kind: 'attachment-not-found',
      volumeId,
      device: '/dev/sdg',
    });
    expect(await failureOf(attachments.detach(caller, { volumeId, instanceId: onVmm1, device: 'xvdf', dryRun }))).toBeUndefined();
  });

  it('says that another change of the volume is under way', async () => {
    const volumeId = await attached();
    await (await idle()).blockstore.attachments.detach(caller, { volumeId, dryRun });
    const reason = await refused(() => service.blockstore.attachments.detach(caller, { volumeId, dryRun }));
    const [operation] = await service.store.operations({ limit: 1 });
    expect(reason).toEqual({ kind: 'operation-under-way', resourceId: volumeId, operation: `detach-volume ${operation?.id}` });
  });

  it('says that a VM does not run, that its host does not answer, and that the site has no such host', async () => {
    const volumeId = await volume();
    const request = { volumeId, device: 'xvdf', dryRun };
    const { attachments } = service.blockstore;
    rig.world.stopDomain('dom1');
    expect(await refused(() => attachments.attach(caller, { ...request, instanceId: onVmm1 }))).toEqual({
      kind: 'instance-not-running',
      instanceId: onVmm1,
    });
    rig.world.loseHost('vmm2');
    expect((await refused(() => attachments.attach(caller, { ...request, instanceId: onVmm2 })))?.kind).toBe('unavailable');
    const nothingThere = 'vmm1/dom99' as InstanceId;
    expect((await refused(() => attachments.attach(caller, { ...request, instanceId: nothingThere })))?.kind).toBe('instance-not-found');
    const elsewhere = blockstoreWith(async () => ({ outcome: 'resolved', placement: { vmmHost: 'vmm9', domain: 'dom1' } }));
    expect((await refused(() => elsewhere.attachments.attach(caller, { ...request, instanceId: onVmm1 })))?.kind).toBe('unsupported');
  });

  it('tells an instance that does not exist from one that no resolver can be asked about', async () => {
    const volumeId = await volume();
    const { attachments, instances } = blockstoreWith(async () => ({ outcome: 'unavailable', reason: 'the cloud is away' }));
    const instanceId = 'i-0000000f' as InstanceId;
    const unavailable = { kind: 'resolver-unavailable', instanceId, resolver: 'scripted' };
    expect(await refused(() => attachments.attach(caller, { volumeId, instanceId, device: 'xvdf', dryRun }))).toEqual(unavailable);
    expect(await refused(() => instances.list(caller, [instanceId]))).toEqual(unavailable);
  });

  it('attaches nothing where resolvers disagree, where the cloud does not tell, and where the instance has no host', async () => {
    const volumeId = await volume();
    const instanceId = 'i-0000000f' as InstanceId;
    const placements = ['vmm1', 'vmm2'].map((vmmHost) => ({ vmmHost, domain: 'a' }));
    const claims = ['nimbus', 'xen'].map((resolver, index) => ({ resolver, placement: placements[index] ?? { vmmHost: '', domain: '' } }));
    const cases: readonly [Resolution, object][] = [
      [
        { outcome: 'contradicted', claims },
        { kind: 'instance-contradicted', instanceId, resolvers: ['nimbus', 'xen'] },
      ],
      [
        { outcome: 'not-authorised', reason: 'another owner' },
        { kind: 'instance-not-authorised', instanceId },
      ],
      [
        { outcome: 'not-placed', reason: 'stopped' },
        { kind: 'instance-not-running', instanceId },
      ],
    ];
    for (const [resolution, failure] of cases) {
      const { attachments } = blockstoreWith(async () => resolution);
      expect(await refused(() => attachments.attach(caller, { volumeId, instanceId, device: 'xvdf', dryRun }))).toEqual(failure);
    }
    expect((await service.blockstore.volumes.list(caller, [volumeId]))[0]).toMatchObject({ state: 'available', attachments: [] });
  });

  it('asks anew where an instance is before it attaches to it, and may remember when it only shows it', async () => {
    const volumeId = await volume();
    const asked: (boolean | undefined)[] = [];
    const { attachments, instances } = blockstoreOver({
      name: 'scripted',
      resolve: async (_instanceId, options) => {
        asked.push(options?.fresh);
        return { outcome: 'not-known' };
      },
      list: async () => [],
    });
    const instanceId = 'i-0000000f' as InstanceId;
    await refused(() => attachments.attach(caller, { volumeId, instanceId, device: 'xvdf', dryRun }));
    await refused(() => instances.list(caller, [instanceId]));
    expect(asked).toEqual([true, false]);
  });

  it('shows an instance that resolves while a cloud cannot be asked for its list', async () => {
    const blockstore = blockstoreOver({
      name: 'scripted',
      resolve: async () => ({ outcome: 'resolved', placement: { vmmHost: 'vmm1', domain: 'dom1' } }),
      list: async () => Promise.reject(new Error('the cloud is away')),
    });
    expect(await shownInstances(blockstore, caller, ['42' as InstanceId])).toMatchObject([{ id: '42', state: 'running' }]);
  });

  it('says that the cloud cannot be asked for its instances', async () => {
    const resolver: InstanceResolver = {
      name: 'scripted',
      resolve: async () => ({ outcome: 'not-known' }),
      list: async () => Promise.reject(new Error('the cloud is away')),
    };
    expect((await refused(() => blockstoreOver(resolver).instances.list(caller)))?.kind).toBe('unavailable');
  });

  it('lists the instances of the other clouds while one cannot be asked, and finds the ones of that cloud neither there nor gone', async () => {
    const down: InstanceResolver = {
      name: 'down',
      resolve: async () => ({ outcome: 'unavailable', reason: 'away' }),
      list: async () => Promise.reject(new CloudUnavailable('down: away')),
    };
    const listed = [{ id: onVmm1, placement: { vmmHost: 'vmm1', domain: 'dom1' } }];
    const over = (...others: readonly InstanceResolver[]) => blockstoreOver(chainResolvers([...others, down])).instances;
    expect(await over(staticResolver(listed)).list(caller)).toMatchObject([{ id: onVmm1 }]);
    expect(await over(staticResolver(listed)).list(caller, [onVmm1])).toMatchObject([{ id: onVmm1 }]);
    const theirs = 'i-0000000f' as InstanceId;
    expect((await refused(() => over(staticResolver(listed)).list(caller, [onVmm1, theirs])))?.kind).toBe('resolver-unavailable');
    expect((await refused(() => over(staticResolver([])).list(caller)))?.kind).toBe('unavailable');
  });

  it('says in which state a snapshot is', async () => {
    const { volumeId } = await snapshot();
    const pending = await createSnapshot(await idle(), volumeId);
    const state = { kind: 'snapshot-state', snapshotId: pending, state: 'pending' };
    expect(await refused(() => service.blockstore.snapshots.delete(caller, { snapshotId: pending, dryRun }))).toEqual(state);
    expect(await refused(() => service.blockstore.volumes.create(caller, { ...newVolume, snapshotId: pending }))).toEqual(state);
  });

  it('keeps a volume while a snapshot of it is being made, and a snapshot while a volume is being filled from it', async () => {
    const { volumeId, snapshotId } = await snapshot();
    const other = await idle();
    const pending = await createSnapshot(other, volumeId);
    expect(await refused(() => service.blockstore.volumes.delete(caller, { volumeId, dryRun }))).toEqual({
      kind: 'volume-being-copied',
      volumeId,
      copyId: pending,
    });
    const filling = await createVolume(other, snapshotId);
    expect(await refused(() => service.blockstore.snapshots.delete(caller, { snapshotId, dryRun }))).toEqual({
      kind: 'snapshot-in-use',
      snapshotId,
      readerId: filling,
    });
  });

  it('keeps a snapshot while another account fills a volume from it or copies it, and does not tell which', async () => {
    const { snapshotId } = await snapshot();
    const other = await idle();
    const { accountId } = stranger;
    await service.store.changeSnapshotPermissions({ accountId: caller.accountId, snapshotId, add: [accountId], remove: [] });
    const inUse = { kind: 'snapshot-in-use', snapshotId };
    await other.blockstore.snapshots.copy(stranger, { snapshotId, description: '', tags: [], dryRun });
    expect(await refused(() => service.blockstore.snapshots.delete(caller, { snapshotId, dryRun }))).toEqual(inUse);
    await other.blockstore.volumes.create(stranger, { ...newVolume, snapshotId });
    expect(await refused(() => service.blockstore.snapshots.delete(caller, { snapshotId, dryRun }))).toEqual(inUse);
  });

  it('takes a snapshot that is being deleted for gone', async () => {
    const { snapshotId } = await snapshot();
    await (await idle()).blockstore.snapshots.delete(caller, { snapshotId, dryRun });
    const gone = { kind: 'snapshot-not-found', snapshotIds: [snapshotId] };
    expect(await service.blockstore.snapshots.list(caller)).toEqual([]);
    expect(await refused(() => service.blockstore.snapshots.delete(caller, { snapshotId, dryRun }))).toEqual(gone);
    expect(await refused(() => service.blockstore.volumes.create(caller, { ...newVolume, snapshotId }))).toEqual(gone);
  });

  it('says what is wrong with a new volume', async () => {
    const { volumes } = service.blockstore;
    const { snapshotId } = await snapshot();
    expect(await refused(() => volumes.create(caller, { ...newVolume, sizeGiB: 1, zone: 'mars-1a' }))).toEqual({
      kind: 'zone-not-found',
      zone: 'mars-1a',
      zones: [zone],
    });
    expect(await refused(() => volumes.create(caller, newVolume))).toEqual({ kind: 'missing-parameter', parameter: 'size/snapshot' });
    expect((await refused(() => volumes.create(caller, { ...newVolume, type: 'st1', snapshotId })))?.kind).toBe('invalid-parameter-value');
    const larger = await volumes.create(caller, { ...newVolume, sizeGiB: 3 });
    await service.settle();
    const largeSnapshot = await createSnapshot(service, larger.id);
    await service.settle();
    expect(await refused(() => volumes.create(caller, { ...newVolume, sizeGiB: 2, snapshotId: largeSnapshot }))).toEqual({
      kind: 'size-smaller-than-snapshot',
      sizeGiB: 2,
      snapshotSizeGiB: 3,
    });
    for (const sizeGiB of [undefined, 3, 4]) {
      const made = await volumes.create(caller, { ...newVolume, snapshotId: largeSnapshot, ...(sizeGiB !== undefined && { sizeGiB }) });
      expect(made.sizeGiB).toBe(sizeGiB ?? 3);
    }
  });

  it('says that a volume has no room, and that the volume server does not answer', async () => {
    const { volumes } = service.blockstore;
    const petabyteGiB = 1024 ** 2;
    for (let number = 0; number < petabyteGiB / 65_536; number += 1) {
      await volumes.create(caller, { ...newVolume, sizeGiB: 65_536 });
    }
    await service.settle();
    expect(await refused(() => volumes.create(caller, { ...newVolume, sizeGiB: 1 }))).toEqual({
      kind: 'insufficient-capacity',
      what: 'volume',
      sizeGiB: 1,
    });
    rig.world.loseHost('volume-server');
    expect((await refused(() => volumes.create(caller, { ...newVolume, sizeGiB: 1 })))?.kind).toBe('unavailable');
  });

  it('says that a site has no volume server', async () => {
    const bare = { ...rig.site, volumeServers: new Map() };
    const { volumes } = createBlockstore({ ...useCaseDependencies(), site: bare });
    expect((await refused(() => volumes.create(caller, { ...newVolume, sizeGiB: 1 })))?.kind).toBe('unsupported');
  });
});

function useCaseDependencies(
  resolver: InstanceResolver = { name: 'none', resolve: async () => ({ outcome: 'not-known' }), list: async () => [] },
) {
  const { store, owner } = service;
  const retention = { volumesMs: 0, snapshotsMs: 0 };
  return {
    store,
    owner,
    site: rig.site,
    resolver,
    operatorAccount: caller.accountId,
    retention,
    mostOpenOperations: 10,
    clock: () => 0,
    sleep: async () => undefined,
    newSecret: () => '',
    startOperation: () => undefined,
  };
}

function blockstoreOver(resolver: InstanceResolver) {
  return createBlockstore(useCaseDependencies(resolver));
}

function blockstoreWith(resolve: () => Promise<Resolution>) {
  return blockstoreOver({ name: 'scripted', resolve, list: async () => [] });
}
