import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LostClaim } from '../../src/saga/journal.ts';
import type { Deed } from '../support/faults.ts';
import { createSagaRig, type SagaRig } from '../support/saga-rig.ts';
import { type Scenario, scenarios } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

const pastLeaseMs = 60_000;

function unmakingOf(deed: Deed): Deed {
  return deed.replace(/\.make$/, '.unmake') as Deed;
}

describe.each(scenarios)('a server that lost its claim while it is to $name', (scenario: Scenario) => {
  it.each(scenario.deeds)('stops at %s and undoes nothing, and the new holder brings it to its end', async (deed) => {
    const first = await rig.start();
    const subject = await scenario.prepare(first);
    const second = await rig.start({ takesUp: false });
    let journalWhenLost: number | undefined;
    rig.faults.arm(
      deed,
      async () => {
        rig.time.nowMs += pastLeaseMs;
        const request = { owner: second.owner, kinds: [{ kind: scenario.kind, version: 1 }], afterRestart: false, dropped: [] };
        const [claimed] = await second.store.claimAbandoned(request);
        expect(claimed?.generation).toBe(2);
        if (claimed !== undefined) {
          journalWhenLost = (await second.store.entries(claimed.id)).length;
          second.worker.start(claimed);
          await second.settle();
        }
      },
      1,
    );
    await scenario.ask(first, subject);
    await first.settle();
    expect(first.interruptions).toEqual([expect.any(LostClaim)]);
    expect(second.results).toEqual([{ outcome: 'done' }]);
    expect(journalWhenLost).toBeGreaterThan(0);
    const [operation] = await second.store.operations({ limit: 1 });
    const journal = operation === undefined ? [] : await second.store.entries(operation.id);
    expect(journal.filter(({ direction }) => direction === 'undo')).toEqual([]);
    expect(await shownState(second)).toEqual(scenario.done);
    // What a server makes that lost its claim without knowing, its successor may have taken away before. It stays, and reconciling reports it.
    const left = scenario.tidies?.includes(unmakingOf(deed)) ? [expect.stringMatching(/^left: snapshot snap-/)] : [];
    expect(await disagreements(second, rig.world.inventory())).toEqual(left);
  });
});
