import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEndedInstances, type EndsSeen } from '../../src/blockstore/ended-instances.ts';
import type { InstanceId, VolumeId } from '../../src/model/ids.ts';
import { CloudUnavailable, type InstanceEnd, type ListedInstance, type Resolution } from '../../src/resolvers/cloud-resolver.ts';
import { Crash, type Death } from '../support/mortal-store.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createSharedVolume, createSnapshot, createVolume, detach } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

const minuteMs = 60_000;
const terminated: Resolution = { outcome: 'not-known', reason: 'the cloud has it as terminated', ended: 'reported' };
const forgotten: Resolution = { outcome: 'not-known', ended: 'forgotten' };
const there: Resolution = { outcome: 'resolved', placement: { vmmHost: 'vmm1', domain: 'dom1' } };
const away: Resolution = { outcome: 'unavailable', reason: 'no answer within 5000 ms' };

let rig: SagaRig;
let service: RunningService;
/** What the cloud says now, and lists. */
let said: Resolution;
let listed: readonly ListedInstance[] | CloudUnavailable;

beforeEach(async () => {
  rig = createSagaRig();
  // Deletions have no owner, and are found.
  service = await rig.start({ pollEveryMs: 5 });
  said = there;
  listed = [];
});
afterEach(() => rig.close());

/** A watch of a process, with ten minutes of grace and a look every minute. */
function watching(by = service, when: InstanceEnd = 'reported', volumesMs = 0) {
  const { sagaDependencies, owner, worker } = by;
  const { look } = createEndedInstances({
    ...sagaDependencies,
    owner,
    resolver: {
      name: 'cloud',
      resolve: async () => said,
      list: async () => {
        if (listed instanceof CloudUnavailable) throw listed;
        return listed;
      },
    },
    when,
    retention: { volumesMs, snapshotsMs: 0 },
    graceMs: 10 * minuteMs,
  });
  const next = async (): Promise<EndsSeen> => {
    rig.time.nowMs += minuteMs;
    const seen = await look();
    for (const { operation } of seen.begun) worker.start(operation);
    await by.settle();
    return seen;
  };
  return {
    look: next,
    async looks(times: number): Promise<readonly EndsSeen[]> {
      const all: EndsSeen[] = [];
      for (let time = 0; time < times; time += 1) all.push(await next());
      return all;
    },
  };
}

async function attached(instanceId: InstanceId = onVmm1, deleteOnTermination = false): Promise<VolumeId> {
  const volumeId = await createVolume(service);
  await service.settle();
  await attach(service, volumeId, instanceId);
  await service.settle();
  const devices = [{ device: '/dev/sdf', deleteOnTermination }];
  await service.blockstore.instances.setDeleteOnTermination(caller, { instanceId, devices, dryRun: false });
  return volumeId;
}

const begunIn = (looks: readonly EndsSeen[]) => looks.flatMap(({ begun }) => begun);
const untilShown = (state: readonly string[], by = service) => expect.poll(() => shownState(by), { timeout: 20_000 }).toEqual(state);

describe('an instance that its cloud says has ended', () => {
  it.each([
    ['takes devices', onVmm1, 'dom1'],
    ['takes exports', onVmm2, 'dom2'],
  ])('loses its volume after the grace time, on a host that %s, and not before', async (_what, instanceId, domain) => {
    const volumeId = await attached(instanceId);
    rig.world.stopDomain(domain);
    said = terminated;
    const watch = watching();
    const early = await watch.looks(10);
    expect(early[0]?.noticed).toEqual([{ instanceId, reason: 'the cloud has it as terminated' }]);
    expect(early.slice(1).flatMap(({ noticed }) => noticed)).toEqual([]);
    expect(begunIn(early)).toEqual([]);
    expect(await shownState(service)).toEqual([`volume in-use, attached to ${instanceId}`]);
    expect((await watch.look()).begun).toMatchObject([{ instanceId, volumeId, isDeleted: false, operation: { kind: 'detach-volume' } }]);
    expect(await shownState(service)).toEqual(['volume available']);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
    expect(begunIn(await watch.looks(2))).toEqual([]);
  });

  it('leaves such a volume in the recycle bin where there is one', async () => {
    const volumeId = await attached(onVmm1, true);
    rig.world.stopDomain('dom1');
    said = terminated;
    await watching(service, 'reported', minuteMs).looks(11);
    await expect.poll(() => service.store.recycledVolumes(caller.accountId), { timeout: 20_000 }).toMatchObject([{ id: volumeId }]);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
    expect(await service.store.volumes(caller.accountId)).toEqual([]);
    expect(await service.store.restoreRecycled(caller.accountId, volumeId)).toBe(true);
    expect(await shownState(service)).toEqual(['volume available']);
  });

  it('takes the volume with it that was set to DeleteOnTermination', async () => {
    const volumeId = await attached(onVmm1, true);
    rig.world.stopDomain('dom1');
    said = terminated;
    expect(begunIn(await watching().looks(11))).toMatchObject([{ volumeId, isDeleted: true }]);
    await untilShown([]);
    expect(rig.world.inventory()).toEqual([]);
    const operations = await service.store.operations({ resourceId: volumeId, limit: 2 });
    expect(operations.map(({ kind, state }) => `${kind} ${state}`)).toEqual(['delete-volume done', 'detach-volume done']);
  });

  it('takes a volume that several instances have with it when it is the last of them', async () => {
    const volumeId = await createSharedVolume(service);
    await service.settle();
    for (const instanceId of [onVmm1, onVmm2]) {
      await attach(service, volumeId, instanceId);
      await service.settle();
      const devices = [{ device: '/dev/sdf', deleteOnTermination: true }];
      await service.blockstore.instances.setDeleteOnTermination(caller, { instanceId, devices, dryRun: false });
    }
    const watch = watching();
    said = terminated;
    listed = [{ id: onVmm2, placement: { vmmHost: 'vmm2', domain: 'dom2' } }];
    rig.world.stopDomain('dom1');
    expect(begunIn(await watch.looks(11))).toMatchObject([{ instanceId: onVmm1, volumeId, isDeleted: false }]);
    expect(await shownState(service)).toEqual([`volume in-use, 4 GiB, attached to ${onVmm2}`]);
    listed = [];
    rig.world.stopDomain('dom2');
    expect(begunIn(await watch.looks(11))).toMatchObject([{ instanceId: onVmm2, volumeId, isDeleted: true }]);
    await untilShown([]);
    expect(rig.world.inventory()).toEqual([]);
  });

  it('keeps its volumes while a resolver fails, and the time begins anew when it answers again', async () => {
    await attached(onVmm1, true);
    rig.world.stopDomain('dom1');
    const watch = watching();
    said = away;
    listed = new CloudUnavailable('the cloud is away');
    expect(begunIn(await watch.looks(30))).toEqual([]);
    said = terminated;
    await watch.looks(10);
    said = away;
    expect((await watch.look()).doubted).toEqual([{ instanceId: onVmm1, reason: 'no answer within 5000 ms' }]);
    said = terminated;
    expect(begunIn(await watch.looks(10))).toEqual([]);
    expect(await shownState(service)).toEqual([`volume in-use, attached to ${onVmm1}`]);
    expect(begunIn(await watch.looks(1))).toHaveLength(1);
  });

  it.each<[string, Resolution, readonly ListedInstance[]]>([
    ['resolves', there, []],
    ['is listed', terminated, [{ id: onVmm1, placement: { vmmHost: 'vmm1', domain: 'dom1' } }]],
    ['is said to be stopped', { outcome: 'not-placed', reason: 'stopped' }, []],
    ['is in two places', { outcome: 'contradicted', claims: [] }, []],
    ['is not told of', { outcome: 'not-authorised', reason: 'another owner' }, []],
    ['is only unknown', { outcome: 'not-known' }, []],
  ])('keeps its volumes when it %s again within the time', async (_what, answer, list) => {
    await attached();
    rig.world.stopDomain('dom1');
    said = terminated;
    const watch = watching();
    await watch.looks(9);
    said = answer;
    listed = list;
    expect((await watch.look()).doubted).toMatchObject([{ instanceId: onVmm1 }]);
    expect(begunIn(await watch.looks(20))).toEqual([]);
    expect(await shownState(service)).toEqual([`volume in-use, attached to ${onVmm1}`]);
  });

  it('keeps its volumes while its VM runs or its host does not tell, and says why', async () => {
    await attached();
    said = terminated;
    const watch = watching();
    await watch.looks(10);
    const reason = 'its VM runs, or its VMM host does not tell';
    expect((await watch.look()).held).toMatchObject([{ instanceId: onVmm1, reason }]);
    rig.world.stopDomain('dom1');
    rig.world.loseHost('vmm1');
    expect((await watch.look()).held).toMatchObject([{ reason }]);
    rig.world.findHost('vmm1');
    expect((await watch.look()).begun).toHaveLength(1);
    expect(await shownState(service)).toEqual(['volume available']);
  });

  it('is only one that was forgotten, which counts where the settings say so', async () => {
    await attached();
    rig.world.stopDomain('dom1');
    said = forgotten;
    expect(begunIn(await watching().looks(20))).toEqual([]);
    expect(begunIn(await watching(service, 'forgotten').looks(11))).toHaveLength(1);
  });

  it('is asked for anew by another process, for the whole time', async () => {
    await attached();
    rig.world.stopDomain('dom1');
    said = terminated;
    await watching().looks(10);
    service.kill();
    const next = await rig.start();
    expect(begunIn(await watching(next).looks(10))).toEqual([]);
  });

  it('leaves a detach that stopped alone for a minute, and then asks again', async () => {
    const volumeId = await attached(onVmm1, true);
    rig.world.stopDomain('dom1');
    rig.faults.arm('export.unmake', 'is refused');
    said = terminated;
    const watch = watching();
    await watch.looks(11);
    expect(await shownState(service)).toEqual([`volume in-use, busy to ${onVmm1}`]);
    rig.time.nowMs -= minuteMs;
    expect((await watch.look()).held).toMatchObject([{ volumeId, reason: 'its last detach stopped less than a minute ago' }]);
    rig.faults.disarm();
    expect((await watch.look()).begun).toHaveLength(1);
    await untilShown([]);
    expect(rig.world.inventory()).toEqual([]);
  });

  it('waits with a volume that is to be deleted until snapshots of it are made', async () => {
    const volumeId = await attached(onVmm1, true);
    rig.world.stopDomain('dom1');
    said = terminated;
    const watch = watching();
    await watch.looks(10);
    let held: EndsSeen | undefined;
    rig.faults.arm(
      'snapshot.make',
      async () => {
        rig.time.nowMs += minuteMs;
        held = await createLook(service).then((look) => look());
      },
      1,
    );
    await createSnapshot(service, volumeId);
    await service.settle();
    expect(held?.held).toMatchObject([{ volumeId, reason: 'a snapshot of the volume is being made' }]);
    expect((await watch.look()).begun).toHaveLength(1);
    await untilShown(['snapshot completed']);
  });

  it('deletes no volume under a snapshot that began while it was being detached, but afterwards', async () => {
    const volumeId = await attached(onVmm1, true);
    rig.world.stopDomain('dom1');
    said = terminated;
    let copy: (() => void) | undefined;
    rig.faults.arm(
      'snapshot.make',
      () =>
        new Promise<void>((resolve) => {
          copy = resolve;
        }),
      1,
    );
    rig.faults.arm('export.unmake', async () => void (await createSnapshot(service, volumeId)), 1);
    const looking = watching().looks(11);
    await expect.poll(() => service.interruptions.length, { timeout: 20_000 }).toBeGreaterThan(0);
    expect(rig.world.inventory()).toContain(`volume ${volumeId}`);
    expect((await service.store.volumes(caller.accountId))[0]?.state).toBe('in-use');
    copy?.();
    await looking;
    await untilShown(['snapshot completed']);
  });

  it('does nothing against the will of somebody who detaches at the same time', async () => {
    const volumeId = await attached(onVmm1, true);
    rig.world.stopDomain('dom1');
    said = terminated;
    const watch = watching();
    await watch.looks(10);
    let seen: EndsSeen | undefined;
    rig.faults.arm(
      'export.unmake',
      async () => {
        rig.time.nowMs += minuteMs;
        seen = await createLook(service).then((look) => look());
      },
      1,
    );
    await detach(service, volumeId);
    await service.settle();
    expect(seen?.begun).toEqual([]);
    expect(begunIn(await watch.looks(5))).toEqual([]);
    expect(await shownState(service)).toEqual(['volume available']);
  });

  it.each(['before', 'after'] as const)('ends as it should when the service dies just %s any of the writes', async (moment) => {
    for (let atWrite = 1; ; atWrite += 1) {
      const didDie = await dieAtWrite({ atWrite, moment });
      expect(await shownState(service)).toEqual([]);
      expect(rig.world.inventory()).toEqual([]);
      expect(await disagreements(service, rig.world.inventory())).toEqual([]);
      if (!didDie) {
        // Two ids, the beginning, four steps of the detach and one of the delete with two writes each, two ends.
        expect(atWrite).toBeGreaterThan(14);
        break;
      }
      await rig.close();
      rig = createSagaRig();
      service = await rig.start({ pollEveryMs: 5 });
    }
  });
});

/** A look of a watch for which the time is over. */
async function createLook(by: RunningService): Promise<() => Promise<EndsSeen>> {
  const { look } = createEndedInstances({
    ...by.sagaDependencies,
    owner: by.owner,
    resolver: { name: 'cloud', resolve: async () => terminated, list: async () => [] },
    when: 'reported',
    retention: { volumesMs: 0, snapshotsMs: 0 },
    graceMs: 0,
  });
  await look();
  return look;
}

/** Lets an instance end in a process that dies at a write, and the next process come to the end of it; `service` is that one afterwards. */
async function dieAtWrite(death: Death): Promise<boolean> {
  await attached(onVmm1, true);
  rig.world.stopDomain('dom1');
  said = terminated;
  const dying = service;
  dying.mortal.expect(death);
  await watching()
    .looks(11)
    .catch((cause: unknown) => {
      if (!(cause instanceof Crash)) throw cause;
    });
  await expect.poll(async () => dying.mortal.isDead() || (await shownState(dying)).length === 0, { timeout: 20_000 }).toBe(true);
  const didDie = dying.mortal.isDead();
  dying.kill();
  service = await rig.start({ pollEveryMs: 5 });
  const watch = watching();
  await expect
    .poll(
      async () => {
        await watch.look();
        return (await shownState(service)).length;
      },
      { timeout: 20_000, interval: 5 },
    )
    .toBe(0);
  await service.settle();
  return didDie;
}
