import { reconcile } from '../../src/blockstore/reconcile.ts';
import { openOperationStates } from '../../src/saga/operation.ts';
import { kindsBetween } from '../support/inventory-difference.ts';
import { Crash, type Death } from '../support/mortal-store.ts';
import { caller, createSagaRig, onVmm1, type SagaRig } from '../support/saga-rig.ts';
import { attachOnVmm1, createVolumeFromSnapshot, type Scenario, scenarios } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';
import type { TortureReport } from './torture-report.ts';

interface CrashScenario extends Scenario {
  /** What happens to the site between the preparation and the operation. */
  befalls?(rig: SagaRig): void;
}

/** Besides the operations that other tests go through as well. */
const copySnapshot: CrashScenario = {
  ...createVolumeFromSnapshot,
  name: 'copy a snapshot',
  kind: 'copy-snapshot',
  things: ['snapshot'],
  async ask({ blockstore }, { snapshotId }) {
    if (snapshotId === undefined) {
      throw new Error('there is no snapshot to copy');
    }
    await blockstore.snapshots.copy(caller, { snapshotId, description: '', tags: [], dryRun: false });
  },
  done: ['snapshot completed', 'snapshot completed', 'volume available'],
};
const restoreAttachment: CrashScenario = {
  ...attachOnVmm1,
  name: 'restore an attachment',
  kind: 'restore-attachment',
  things: ['access', 'export'],
  async prepare(service) {
    const subject = await attachOnVmm1.prepare(service);
    await attachOnVmm1.ask(service, subject);
    await service.settle();
    return subject;
  },
  befalls: ({ world }) => world.loseExports(),
  async ask({ sagaDependencies, owner, worker }) {
    const { begun } = await reconcile({ ...sagaDependencies, owner }, 'everything');
    begun.forEach(worker.start);
  },
  before: [`volume in-use, attached to ${onVmm1}`],
  done: [`volume in-use, attached to ${onVmm1}`],
};
const all: readonly CrashScenario[] = [...scenarios, copySnapshot, restoreAttachment];

/** Every operation of the service dies before and after each of its journal writes; the next process has to bring it to its end. */
export async function tortureCrashPoints(): Promise<TortureReport> {
  const problems: string[] = [];
  const writesOf: string[] = [];
  let points = 0;
  let healed = 0;
  let leftovers = 0;
  const heal = async (scenario: CrashScenario, death: Death, atClaim?: Death['moment']): Promise<boolean> => {
    const { didDie, complaints } = await dieAndHeal(scenario, death, atClaim);
    if (didDie) {
      points += 1;
      healed += complaints.length === 0 ? 1 : 0;
      leftovers += complaints.filter((complaint) => complaint.startsWith('left')).length;
      const where = `died ${death.moment} write ${death.atWrite}${atClaim === undefined ? '' : `, and ${atClaim} the next claim`}`;
      problems.push(...complaints.map((complaint) => `${scenario.name}, ${where}: ${complaint}`));
    }
    return didDie;
  };
  for (const scenario of all) {
    let writes = 0;
    for (const moment of ['before', 'after'] as const) {
      for (let atWrite = 1; await heal(scenario, { atWrite, moment }); atWrite += 1) {
        writes = atWrite;
      }
      // The process that should heal it dies while it claims what was left; by then the operation is begun.
      await heal(scenario, { atWrite: 4, moment: 'after' }, moment);
    }
    writesOf.push(`${scenario.name} ${writes}`);
  }
  return {
    problems,
    figures: {
      'journal writes': writesOf.join(', '),
      'crash points': points,
      healed: `${healed} (${((100 * healed) / points).toFixed(1)} %)`,
      'leftovers in the inventory': leftovers,
    },
  };
}

async function dieAndHeal(
  scenario: CrashScenario,
  death: Death,
  atClaim?: Death['moment'],
): Promise<{ readonly didDie: boolean; readonly complaints: readonly string[] }> {
  const rig = createSagaRig();
  try {
    const service = await rig.start();
    const subject = await scenario.prepare(service);
    scenario.befalls?.(rig);
    const inventory = rig.world.inventory();
    const before = (await service.store.operations({ limit: 100 })).length;
    service.mortal.expect(death);
    await scenario.ask(service, subject).catch((cause: unknown) => {
      if (!(cause instanceof Crash)) {
        throw cause;
      }
    });
    await service.settle();
    if (!service.mortal.isDead()) {
      return { didDie: false, complaints: [] };
    }
    service.kill();
    if (atClaim !== undefined) {
      const dying = await rig.start({ takesUp: false });
      dying.mortal.expect({ atWrite: 1, moment: atClaim });
      await dying.worker.claimAbandoned().catch(() => undefined);
      dying.kill();
    }
    const next = await rig.start();
    await next.settle();
    const complaints: string[] = [];
    const open = await next.store.operations({ states: openOperationStates, limit: 10 });
    complaints.push(...open.map(({ kind, state }) => `${kind} is still ${state}`));
    if ((await next.store.operations({ limit: 100 })).length === before) {
      // Nothing was begun, so nobody was promised anything: it is as before, and can be asked for.
      complaints.push(...differences(scenario.before, await shownState(next)), ...differences(inventory, rig.world.inventory()));
      await scenario.ask(next, subject);
      await next.settle();
    }
    complaints.push(...differences(scenario.done, await shownState(next)));
    complaints.push(...differences(scenario.things, kindsBetween(inventory, rig.world.inventory())));
    complaints.push(...(await disagreements(next, rig.world.inventory())));
    return { didDie: true, complaints };
  } finally {
    await rig.close();
  }
}

function differences(wanted: readonly string[], found: readonly string[]): readonly string[] {
  return JSON.stringify(wanted) === JSON.stringify(found) ? [] : [`found ${found.join('; ')}, and should have found ${wanted.join('; ')}`];
}
