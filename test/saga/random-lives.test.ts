import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reconcile } from '../../src/blockstore/reconcile.ts';
import type { InstanceId, SnapshotId, VolumeId } from '../../src/model/ids.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Volume } from '../../src/model/volume.ts';
import { openOperationStates } from '../../src/saga/operation.ts';
import { failureOf } from '../support/failure-of.ts';
import type { Deed, DeedFault } from '../support/faults.ts';
import { caller, createSagaRig, type RunningService, type SagaRig, zone } from '../support/saga-rig.ts';
import { disagreements } from '../support/shown-state.ts';

/** Enough for hundreds of lives, and bounded for whoever waits for the tests. */
const mostMs = 8_000;

const things = ['volume', 'snapshot', 'export', 'access', 'session', 'disk'] as const;
const deed = fc.constantFrom<Deed>('volume.copy', ...things.flatMap((thing): Deed[] => [`${thing}.make`, `${thing}.unmake`]));
const deedFault = fc.constantFrom<DeedFault>(
  'is refused',
  'times out without effect',
  'works and times out',
  'works and is refused',
  'lies',
);
/** Which of the volumes, snapshots and instances that there are by then is meant. */
const which = fc.nat({ max: 7 });

const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ event: fc.constant('create volume' as const) }) },
  { weight: 2, arbitrary: fc.record({ event: fc.constant('create volume from snapshot' as const), snapshot: which }) },
  { weight: 2, arbitrary: fc.record({ event: fc.constant('create snapshot' as const), volume: which }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant('delete snapshot' as const), snapshot: which }) },
  { weight: 2, arbitrary: fc.record({ event: fc.constant('delete volume' as const), volume: which }) },
  {
    weight: 6,
    arbitrary: fc.record({
      event: fc.constant('attach' as const),
      volume: which,
      instance: which,
      device: fc.constantFrom('/dev/sdf', 'xvdf', '/dev/sdg'),
      direct: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ event: fc.constant('detach' as const), volume: which }) },
  {
    weight: 4,
    arbitrary: fc.record({ event: fc.constant('fault' as const), deed, fault: deedFault, times: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 6, arbitrary: fc.record({ event: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant('guests hold or let go' as const), hold: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant('retry' as const) }) },
  { weight: 1, arbitrary: fc.record({ event: fc.constant('restart of the export server' as const) }) },
);
type Event = typeof event extends fc.Arbitrary<infer Kind> ? Kind : never;

/** The reference: what must be true of a resource, by nothing but the requests that were accepted. */
interface Model {
  readonly created: Set<VolumeId | SnapshotId>;
  readonly deletionAccepted: Set<VolumeId | SnapshotId>;
  readonly restoring: Promise<void>[];
}

function pick<Item extends { readonly id: string }>(items: readonly Item[], index: number): Item | undefined {
  return items[index % Math.max(1, items.length)];
}

async function live(rig: SagaRig, service: RunningService, events: readonly Event[], model: Model): Promise<RunningService> {
  let running = service;
  const accept = async (request: Promise<unknown>): Promise<boolean> => (await failureOf(request)) === undefined;
  for (const step of events) {
    const { volumes, snapshots, attachments } = running.blockstore;
    const allVolumes: readonly Volume[] = await running.store.volumes(caller.accountId);
    const allSnapshots: readonly Snapshot[] = await running.store.snapshots(caller.accountId);
    const volume = 'volume' in step ? pick(allVolumes, step.volume) : undefined;
    const snapshot = 'snapshot' in step ? pick(allSnapshots, step.snapshot) : undefined;
    const dryRun = false;
    if (step.event === 'create volume') {
      model.created.add((await volumes.create(caller, { zone, type: 'gp3', sizeGiB: 1, tags: [], dryRun })).id);
    } else if (step.event === 'create volume from snapshot' && snapshot) {
      await accept(
        volumes.create(caller, { zone, type: 'gp3', snapshotId: snapshot.id, tags: [], dryRun }).then(({ id }) => model.created.add(id)),
      );
    } else if (step.event === 'create snapshot' && volume) {
      await accept(
        snapshots.create(caller, { volumeId: volume.id, description: '', tags: [], dryRun }).then(({ id }) => model.created.add(id)),
      );
    } else if (step.event === 'delete snapshot' && snapshot) {
      if (await accept(snapshots.delete(caller, { snapshotId: snapshot.id, dryRun }))) {
        model.deletionAccepted.add(snapshot.id);
      }
    } else if (step.event === 'delete volume' && volume) {
      if (await accept(volumes.delete(caller, { volumeId: volume.id, dryRun }))) {
        model.deletionAccepted.add(volume.id);
      }
    } else if (step.event === 'attach' && volume) {
      const instance = rig.world.instances[step.instance];
      const direct = `${instance?.placement.vmmHost}/${instance?.placement.domain}`;
      const instanceId = (step.direct ? direct : instance?.instanceId) as InstanceId;
      await accept(attachments.attach(caller, { volumeId: volume.id, instanceId, device: step.device, dryRun }));
    } else if (step.event === 'detach' && volume) {
      await accept(attachments.detach(caller, { volumeId: volume.id, dryRun }));
    } else if (step.event === 'fault') {
      rig.faults.arm(step.deed, step.fault, step.times);
    } else if (step.event === 'settle') {
      await running.settle();
    } else if (step.event === 'guests hold or let go') {
      holdAll(rig, step.hold);
    } else if (step.event === 'retry') {
      for (const { id } of await running.store.operations({ states: ['stuck'], limit: 100 })) {
        await running.store.retryStuck(id, { by: 'root' });
      }
    } else if (step.event === 'restart of the export server') {
      rig.world.loseExports();
      // Requests go on while it runs.
      model.restoring.push(restore(running).catch(() => undefined));
    } else if (step.event === 'crash') {
      running.kill();
      running = await rig.start();
    }
  }
  return running;
}

async function restore({ sagaDependencies, owner, worker }: RunningService): Promise<void> {
  const { begun } = await reconcile({ ...sagaDependencies, owner }, 'everything');
  begun.forEach(worker.start);
}

function holdAll(rig: SagaRig, hold: boolean): void {
  for (const { placement } of rig.world.instances) {
    const guest = rig.world.guest(placement.domain);
    for (const { volumeId } of guest.disks()) {
      (hold ? guest.hold : guest.release)(volumeId);
    }
  }
}

/** Everything heals: no faults any more, guests let go, and a new process takes up what is left. */
async function heal(rig: SagaRig, service: RunningService, { restoring }: Model): Promise<RunningService> {
  await service.settle();
  await Promise.all(restoring);
  rig.faults.disarm();
  holdAll(rig, false);
  service.kill();
  const healed = await rig.start();
  await healed.settle();
  // What could not be restored a moment ago is left alone for a minute.
  rig.time.nowMs += 60_000;
  await restore(healed);
  await healed.settle();
  return healed;
}

async function expectTruth(rig: SagaRig, service: RunningService, model: Model): Promise<void> {
  expect(await service.store.operations({ states: openOperationStates, limit: 10 })).toEqual([]);
  expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  const volumes = await service.store.volumes(caller.accountId);
  const snapshots = await service.store.snapshots(caller.accountId);
  for (const { state, attachments } of volumes) {
    expect(['available', 'in-use', 'error']).toContain(state);
    expect(attachments.map((attachment) => attachment.state)).toEqual(
      state === 'in-use' ? [expect.stringMatching(/^(attached|busy)$/)] : [],
    );
  }
  for (const { state } of snapshots) {
    expect(['completed', 'error']).toContain(state);
  }
  const there = new Set<string>([...volumes, ...snapshots].map(({ id }) => id));
  for (const id of model.created) {
    // Nothing goes without having been asked to, and what is asked to go goes or says why not.
    expect(there.has(id) || model.deletionAccepted.has(id)).toBe(true);
  }
  expect(there.size).toBeLessThanOrEqual(model.created.size);
}

/** All that is left can be taken away in the ordinary way, and the world is empty then. */
async function expectRemovable(rig: SagaRig, service: RunningService): Promise<void> {
  const { volumes, snapshots, attachments } = service.blockstore;
  for (const { id, state } of await volumes.list(caller)) {
    if (state === 'in-use') {
      await attachments.detach(caller, { volumeId: id, dryRun: false });
    }
  }
  await service.settle();
  for (const { id } of await volumes.list(caller)) {
    await volumes.delete(caller, { volumeId: id, dryRun: false });
  }
  for (const { id } of await snapshots.list(caller)) {
    await snapshots.delete(caller, { snapshotId: id, dryRun: false });
  }
  await service.settle();
  expect(await volumes.list(caller)).toEqual([]);
  expect(await snapshots.list(caller)).toEqual([]);
  expect(rig.world.inventory()).toEqual([]);
}

it('agrees with its database and can be cleared, after any life with failures and crashes', { timeout: 60_000 }, async () => {
  let lives = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 60, size: 'max' }), async (events) => {
      const rig = createSagaRig();
      try {
        const model: Model = { created: new Set(), deletionAccepted: new Set(), restoring: [] };
        const lived = await live(rig, await rig.start(), events, model);
        const healed = await heal(rig, lived, model);
        await expectTruth(rig, healed, model);
        await expectRemovable(rig, healed);
        lives += 1;
      } finally {
        await rig.close();
      }
    }),
    { numRuns: 1_000, interruptAfterTimeLimit: mostMs, markInterruptAsFailure: false },
  );
  expect(lives).toBeGreaterThan(10);
});
