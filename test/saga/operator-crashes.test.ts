import { describe, expect, it } from 'vitest';
import type { OperationId } from '../../src/model/ids.ts';
import { fenced, operatorOf, root } from '../support/operator-of.ts';
import { caller, createSagaRig, onVmm1, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, attachOnVmm1, createVolume } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

/** Carries something out once for each of its writes, with the service dying at that one; answers how many there were. */
async function dieAtEveryWrite(
  moment: 'before' | 'after',
  carryOut: (rig: SagaRig, prepare: (service: RunningService) => void) => Promise<boolean>,
): Promise<number> {
  for (let atWrite = 1; ; atWrite += 1) {
    const rig = createSagaRig();
    try {
      if (!(await carryOut(rig, ({ mortal }) => mortal.expect({ atWrite, moment })))) {
        return atWrite - 1;
      }
    } finally {
      await rig.close();
    }
  }
}

/** Waits for the end of what a service does, be it its own. Answers whether it died. */
async function ended({ mortal, worker }: RunningService): Promise<boolean> {
  await worker.whenIdle();
  return mortal.isDead();
}

const ignoreDeath = (request: Promise<unknown>) => request.catch(() => undefined);

describe.each(['before', 'after'] as const)('a service that dies %s any write', (moment) => {
  it('of an attach that is rolled back leaves nothing once the next one has started', async () => {
    const writes = await dieAtEveryWrite(moment, async (rig, mayDie) => {
      const asking = await rig.start({ takesUp: false });
      const service = await rig.start();
      const subject = await attachOnVmm1.prepare(service);
      const inventory = rig.world.inventory();
      const verdicts: unknown[] = [];
      const rollBack = async () => {
        const [operation] = await asking.store.operations({ limit: 1 });
        verdicts.push(await operatorOf(asking.store).operations.rollback(operation?.id as OperationId, root));
      };
      rig.faults.arm('session.make', rollBack, 1);
      mayDie(service);
      await ignoreDeath(attachOnVmm1.ask(service, subject));
      const died = await ended(service);
      const next = await rig.start();
      await next.settle();
      const [operation] = await next.store.operations({ limit: 1 });
      if (operation?.kind === 'attach-volume') {
        expect(verdicts).toEqual([{ outcome: 'asked' }]);
        expect(operation).toMatchObject({ state: 'undone', failure: expect.stringContaining('rolled back by root') });
      }
      expect(await shownState(next)).toEqual(attachOnVmm1.failed);
      expect(rig.world.inventory()).toEqual(inventory);
      expect(await disagreements(next, rig.world.inventory())).toEqual([]);
      return died;
    });
    expect(writes).toBeGreaterThanOrEqual(16);
  });

  it('of a forced detach from a host that does not answer has the volume barred once the next one has started', async () => {
    const writes = await dieAtEveryWrite(moment, async (rig, mayDie) => {
      const service = await rig.start();
      const volumeId = await createVolume(service);
      await service.settle();
      await attach(service, volumeId, onVmm1);
      await service.settle();
      const inventory = rig.world.inventory();
      rig.world.loseHost('vmm1');
      mayDie(service);
      await ignoreDeath(service.blockstore.attachments.detach(caller, { volumeId, force: true, dryRun: false }));
      const died = await ended(service);
      const next = await rig.start();
      await next.settle();
      const [operation] = await next.store.operations({ limit: 1 });
      const wasBegun = operation?.kind === 'detach-volume';
      expect(await next.store.openBars()).toHaveLength(wasBegun ? 1 : 0);
      expect(await shownState(next)).toEqual([`volume in-use, ${wasBegun ? 'busy' : 'attached'} to ${onVmm1}`]);
      expect(rig.world.inventory()).toEqual(inventory);
      if (wasBegun) {
        rig.world.fenceHost('vmm1');
        await operatorOf(next.store).volumes.clear(volumeId, fenced);
        const last = await rig.start();
        await last.settle();
        expect(await shownState(last)).toEqual(['volume available']);
        expect(await last.store.openBars()).toEqual([]);
        expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
      }
      return died;
    });
    expect(writes).toBeGreaterThanOrEqual(4);
  });
});
