import { afterEach, beforeEach, expect, it } from 'vitest';
import { watchInstances } from '../../../src/composition/watch-instances.ts';
import type { Resolution } from '../../../src/resolvers/cloud-resolver.ts';
import { recordingLog } from '../../support/recording-log.ts';
import { createSagaRig, onVmm1, type SagaRig } from '../../support/saga-rig.ts';
import { attach, createVolume } from '../../support/scenarios.ts';
import { shownState } from '../../support/shown-state.ts';

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

it('looks from time to time, tells each thing once, and lets the detach run', async () => {
  const service = await rig.start();
  await attach(service, await settled(createVolume(service)), onVmm1);
  await service.settle();
  const log = recordingLog();
  let looks = 0;
  const ended: Resolution = { outcome: 'not-known', reason: 'terminated', ended: 'reported' };
  const { sagaDependencies, owner, worker } = service;
  const watch = watchInstances({
    ...sagaDependencies,
    retention: { volumesMs: 0, snapshotsMs: 0 },
    ...{ owner, worker, log, when: 'reported', graceMs: 0, everyMs: 1 },
    resolver: {
      name: 'cloud',
      list: async () => [],
      async resolve() {
        looks += 1;
        if (looks === 1) throw new TypeError('a bug');
        return ended;
      },
    },
  });
  // Its VM runs.
  await expect.poll(() => looks).toBeGreaterThan(10);
  expect(await shownState(service)).toEqual([`volume in-use, attached to ${onVmm1}`]);
  rig.world.stopDomain('dom1');
  await expect.poll(() => shownState(service)).toEqual(['volume available']);
  await watch.stop();
  const looksAtTheEnd = looks;
  expect(log.lines('error')).toHaveLength(1);
  expect(log.lines('warn').map((line) => line.slice(0, line.indexOf('{') - 1))).toEqual([
    'an instance with volumes is said to have ended; they are detached when that stays so',
    'the instance has ended, and its volume is not detached yet',
    'the instance has ended, and its volume is detached',
  ]);
  await service.settle();
  expect(looks).toBe(looksAtTheEnd);

  async function settled<Value>(asked: Promise<Value>): Promise<Value> {
    const value = await asked;
    await service.settle();
    return value;
  }
});
