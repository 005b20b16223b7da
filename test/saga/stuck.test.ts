import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../src/saga/operation.ts';
import { failureOf } from '../support/failure-of.ts';
import type { Fault, Verb } from '../support/faults.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import {
  attach,
  attachOnVmm1,
  attachOnVmm2,
  createEmptyVolume,
  createVolume,
  createVolumeFromSnapshot,
  detach,
  type Scenario,
  type Subject,
  takeSnapshot,
} from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

interface StuckCase {
  readonly scenario: Scenario;
  readonly step: string;
  /** What makes a step fail and an undo after it. */
  readonly faults: readonly (readonly [verb: Verb, fault: Fault])[];
  readonly shown: readonly string[];
}

const attaching = (instanceId: string): readonly string[] => [`volume in-use, attaching to ${instanceId}`];

const cases: readonly StuckCase[] = [
  ...(['session', 'access', 'export'] as const).map(
    (step): StuckCase => ({
      scenario: attachOnVmm1,
      step,
      faults: [
        ['disk.make', 'is refused'],
        [`${step}.unmake`, 'is refused'],
      ],
      shown: attaching('i-00000001'),
    }),
  ),
  ...(['access', 'export'] as const).map(
    (step): StuckCase => ({
      scenario: attachOnVmm2,
      step,
      faults: [
        ['disk.make', 'is refused'],
        [`${step}.unmake`, 'lies'],
      ],
      shown: attaching('i-00000002'),
    }),
  ),
  { scenario: attachOnVmm2, step: 'disk', faults: [['disk.look', 'cannot tell']], shown: attaching('i-00000002') },
  { scenario: createEmptyVolume, step: 'volume', faults: [['volume.look', 'cannot tell']], shown: ['volume error'] },
  {
    scenario: createVolumeFromSnapshot,
    step: 'volume',
    faults: [
      ['volume.copy', 'is refused'],
      ['volume.unmake', 'times out without effect'],
    ],
    shown: ['snapshot completed', 'volume available', 'volume error'],
  },
  { scenario: takeSnapshot, step: 'snapshot', faults: [['snapshot.look', 'cannot tell']], shown: ['snapshot error', 'volume available'] },
];

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

async function getStuck(
  { scenario, faults }: StuckCase,
  service: RunningService,
): Promise<{ readonly operation: Operation; readonly subject: Subject; readonly inventory: readonly string[] }> {
  const subject = await scenario.prepare(service);
  const inventory = rig.world.inventory();
  for (const [verb, fault] of faults) {
    rig.faults.arm(verb, fault);
  }
  await scenario.ask(service, subject);
  await service.settle();
  const [operation] = await service.store.operations({ limit: 1 });
  if (operation === undefined) {
    throw new Error('nothing was begun');
  }
  return { operation, subject, inventory };
}

describe.each(cases)('an operation to $scenario.name whose undo fails at its step $step', (stuck) => {
  it('is parked as stuck, shows it, and keeps other changes of its resource away', async () => {
    const service = await rig.start();
    const { operation, subject } = await getStuck(stuck, service);
    expect(operation.state).toBe('stuck');
    expect(operation.failure).toMatch(new RegExp(`^${stuck.step}: .*while undoing, after the step`));
    expect(operation.endedAtMs).toBeUndefined();
    expect(service.results.at(-1)).toMatchObject({ outcome: 'stuck', undoFailure: { step: stuck.step } });
    expect(await shownState(service)).toEqual(stuck.shown);
    const found = [...(await service.store.volumes(caller.accountId)), ...(await service.store.snapshots(caller.accountId))];
    const shown = found.find(({ id }) => id === operation.resourceId);
    expect(shown?.stateReason).toContain(`Operation ${operation.id} has the details`);
    expect(shown?.stateReason).toContain('the operator has to look at it');
    expect(await failureOf(otherChange(service, operation, subject))).toEqual({
      kind: 'operation-under-way',
      resourceId: operation.resourceId,
      operation: `${operation.kind} ${operation.id}`,
    });
  });

  it('is undone to the end when the operator mends the cause and says so', async () => {
    const service = await rig.start({ pollEveryMs: 5 });
    const { operation, inventory } = await getStuck(stuck, service);
    rig.faults.disarm();
    expect(await service.store.retryStuck(operation.id, { by: 'root' })).toBe(true);
    await expect.poll(async () => (await service.store.operation(operation.id))?.state).toBe('undone');
    await expectUndone(service, operation, inventory);
    expect(await service.store.retryStuck(operation.id, { by: 'root' })).toBe(false);
  });

  it('is undone to the end by the next start, and stays stuck while the cause stays', async () => {
    const first = await rig.start();
    const { operation, inventory } = await getStuck(stuck, first);
    first.kill();
    const second = await rig.start();
    await second.settle();
    expect((await second.store.operation(operation.id))?.state).toBe('stuck');
    expect(await shownState(second)).toEqual(stuck.shown);
    second.kill();
    rig.faults.disarm();
    const third = await rig.start();
    await third.settle();
    await expectUndone(third, operation, inventory);
  });

  async function otherChange(service: RunningService, { kind, resourceId }: Operation, { volumeId }: Subject): Promise<void> {
    const dryRun = false;
    if (kind === 'attach-volume' && volumeId !== undefined) {
      return detach(service, volumeId);
    }
    if (kind === 'create-snapshot') {
      const [snapshot] = await service.store.snapshots(caller.accountId);
      return snapshot && service.blockstore.snapshots.delete(caller, { snapshotId: snapshot.id, dryRun });
    }
    const volume = (await service.store.volumes(caller.accountId)).find(({ id }) => id === resourceId);
    return volume && service.blockstore.volumes.delete(caller, { volumeId: volume.id, dryRun });
  }

  async function expectUndone(service: RunningService, { id, resourceId }: Operation, inventory: readonly string[]): Promise<void> {
    const operation = await service.store.operation(id);
    expect(operation?.state).toBe('undone');
    expect(operation?.endedAtMs).toBeDefined();
    expect(operation?.failure).not.toContain('while undoing');
    expect(await shownState(service)).toEqual(stuck.scenario.failed);
    expect(rig.world.inventory()).toEqual(inventory);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
    const [volume] = (await service.store.volumes(caller.accountId)).filter((each) => each.id === resourceId);
    expect(volume?.stateReason ?? 'Everything was undone.').toContain('Everything was undone.');
  }
});

describe('a volume whose attachment got stuck', () => {
  it('counts as in use for whoever wants to attach it elsewhere', async () => {
    const service = await rig.start();
    const volumeId = await createVolume(service);
    await service.settle();
    rig.faults.arm('disk.look', 'cannot tell');
    await attach(service, volumeId, onVmm2);
    await service.settle();
    expect(service.results.at(-1)?.outcome).toBe('stuck');
    expect(await failureOf(attach(service, volumeId, onVmm1))).toEqual({ kind: 'volume-in-use', volumeId, instanceId: onVmm2 });
  });
});
