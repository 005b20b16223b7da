import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forwardOnly } from '../../src/blockstore/forward-only.ts';
import { allSagas } from '../../src/blockstore/sagas/all-sagas.ts';
import type { OperationId } from '../../src/model/ids.ts';
import type { Operation } from '../../src/saga/operation.ts';
import { dumpDatabase } from '../support/database-dump.ts';
import { failureOf } from '../support/failure-of.ts';
import { fenced, operatorOf, root } from '../support/operator-of.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import {
  attach,
  attachOnVmm1,
  attachOnVmm2,
  createEmptyVolume,
  createSnapshot,
  createVolume,
  type Scenario,
  scenarios,
  takeSnapshot,
} from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

const undoable = scenarios.filter(({ whenItFails }) => whenItFails === 'undone');
const forward = scenarios.filter(({ whenItFails }) => whenItFails === 'halted');

async function lastOperation({ store }: Pick<RunningService, 'store'>): Promise<Operation> {
  const [operation] = await store.operations({ limit: 1 });
  if (operation === undefined) {
    throw new Error('nothing was begun');
  }
  return operation;
}

describe('what goes forward only', () => {
  it('is named with its reason exactly for the sagas that are halted', async () => {
    const service = await rig.start();
    const halting = allSagas(service.sagaDependencies).filter(({ whenAStepFails }) => whenAStepFails === 'halt');
    expect(Object.keys(forwardOnly).sort()).toEqual(halting.map(({ kind }) => kind).sort());
  });
});

describe.each(undoable)('a rollback of an operation to $name', (scenario) => {
  it.each(scenario.deeds.map((deed) => ({ deed })))('that is asked for during $deed takes everything back', async ({ deed }) => {
    const service = await rig.start();
    const subject = await scenario.prepare(service);
    const inventory = rig.world.inventory();
    const verdicts: unknown[] = [];
    rig.faults.arm(
      deed,
      async () => void verdicts.push(await operatorOf(service.store).operations.rollback((await lastOperation(service)).id, root)),
      1,
    );
    await scenario.ask(service, subject);
    await service.settle();
    expect(verdicts).toEqual([{ outcome: 'asked' }]);
    const operation = await lastOperation(service);
    expect(operation).toMatchObject({ state: 'undone', failure: expect.stringMatching(/rolled back by root$/) });
    expect(await shownState(service)).toEqual(scenario.failed);
    expect(rig.world.inventory()).toEqual(inventory);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
    const said = (await service.store.entries(operation.id)).filter(({ direction }) => direction === 'operator');
    expect(said).toMatchObject([{ step: 'rollback', output: root }]);
  });

  it('that was begun and not gone on with is done by the next server', async () => {
    const idle = await rig.start({ takesUp: false });
    const subject = await scenario.prepare(idle);
    const inventory = rig.world.inventory();
    await idle.worker.stop(0);
    await scenario.ask(idle, subject);
    const { id } = await lastOperation(idle);
    expect(await operatorOf(idle.store).operations.rollback(id, { by: 'root', statement: 'not wanted any more' })).toEqual({
      outcome: 'asked',
    });
    const next = await rig.start();
    await next.settle();
    expect((await next.store.operation(id))?.failure).toMatch(/rolled back by root: not wanted any more$/);
    expect(rig.world.inventory()).toEqual(inventory);
    expect(await shownState(next)).toEqual(scenario.failed);
  });
});

describe('a rollback', () => {
  it('lets a stuck operation be undone once its cause is mended', async () => {
    const service = await rig.start({ pollEveryMs: 5 });
    const subject = await attachOnVmm1.prepare(service);
    rig.faults.arm('disk.make', 'is refused');
    rig.faults.arm('access.unmake', 'is refused');
    await attachOnVmm1.ask(service, subject);
    await service.settle();
    const { id } = await lastOperation(service);
    rig.faults.disarm();
    expect(await operatorOf(service.store).operations.rollback(id, root)).toEqual({ outcome: 'asked' });
    await expect.poll(async () => (await service.store.operation(id))?.state).toBe('undone');
    expect(await shownState(service)).toEqual(attachOnVmm1.failed);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  it('undoes all that was done when a step failed before a crash and worked after it', async () => {
    const service = await rig.start();
    const subject = await attachOnVmm1.prepare(service);
    const inventory = rig.world.inventory();
    rig.faults.arm('access.make', 'is refused', 1);
    // Dies before it turns back, with the failure in its journal.
    service.mortal.expect({ atWrite: await turnBackOf(attachOnVmm1), moment: 'before' });
    await attachOnVmm1.ask(service, subject);
    await expect.poll(() => service.mortal.isDead()).toBe(true);
    expect(service.mortal.writes.at(-1)).toBe('turnBack');
    const asking = await rig.start({ takesUp: false });
    rig.faults.arm(
      'disk.make',
      async () => void (await operatorOf(asking.store).operations.rollback((await lastOperation(asking)).id, root)),
      1,
    );
    const next = await rig.start();
    await next.settle();
    expect((await lastOperation(next)).state).toBe('undone');
    expect(rig.world.inventory()).toEqual(inventory);
  });

  it.each(forward)('to $name is refused with the reason and the next action, and changes nothing', async (scenario) => {
    const service = await rig.start({ takesUp: false });
    const subject = await scenario.prepare(service);
    await service.worker.stop(0);
    await scenario.ask(service, subject);
    const before = dumpDatabase(rig.databaseFile);
    const verdict = await operatorOf(service.store).operations.rollback((await lastOperation(service)).id, root);
    expect(verdict).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('goes forward only: '),
      next: expect.stringContaining('let it end'),
    });
    expect(dumpDatabase(rig.databaseFile)).toEqual(before);
  });

  it('of what has ended, or is not there, is refused and changes nothing', async () => {
    const service = await rig.start();
    await createVolume(service);
    await service.settle();
    const before = dumpDatabase(rig.databaseFile);
    const { operations } = operatorOf(service.store);
    const { id } = await lastOperation(service);
    expect(await operations.rollback(id, root)).toMatchObject({ outcome: 'refused', reason: `${id} is done` });
    expect(await operations.abandon(id, fenced)).toMatchObject({ outcome: 'refused', reason: `${id} is done` });
    for (const verb of [operations.rollback, operations.retry]) {
      expect((await verb('op-0' as OperationId, root)).outcome).toBe('refused');
    }
    expect(dumpDatabase(rig.databaseFile)).toEqual(before);
  });
});

/** Which write of an operation that fails at its access is the one by which it turns back. */
async function turnBackOf(scenario: Scenario): Promise<number> {
  const trial = createSagaRig();
  try {
    const service = await trial.start();
    const subject = await scenario.prepare(service);
    trial.faults.arm('access.make', 'is refused');
    service.mortal.expect({ atWrite: Number.POSITIVE_INFINITY, moment: 'before' });
    await scenario.ask(service, subject);
    await service.settle();
    return service.mortal.writes.indexOf('turnBack') + 1;
  } finally {
    await trial.close();
  }
}

describe('an operation that is abandoned', () => {
  it.each([
    { scenario: attachOnVmm1, step: 'session', host: 'vmm1', instanceId: onVmm1 },
    { scenario: attachOnVmm1, step: 'access', host: 'vmm1', instanceId: onVmm1 },
    { scenario: attachOnVmm1, step: 'export', host: 'vmm1', instanceId: onVmm1 },
    { scenario: attachOnVmm2, step: 'export', host: 'vmm2', instanceId: onVmm2 },
  ] as const)('with the undo of its $step stuck on $host leaves its volume barred, which can be cleared', async (given) => {
    const { scenario, step, host, instanceId } = given;
    const service = await rig.start({ pollEveryMs: 5 });
    const subject = await scenario.prepare(service);
    rig.faults.arm('disk.make', 'is refused');
    rig.faults.arm(`${step}.unmake`, 'is refused');
    await scenario.ask(service, subject);
    await service.settle();
    const inventory = rig.world.inventory();
    const { id, resourceId } = await lastOperation(service);
    const { operations, volumes } = operatorOf(service.store);
    expect(await operations.abandon(id, fenced)).toEqual({ outcome: 'asked' });

    expect(rig.world.inventory()).toEqual(inventory);
    expect(await service.store.operation(id)).toMatchObject({
      state: 'abandoned',
      failure: expect.stringMatching(/^abandoned by root: pulled the power of the host \(before that: /),
      endedAtMs: expect.any(Number),
    });
    expect((await operations.show(id))?.journal.at(-1)).toMatchObject({ step: 'abandon', direction: 'operator', output: fenced });
    expect(await shownState(service)).toEqual([`volume in-use, busy to ${instanceId}`]);
    const volumeId = subject.volumeId as NonNullable<typeof subject.volumeId>;
    expect(await failureOf(attach(service, volumeId, onVmm1))).toMatchObject({ kind: 'volume-barred', volumeId, operationId: id });
    expect(resourceId).toBe(volumeId);

    rig.faults.disarm();
    rig.world.fenceHost(host);
    const cleared = await volumes.clear(volumeId, fenced);
    const clearId = cleared.operationId as OperationId;
    await expect.poll(async () => (await service.store.operation(clearId))?.state).toMatch(/done|halted/);
    expect((await service.store.operation(clearId))?.failure).toBeUndefined();
    rig.world.findHost(host);
    expect(await shownState(service)).toEqual(['volume available']);
    expect(rig.world.inventory().filter((line) => /^(export|access|disk)/.test(line))).toEqual([]);
    expect(await failureOf(attach(service, volumeId, onVmm2))).toBeUndefined();
  });

  it.each([
    { scenario: createEmptyVolume, look: 'volume.look', shown: ['volume error'] },
    { scenario: takeSnapshot, look: 'snapshot.look', shown: ['snapshot error', 'volume available'] },
  ] as const)('to $scenario.name leaves it in error, and it can be deleted', async ({ scenario, look, shown }) => {
    const service = await rig.start();
    const subject = await scenario.prepare(service);
    rig.faults.arm(look, 'cannot tell');
    await scenario.ask(service, subject);
    await service.settle();
    const { id, resourceId } = await lastOperation(service);
    expect(await operatorOf(service.store).operations.abandon(id, fenced)).toEqual({ outcome: 'asked' });
    expect(await shownState(service)).toEqual(shown);
    expect(await service.store.openBars()).toEqual([]);
    rig.faults.disarm();
    const { volumes, snapshots } = service.blockstore;
    await (resourceId.startsWith('vol')
      ? volumes.delete(caller, { volumeId: resourceId as never, dryRun: false })
      : snapshots.delete(caller, { snapshotId: resourceId as never, dryRun: false }));
    await service.settle();
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  it.each([
    ['a volume', 'snapshot.unmake', ['volume available', 'volume error']],
    ['a snapshot', 'volume.unmake', ['snapshot completed', 'snapshot error', 'volume available']],
  ] as const)('to copy %s leaves the copy in error, with which all that was made on the way can be deleted', async (what, undo, shown) => {
    const service = await rig.start();
    const volumeId = await createVolume(service);
    await service.settle();
    const dryRun = false;
    const { volumes, snapshots } = service.blockstore;
    if (what === 'a snapshot') {
      const snapshotId = await createSnapshot(service, volumeId);
      await service.settle();
      rig.faults.arm('volume.copy', 'is refused');
      rig.faults.arm(undo, 'is refused');
      await snapshots.copy(caller, { snapshotId, description: '', tags: [], dryRun });
    } else {
      rig.faults.arm('volume.copy', 'is refused');
      rig.faults.arm(undo, 'is refused');
      await volumes.copy(caller, { sourceVolumeId: volumeId, type: 'gp3', tags: [], dryRun });
    }
    await service.settle();
    const { id, resourceId, state } = await lastOperation(service);
    expect(state).toBe('stuck');
    expect(await operatorOf(service.store).operations.abandon(id, fenced)).toEqual({ outcome: 'asked' });
    expect(await shownState(service)).toEqual(shown);
    const remove = () =>
      resourceId.startsWith('vol')
        ? volumes.delete(caller, { volumeId: resourceId as never, dryRun })
        : snapshots.delete(caller, { snapshotId: resourceId as never, dryRun });
    // The first time it cannot be taken away either.
    await remove();
    await service.settle();
    expect((await lastOperation(service)).state).toBe('halted');
    rig.faults.disarm();
    await remove();
    await service.settle();
    expect(await shownState(service)).toEqual(shown.filter((line) => !line.endsWith('error')));
    expect(rig.world.inventory()).toHaveLength(shown.length - 1);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  it('is not one that a server works on', async () => {
    const service = await rig.start();
    const subject = await attachOnVmm1.prepare(service);
    const verdicts: unknown[] = [];
    rig.faults.arm(
      'session.make',
      async () => void verdicts.push(await operatorOf(service.store).operations.abandon((await lastOperation(service)).id, fenced)),
      1,
    );
    await attachOnVmm1.ask(service, subject);
    await service.settle();
    expect(verdicts).toMatchObject([
      { outcome: 'refused', reason: expect.stringContaining('is under way'), next: expect.stringContaining('stop the server') },
    ]);
    expect(await shownState(service)).toEqual(attachOnVmm1.done);
  });

  it.each(scenarios)('may be one to $name that no server knows how to go on with', async (scenario) => {
    const idle = await rig.start({ takesUp: false });
    const subject = await scenario.prepare(idle);
    await idle.worker.stop(0);
    await scenario.ask(idle, subject);
    rig.time.nowMs += 60_000;
    const { id, resourceId } = await lastOperation(idle);
    expect(await operatorOf(idle.store).operations.abandon(id, fenced)).toEqual({ outcome: 'asked' });
    // Nothing stays in a state that only an operation could end.
    expect((await shownState(idle)).filter((line) => /creating|pending|deleting|attaching|detaching/.test(line))).toEqual([]);
    const isOfAttachment = /^(attach|detach)/.test(scenario.kind);
    expect((await idle.store.openBars()).map(({ volumeId }) => volumeId)).toEqual(isOfAttachment ? [resourceId] : []);
    const next = await rig.start({ pollEveryMs: 5 });
    await next.settle();
    expect((await next.store.operation(id))?.state).toBe('abandoned');
    if (isOfAttachment) {
      const { operationId } = await operatorOf(next.store).volumes.clear(resourceId as never, fenced);
      await expect.poll(async () => operationId && (await next.store.operation(operationId))?.state).toBe('done');
      expect(await disagreements(next, rig.world.inventory())).toEqual([]);
    }
  });
});
