import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type SiteWiper, wipeSite } from '../../../src/composition/wipe-site.ts';
import { bytesPerGiB } from '../../../src/model/size.ts';
import { type RecordingLog, recordingLog } from '../../support/recording-log.ts';
import { caller, createSagaRig, type RunningService, type SagaRig } from '../../support/saga-rig.ts';
import { createVolume } from '../../support/scenarios.ts';

const MiB = 1024 ** 2;
const patience = { timeout: 60_000, interval: 5 };

let rig: SagaRig;
let service: RunningService;
let log: RecordingLog;
let wiper: SiteWiper | undefined;
beforeEach(async () => {
  rig = createSagaRig({ wipesLater: true });
  service = await rig.start();
  log = recordingLog();
});
afterEach(async () => {
  await wiper?.stop();
  wiper = undefined;
  await rig.close();
});

async function deleteVolume(): Promise<void> {
  const volumeId = await createVolume(service);
  await service.settle();
  await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
  await service.settle();
}

function begin(wipeMiBps: number): SiteWiper {
  const servers = [...service.sagaDependencies.site.volumeServers].map(([name, host]) => [name, { ...host, wipeMiBps }] as const);
  const site = { ...service.sagaDependencies.site, volumeServers: new Map(servers) };
  wiper = wipeSite({ ...service.sagaDependencies, site, log, sleep: (milliseconds) => sleep(milliseconds) });
  wiper.begin();
  return wiper;
}

it('wipes what waits, and what comes when it is told, and says so in the log', async () => {
  await deleteVolume();
  const started = begin(1_000_000);
  await expect.poll(() => rig.world.inventory(), patience).toEqual([]);
  await deleteVolume();
  expect(rig.world.inventory()).toHaveLength(1);
  started.notice();
  await expect.poll(() => rig.world.inventory(), patience).toEqual([]);
  await expect.poll(() => log.lines('info'), patience).toHaveLength(2);
});

it('is no faster than it is set to be, and stops at once', async () => {
  await deleteVolume();
  const startedAtMs = performance.now();
  const started = begin(160);
  const wiped = async () => (await service.store.wipes())[0]?.wipedBytes ?? 0;
  // The second piece of two seconds is begun when the first has had its time.
  await expect.poll(wiped, patience).toBeGreaterThanOrEqual(640 * MiB);
  expect(performance.now() - startedAtMs).toBeGreaterThan(1_900);
  expect(rig.world.inventory()).toHaveLength(1);
  await started.stop();
  const left = await wiped();
  expect(left).toBeLessThan(bytesPerGiB);
  expect((await service.store.wipes())[0]?.wipedBytes).toBe(left);
});

it('outlives a volume server that does not answer', async () => {
  await deleteVolume();
  rig.faults.arm('remains.list', 'is refused', 1);
  const started = begin(1_000_000);
  await expect.poll(() => log.lines('warn'), patience).toContainEqual(expect.stringContaining('what is to be wiped cannot be seen'));
  expect(rig.world.inventory()).toHaveLength(1);
  started.notice();
  await expect.poll(() => rig.world.inventory(), patience).toEqual([]);
});
