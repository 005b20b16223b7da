import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CreateVolumeRequest } from '../../../src/blockstore/blockstore.ts';
import type { InstanceId } from '../../../src/model/ids.ts';
import { dumpDatabase } from '../../support/database-dump.ts';
import { failureOf } from '../../support/failure-of.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig, stranger, zone } from '../../support/saga-rig.ts';
import { attach, createSnapshot, createVolume } from '../../support/scenarios.ts';
import { shownInstances } from '../../support/shown-instances.ts';
import { disagreements } from '../../support/shown-state.ts';

const newVolume: CreateVolumeRequest = { zone, type: 'gp3', sizeGiB: 1, tags: [{ key: 'Name', value: 'data' }], dryRun: false };

let rig: SagaRig;
let service: RunningService;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
});
afterEach(() => rig.close());

describe('a dry run', () => {
  it('of every change is checked to the end and changes nothing', async () => {
    const { volumes, snapshots, attachments } = service.blockstore;
    const volumeId = await createVolume(service);
    const other = await createVolume(service);
    await service.settle();
    const snapshotId = await createSnapshot(service, volumeId);
    await attach(service, other, onVmm2);
    await service.settle();
    const before = dumpDatabase(rig.databaseFile);
    const inventory = rig.world.inventory();
    const dryRun = true;
    const requests = [
      volumes.create(caller, { ...newVolume, dryRun }),
      volumes.create(caller, { ...newVolume, clientToken: 'new', dryRun }),
      volumes.create(caller, { zone, type: 'gp3', tags: [], snapshotId, dryRun }),
      volumes.delete(caller, { volumeId, dryRun }),
      snapshots.create(caller, { volumeId, description: '', tags: [], dryRun }),
      snapshots.delete(caller, { snapshotId, dryRun }),
      attachments.attach(caller, { volumeId, instanceId: onVmm1, device: '/dev/sdf', dryRun }),
      attachments.detach(caller, { volumeId: other, dryRun }),
    ];
    for (const request of requests) {
      expect(await failureOf(request)).toEqual({ kind: 'dry-run' });
    }
    await service.settle();
    expect(dumpDatabase(rig.databaseFile)).toEqual(before);
    expect(rig.world.inventory()).toEqual(inventory);
  });

  it('of a creation whose token was used says so too, whether or not the parameters are the same', async () => {
    const { volumes } = service.blockstore;
    await volumes.create(caller, { ...newVolume, clientToken: 'used' });
    expect(await failureOf(volumes.create(caller, { ...newVolume, clientToken: 'used', dryRun: true }))).toEqual({ kind: 'dry-run' });
    const other = { ...newVolume, sizeGiB: 2, clientToken: 'used', dryRun: true };
    expect((await failureOf(volumes.create(caller, other)))?.kind).toBe('idempotent-parameter-mismatch');
  });
});

describe('a client token', () => {
  const withToken: CreateVolumeRequest = { ...newVolume, clientToken: 'a token of the client' };

  it('gives the same volume to the same parameters, in whatever state it is by then', async () => {
    const { volumes } = service.blockstore;
    const first = await volumes.create(caller, withToken);
    expect((await volumes.create(caller, withToken)).id).toBe(first.id);
    await service.settle();
    expect(await volumes.create(caller, withToken)).toMatchObject({ id: first.id, state: 'available' });
    expect(await volumes.list(caller)).toHaveLength(1);
  });

  it('refuses other parameters', async () => {
    const { volumes } = service.blockstore;
    await volumes.create(caller, withToken);
    const differences: Partial<CreateVolumeRequest>[] = [{ sizeGiB: 2 }, { type: 'gp2' }, { iops: 4_000 }, { tags: [] }];
    for (const difference of differences) {
      expect(await failureOf(volumes.create(caller, { ...withToken, ...difference }))).toEqual({
        kind: 'idempotent-parameter-mismatch',
        clientToken: 'a token of the client',
      });
    }
  });

  it('is each account its own', async () => {
    const { volumes } = service.blockstore;
    const mine = await volumes.create(caller, withToken);
    const theirs = await volumes.create(stranger, withToken);
    expect(theirs.id).not.toBe(mine.id);
  });

  it('gives one volume to requests that race', async () => {
    const { volumes } = service.blockstore;
    const answers = await Promise.all(Array.from({ length: 20 }, () => volumes.create(caller, withToken)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await service.settle();
    expect(await volumes.list(caller)).toHaveLength(1);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });
});

describe('requests that race', () => {
  it('attach a volume once, and tell the ninety-nine others exactly why not', async () => {
    const volumeId = await createVolume(service);
    await service.settle();
    const instances = rig.world.instances.map(({ instanceId }) => instanceId as InstanceId);
    const asked = Array.from({ length: 100 }, (_, number) => instances[number % instances.length] ?? onVmm1);
    const answers = await Promise.all(
      asked.map((instanceId) =>
        failureOf(service.blockstore.attachments.attach(caller, { volumeId, instanceId, device: '/dev/sdf', dryRun: false })),
      ),
    );
    const [winner] = asked.filter((_, number) => answers[number] === undefined);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(answers.filter((answer) => answer !== undefined)).toEqual(
      Array(99).fill({ kind: 'volume-in-use', volumeId, instanceId: winner }),
    );
    await service.settle();
    expect(await service.store.liveAttachments()).toHaveLength(1);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  it('give a device of a VM to one volume, by whichever name they call the VM', async () => {
    const volumeIds = await Promise.all(Array.from({ length: 10 }, () => createVolume(service)));
    await service.settle();
    const answers = await Promise.all(
      volumeIds.map((volumeId, number) => {
        const instanceId = number % 2 === 0 ? onVmm1 : ('vmm1/dom1' as InstanceId);
        return failureOf(service.blockstore.attachments.attach(caller, { volumeId, instanceId, device: '/dev/sdf', dryRun: false }));
      }),
    );
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(answers.filter((answer) => answer?.kind === 'device-in-use')).toHaveLength(9);
  });

  it('delete a volume once, and never while it is attached', async () => {
    const volumeId = await createVolume(service);
    await service.settle();
    const { volumes, attachments } = service.blockstore;
    const answers = await Promise.all([
      failureOf(attachments.attach(caller, { volumeId, instanceId: onVmm1, device: '/dev/sdf', dryRun: false })),
      ...Array.from({ length: 10 }, () => failureOf(volumes.delete(caller, { volumeId, dryRun: false }))),
    ]);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    expect(
      answers.filter((answer) => answer !== undefined && !['volume-in-use', 'volume-state', 'volume-not-found'].includes(answer.kind)),
    ).toEqual([]);
    await service.settle();
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  it('leave a snapshot or the volume that is made from it, and never half of both', async () => {
    const volumeId = await createVolume(service);
    await service.settle();
    const snapshotId = await createSnapshot(service, volumeId);
    await service.settle();
    const answers = await Promise.all([
      failureOf(service.blockstore.volumes.create(caller, { zone, type: 'gp3', tags: [], snapshotId, dryRun: false })),
      failureOf(service.blockstore.snapshots.delete(caller, { snapshotId, dryRun: false })),
    ]);
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    await service.settle();
    expect(service.results.every(({ outcome }) => outcome === 'done')).toBe(true);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });
});

describe('instances', () => {
  it('are listed with the state that their host tells, and unknown when it does not answer', async () => {
    rig.world.stopDomain('dom1');
    rig.world.loseHost('vmm2');
    const listed = await shownInstances(service.blockstore, caller);
    expect(listed.map(({ id, state }) => [id, state]).slice(0, 4)).toEqual([
      ['i-00000001', 'stopped'],
      ['i-00000002', 'unknown'],
      ['i-00000003', 'running'],
      ['i-00000004', 'unknown'],
    ]);
  });

  it('are found by the direct form too, each once', async () => {
    const direct = 'vmm1/dom3' as InstanceId;
    const found = await shownInstances(service.blockstore, caller, [direct, onVmm1, direct]);
    expect(found).toMatchObject([
      { id: onVmm1, name: 'dom1' },
      { id: direct, placement: { vmmHost: 'vmm1', domain: 'dom3' }, state: 'running', attachments: [] },
    ]);
  });
});
