import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SagaDefinition } from '../../src/saga/definition.ts';
import { kindsBetween } from '../support/inventory-difference.ts';
import { createSagaRig, type SagaRig } from '../support/saga-rig.ts';
import { scenarios } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

/** The same sagas, with every step and every undo done two times in a row. */
function twice(sagas: readonly SagaDefinition[]): readonly SagaDefinition[] {
  return sagas.map((saga) => ({
    ...saga,
    steps: saga.steps.map((step) => ({
      ...step,
      async do(known, context) {
        const first = await step.do(known, context);
        expect(await step.do(known, context)).toEqual(first);
        return first;
      },
      async undo(known, context) {
        await step.undo(known, context);
        await step.undo(known, context);
      },
    })),
  }));
}

describe.each(scenarios)('every step of an operation to $name', (scenario) => {
  it('may run twice, to the same effect as once', async () => {
    const service = await rig.start({ definitions: twice });
    const subject = await scenario.prepare(service);
    const inventory = rig.world.inventory();
    await scenario.ask(service, subject);
    await service.settle();
    expect(service.results.at(-1)).toEqual({ outcome: 'done' });
    expect(await shownState(service)).toEqual(scenario.done);
    expect(kindsBetween(inventory, rig.world.inventory())).toEqual(scenario.things);
  });

  it.each(scenario.deeds)('may be undone twice after %s failed, to the same effect as once', async (deed) => {
    const service = await rig.start({ definitions: twice });
    const subject = await scenario.prepare(service);
    const inventory = rig.world.inventory();
    rig.faults.arm(deed, 'is refused');
    await scenario.ask(service, subject);
    await service.settle();
    expect(service.results.at(-1)?.outcome).toBe('failed');
    expect(await shownState(service)).toEqual(scenario.failed);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
    if (scenario.whenItFails === 'undone') {
      expect(rig.world.inventory()).toEqual(inventory);
    }
  });
});
