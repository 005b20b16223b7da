import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOperationStates } from '../../src/saga/operation.ts';
import type { Deed } from '../support/faults.ts';
import { kindsBetween } from '../support/inventory-difference.ts';
import { Crash, type Death } from '../support/mortal-store.ts';
import { createSagaRig, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { type Scenario, type Subject, scenarios } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

/** What an operation wrote before its process died. */
interface Died {
  readonly subject: Subject;
  readonly inventory: readonly string[];
  readonly writes: readonly string[];
  /** How many operations of its kind there were before. */
  readonly begunBefore: number;
  /** False when the operation ended before it came to the fatal write. */
  readonly didDie: boolean;
  /** The new process, which found what the dead one left. */
  readonly next: RunningService;
}

/** Runs a scenario in a process that dies at a write, and starts the next process over the same world and file. */
async function dieAndStartAgain(scenario: Scenario, death: Death, beforeTheNext: () => void = () => undefined): Promise<Died> {
  const service = await rig.start();
  rig.faults.disarm();
  const subject = await scenario.prepare(service);
  const inventory = rig.world.inventory();
  const begunBefore = (await operationsOf(service, scenario.kind)).length;
  service.mortal.expect(death);
  await scenario.ask(service, subject).catch((cause: unknown) => {
    if (!(cause instanceof Crash)) {
      throw cause;
    }
  });
  await service.settle();
  const { writes } = service.mortal;
  const didDie = service.mortal.isDead();
  service.kill();
  beforeTheNext();
  const next = await rig.start();
  await next.settle();
  return { subject, inventory, writes, begunBefore, didDie, next };
}

async function operationsOf({ store }: RunningService, kind: string) {
  return (await store.operations({ limit: 100 })).filter((operation) => operation.kind === kind);
}

/** Lets a run die at its first write, its second …, until it comes to its end without. Every run has a world and a file of its own. */
async function dieAtEveryWrite(moment: Death['moment'], run: (death: Death) => Promise<Died>): Promise<readonly string[]> {
  for (let atWrite = 1; ; atWrite += 1) {
    const { didDie, writes } = await run({ atWrite, moment });
    if (!didDie) {
      return writes;
    }
    // The last one may not be alone: ids are drawn side by side.
    expect(writes.length).toBeGreaterThanOrEqual(atWrite);
    await rig.close();
    rig = createSagaRig();
  }
}

describe.each(scenarios)('a service that dies while it is to $name', (scenario) => {
  /** The use case draws its ids and begins; every step is intended, together with the record of the one before it; the last is recorded, and the operation ends. */
  const leastWrites = 2 + scenario.deeds.length + 1 + 1;

  it.each(['before', 'after'] as const)('heals at its next start, whichever write it died just %s', async (moment) => {
    const writes = await dieAtEveryWrite(moment, async (death) => {
      const died = await dieAndStartAgain(scenario, death);
      const { next, subject, inventory, begunBefore } = died;
      expect(next.interruptions).toEqual([]);
      expect(await disagreements(next, rig.world.inventory())).toEqual([]);
      const wasBegun = (await operationsOf(next, scenario.kind)).length > begunBefore;
      if (!wasBegun) {
        expect(await shownState(next)).toEqual(scenario.before);
        expect(rig.world.inventory()).toEqual(inventory);
        await scenario.ask(next, subject);
        await next.settle();
      }
      expect(await shownState(next)).toEqual(scenario.done);
      expect(kindsBetween(inventory, rig.world.inventory())).toEqual(scenario.things);
      expect(await disagreements(next, rig.world.inventory())).toEqual([]);
      return died;
    });
    expect(writes.length).toBeGreaterThanOrEqual(leastWrites);
    expect(writes.filter((write) => write === 'intend' || write === 'recordAndIntend').length).toBeGreaterThanOrEqual(
      scenario.deeds.length,
    );
  });

  // Just before a write is the worst moment: what was done is done, and nobody knows.
  it('comes to one end or the other when it died just before a write of a run that was failing', async () => {
    const lastDeed = lastOf(scenario.deeds);
    const writes = await dieAtEveryWrite('before', async (death) => {
      const rigged: Scenario = {
        ...scenario,
        async ask(service, subject) {
          rig.faults.arm(lastDeed, 'is refused');
          await scenario.ask(service, subject);
        },
      };
      const died = await dieAndStartAgain(rigged, death);
      const { next, subject, inventory } = died;
      expect(next.interruptions).toEqual([]);
      expect(await next.store.operations({ states: openOperationStates, limit: 1 })).toEqual([]);
      expect(await disagreements(next, rig.world.inventory())).toEqual([]);
      const shown = await shownState(next);
      expect([scenario.before, scenario.failed]).toContainEqual(shown);
      if (scenario.whenItFails === 'undone') {
        expect(rig.world.inventory()).toEqual(inventory);
      }
      rig.faults.disarm();
      await scenario.ask(next, subject);
      await next.settle();
      const doneAfterFailure = scenario.doneAgain ?? scenario.done;
      expect(await shownState(next)).toEqual(shown.length === scenario.before.length ? scenario.done : doneAfterFailure);
      expect(kindsBetween(inventory, rig.world.inventory())).toEqual(scenario.things);
      return died;
    });
    expect(writes.length).toBeGreaterThanOrEqual(leastWrites);
    expect(writes.includes('turnBack')).toBe(scenario.whenItFails === 'undone');
  });

  it('is done or undone when the cause of a failure goes away while it is down', async () => {
    const lastDeed = lastOf(scenario.deeds);
    await dieAtEveryWrite('after', async (death) => {
      const rigged: Scenario = {
        ...scenario,
        async ask(service, subject) {
          rig.faults.arm(lastDeed, 'is refused');
          await scenario.ask(service, subject);
        },
      };
      const died = await dieAndStartAgain(rigged, death, () => rig.faults.disarm());
      expect(died.next.interruptions).toEqual([]);
      expect(await disagreements(died.next, rig.world.inventory())).toEqual([]);
      expect([scenario.before, scenario.failed, scenario.done]).toContainEqual(await shownState(died.next));
      return died;
    });
  });
});

describe('a service that dies again and again', () => {
  it.each(scenarios)('still comes to the end when it is to $name and dies at its every fourth write', async (scenario) => {
    const first = await rig.start();
    const subject = await scenario.prepare(first);
    first.mortal.expect({ atWrite: 5, moment: 'after' });
    await scenario.ask(first, subject);
    await first.settle();
    first.kill();
    let deaths = 0;
    for (;;) {
      const next = await rig.start({ takesUp: false });
      // The claim, and a step is at the most three writes: its intent, what it does to the database itself, and its outcome.
      next.mortal.expect({ atWrite: 5, moment: 'before' });
      next.worker.begin(await next.worker.claimAbandoned());
      await next.settle();
      const didDie = next.mortal.isDead();
      next.kill();
      if (!didDie) {
        break;
      }
      deaths += 1;
      expect(deaths).toBeLessThan(50);
    }
    const last = await rig.start();
    await last.settle();
    expect(await shownState(last)).toEqual(scenario.done);
    expect(await disagreements(last, rig.world.inventory())).toEqual([]);
  });
});

function lastOf(deeds: readonly Deed[]): Deed {
  const last = deeds.at(-1);
  if (last === undefined) {
    throw new Error('a scenario without deeds');
  }
  return last;
}
