import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeedFault, Verb } from '../support/faults.ts';
import { kindsBetween } from '../support/inventory-difference.ts';
import { caller, createSagaRig, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attachOnVmm1, growAttachedVolume, type Scenario, type Subject, scenarios } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
let service: RunningService;

beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
});
afterEach(() => rig.close());

async function prepared(scenario: Scenario): Promise<{ readonly subject: Subject; readonly inventory: readonly string[] }> {
  const subject = await scenario.prepare(service);
  expect(await shownState(service)).toEqual(scenario.before);
  return { subject, inventory: rig.world.inventory() };
}

async function run(scenario: Scenario, subject: Subject): Promise<void> {
  await scenario.ask(service, subject);
  await service.settle();
}

async function lastOperation() {
  const [operation] = await service.store.operations({ limit: 1 });
  return operation;
}

async function reasonsShown(): Promise<string> {
  const found = [...(await service.blockstore.volumes.list(caller)), ...(await service.blockstore.snapshots.list(caller))];
  return found.map(({ stateReason }) => stateReason ?? '').join('');
}

async function expectFailed(scenario: Scenario, inventory: readonly string[], verb: Verb): Promise<void> {
  const operation = await lastOperation();
  expect(operation?.state).toBe(scenario.whenItFails);
  const step = verb === 'volume.copy' ? 'contents' : verb.split('.')[0];
  expect(operation?.failure).toMatch(new RegExp(`^${step}: `));
  expect(operation?.endedAtMs).toBeDefined();
  expect(await shownState(service)).toEqual(scenario.failed);
  expect(await reasonsShown()).toContain(`failed at its step "${step}"`);
  expect(await reasonsShown()).not.toContain('refused');
  expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  if (scenario.whenItFails === 'undone') {
    expect(rig.world.inventory()).toEqual(inventory);
  }
}

async function expectDoneWhenAskedAgain(scenario: Scenario, subject: Subject, inventory: readonly string[]): Promise<void> {
  rig.faults.disarm();
  await run(scenario, subject);
  expect((await lastOperation())?.state).toBe('done');
  expect(await shownState(service)).toEqual(scenario.doneAgain ?? scenario.done);
  expect(kindsBetween(inventory, rig.world.inventory())).toEqual(scenario.things);
  expect(await disagreements(service, rig.world.inventory())).toEqual([]);
}

function lookBefore(deed: Verb): Verb | undefined {
  return deed === 'volume.copy' ? undefined : (`${deed.split('.')[0]}.look` as Verb);
}

/** Making those on the way to a VM see a new size makes no thing, so there is nothing to look at; that it is asked for again tests modify-volume.test.ts. */
const ofThings = scenarios.filter((scenario) => scenario !== growAttachedVolume);

describe.each(ofThings)('an operation to $name', (scenario) => {
  it('does its deeds in their order, each once, and is done', async () => {
    const { subject, inventory } = await prepared(scenario);
    const before = rig.faults.asked.length;
    await run(scenario, subject);
    expect(rig.faults.asked.slice(before)).toEqual([...scenario.deeds, ...(scenario.tidies ?? [])]);
    expect(service.results.at(-1)).toEqual({ outcome: 'done' });
    expect(await shownState(service)).toEqual(scenario.done);
    expect(kindsBetween(inventory, rig.world.inventory())).toEqual(scenario.things);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  describe.each(scenario.deeds)('whose %s goes wrong', (deed) => {
    it.each<DeedFault>(['is refused', 'times out without effect', ...(deed === 'volume.copy' ? [] : ['lies' as const])])(
      'fails where it must when the deed %s for good, and succeeds when it is asked for again',
      async (fault) => {
        const { subject, inventory } = await prepared(scenario);
        const asked = rig.faults.asked.length;
        rig.faults.arm(deed, fault);
        await run(scenario, subject);
        await expectFailed(scenario, inventory, deed);
        if (scenario.whenItFails === 'halted') {
          const untouched = scenario.deeds.slice(scenario.deeds.indexOf(deed) + 1);
          expect(rig.faults.asked.slice(asked).filter((each) => untouched.includes(each))).toEqual([]);
        }
        await expectDoneWhenAskedAgain(scenario, subject, inventory);
      },
    );

    it.each<DeedFault>(['works and times out', ...(deed === 'volume.copy' ? [] : ['works and is refused' as const])])(
      'is done when the deed %s, since looking shows that it worked',
      async (fault) => {
        const { subject, inventory } = await prepared(scenario);
        rig.faults.arm(deed, fault, 1);
        await run(scenario, subject);
        expect((await lastOperation())?.state).toBe('done');
        expect(await shownState(service)).toEqual(scenario.done);
        expect(kindsBetween(inventory, rig.world.inventory())).toEqual(scenario.things);
      },
    );

    it.each<DeedFault>(['times out without effect', ...(deed === 'volume.copy' ? [] : ['lies' as const])])(
      'is done when the deed %s once and works the next time',
      async (fault) => {
        const { subject } = await prepared(scenario);
        rig.faults.arm(deed, fault, 1);
        await run(scenario, subject);
        expect((await lastOperation())?.state).toBe('done');
        expect(await shownState(service)).toEqual(scenario.done);
      },
    );
  });

  const looks = [...new Set(scenario.deeds.flatMap((deed) => lookBefore(deed) ?? []))];

  it.each(looks)('is done when %s cannot tell for a while', async (look) => {
    const { subject } = await prepared(scenario);
    rig.faults.arm(look, 'cannot tell', 2);
    await run(scenario, subject);
    expect((await lastOperation())?.state).toBe('done');
    expect(await shownState(service)).toEqual(scenario.done);
  });

  it.each(looks)('leaves alone what %s finds in place of its own, and does nothing behind it', async (look) => {
    const { subject, inventory } = await prepared(scenario);
    const asked = rig.faults.asked.length;
    rig.faults.arm(look, 'finds something else');
    await run(scenario, subject);
    await expectFailed(scenario, inventory, look);
    const kind = look.split('.')[0] ?? '';
    expect(rig.faults.asked.slice(asked).filter((deed) => deed.startsWith(`${kind}.`))).toEqual([]);
    await expectDoneWhenAskedAgain(scenario, subject, inventory);
  });

  it('names the commands that it ran in its journal, those of the step that failed too, and no secret', async () => {
    const { subject } = await prepared(scenario);
    const [lastDeed] = scenario.deeds.slice(-1);
    if (lastDeed !== undefined) {
      rig.faults.arm(lastDeed, 'is refused');
    }
    await run(scenario, subject);
    const operation = await lastOperation();
    const journal = operation === undefined ? [] : await service.store.entries(operation.id);
    expect(journal.map(({ outcome }) => outcome)).toContain('failed');
    expect(journal.find(({ outcome }) => outcome === 'failed')?.commands.length).toBeGreaterThan(0);
    for (const { attachments } of await service.store.volumes(caller.accountId)) {
      for (const { id } of attachments) {
        const secret = (await service.store.attachmentPlan(id))?.chapSecret ?? 'none';
        expect(secret).toHaveLength(16);
        expect(JSON.stringify([operation, journal])).not.toContain(secret);
      }
    }
  });
});

describe('a target name that somebody else took', () => {
  it('fails the attachment, and neither the other export nor its volume is touched', async () => {
    const { subject } = await prepared(attachOnVmm1);
    const other = { volumeId: 'vol-00000009', bytes: 1024 ** 3 };
    await rig.world.volumeServer.volume.make(other);
    const taken = { ...other, target: `iqn.2009-11.org.vbs:${subject.volumeId}`, path: '/dev/simulated/vol-00000009' };
    await rig.world.exportServer.export.make(taken);
    const inventory = rig.world.inventory();
    await run(attachOnVmm1, subject);
    expect((await lastOperation())?.state).toBe('undone');
    expect((await lastOperation())?.failure).toContain('something else stands in its place');
    expect(rig.faults.asked).not.toContain('export.unmake');
    expect(rig.world.inventory()).toEqual(inventory);
    expect((await rig.world.exportServer.export.look(taken)).value.state).toBe('present');
  });
});
