import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { examine } from '../../src/blockstore/reconcile.ts';
import { prepareBackend, volumeServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { VolumeServerPattern } from '../../src/drivers/command/pattern.ts';
import type { VolumeServer } from '../../src/drivers/volume-server.ts';
import { bytesPerGiB } from '../../src/model/size.ts';
import { contextHere, shippedBackends } from '../contract/shipped-backend.ts';
import { failureOf } from '../support/failure-of.ts';
import { type FakeVolumeGroup, fakeVolumeGroup } from '../support/fake-lvm.ts';
import { caller, createSagaRig, onVmm1, type RunningService, type SagaRig, zone } from '../support/saga-rig.ts';
import { attach, createSnapshot, createVolume } from '../support/scenarios.ts';
import { shownState } from '../support/shown-state.ts';
import { wipeEverything } from '../support/wipe-everything.ts';

let rig: SagaRig;
let service: RunningService;
let group: FakeVolumeGroup | undefined;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
  group = fakeVolumeGroup();
});
afterEach(async () => {
  group?.remove();
  await rig.close();
});

/** Puts a backend in the place of the simulated volume server. */
function serveFrom(volumes: VolumeServer): void {
  const servers = service.sagaDependencies.site.volumeServers as Map<string, unknown>;
  const [[name, host] = []] = servers as Map<string, object>;
  servers.set(name as string, { ...host, volumes });
}

describe('LVM', () => {
  const thick = shippedBackends.pattern('volume-server', 'lvm-thick');
  const thin = shippedBackends.pattern('volume-server', 'lvm-thin');

  async function serveFromGroup(pattern: VolumeServerPattern, settings = {}): Promise<FakeVolumeGroup> {
    const context = group?.context(pattern, settings);
    if (group === undefined || context === undefined) {
      throw new Error('no volume group');
    }
    await prepareBackend(pattern, context);
    serveFrom(volumeServerFromPattern(pattern, context));
    return group;
  }

  it('with a snapshot that overflows during its copy ends the snapshot in error, publishes nothing and leaves nothing', async (test) => {
    if (group === undefined) return test.skip('a volume group of files can be made in /dev by root only');
    const { set, logicalVolumes } = await serveFromGroup(thick);
    set('free', String(8 * bytesPerGiB));
    const volumeId = await createVolume(service);
    await service.settle();
    const whole = await createSnapshot(service, volumeId);
    await service.settle();
    await wipeEverything(service);
    expect(logicalVolumes()).toEqual([whole, volumeId].sort());
    set('overflow', 'yes');
    await createSnapshot(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['snapshot completed', 'snapshot error', 'volume available']);
    const [operation] = await service.store.operations({ limit: 1 });
    expect(operation).toMatchObject({ state: 'undone', failure: expect.stringContaining('has become invalid') });
    await wipeEverything(service);
    expect(logicalVolumes()).toEqual([whole, volumeId].sort());
  });

  it('with a full volume group refuses a volume in the words of EC2, and leaves nothing of a snapshot that finds no room', async (test) => {
    if (group === undefined) return test.skip('a volume group of files can be made in /dev by root only');
    const { set, logicalVolumes } = await serveFromGroup(thick);
    set('free', String(2.5 * bytesPerGiB));
    const volumeId = await createVolume(service);
    await service.settle();
    const request = { zone, type: 'gp3', tags: [], sizeGiB: 2, dryRun: false } as const;
    expect(await failureOf(service.blockstore.volumes.create(caller, request))).toEqual({
      kind: 'insufficient-capacity',
      what: 'volume',
      sizeGiB: 2,
    });
    // The copy-on-write snapshot has room, and what it is to be copied to has none.
    await createSnapshot(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['snapshot error', 'volume available']);
    expect((await service.store.operations({ limit: 1 }))[0]?.failure).toMatch(/insufficient free space.*the volume group is full/s);
    await wipeEverything(service);
    expect(logicalVolumes()).toEqual([volumeId]);
  });

  it('with a thin pool at its limit makes nothing, and tells the operator before that', async (test) => {
    if (group === undefined) return test.skip('a volume group of files can be made in /dev by root only');
    const { set, logicalVolumes } = await serveFromGroup(thin, { pool: 'pool' });
    const findings = async () =>
      (await examine(service.sagaDependencies, 'everything')).map((finding) => (finding.kind === 'filling' ? finding : finding.kind));
    set('free', String(8 * bytesPerGiB));
    set('pool', '69.99 10.00');
    const volumeId = await createVolume(service);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available']);
    expect(await findings()).toEqual([]);

    set('pool', '40.00 72.50');
    const filling = { kind: 'filling', host: 'simulated', isFull: false };
    expect(await findings()).toEqual([{ ...filling, reason: 'metadata is filled to 70 % or more; nothing is made from 90 % on' }]);
    await createSnapshot(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['snapshot completed', 'volume available']);

    for (const pool of ['90.00 10.00', '10.00 90.00']) {
      set('pool', pool);
      expect(await findings()).toMatchObject([{ ...filling, isFull: true }]);
      const there = logicalVolumes();
      const refused = { kind: 'insufficient-capacity', sizeGiB: 1 };
      expect(await failureOf(createVolume(service))).toEqual({ ...refused, what: 'volume' });
      expect(await failureOf(createSnapshot(service, volumeId))).toEqual({ ...refused, what: 'snapshot' });
      expect(await failureOf(service.blockstore.modifications.modify(caller, { volumeId, sizeGiB: 2, dryRun: false }))).toMatchObject({
        kind: 'insufficient-capacity',
      });
      expect(logicalVolumes()).toEqual(there);
      // What is there goes on being used.
      expect(await shownState(service)).toEqual(['snapshot completed', 'volume available']);
    }
  });

  it('with a pool that does not say how full it is counts as not answering, and is reported', async (test) => {
    if (group === undefined) return test.skip('a volume group of files can be made in /dev by root only');
    const { set } = await serveFromGroup(thin, { pool: 'pool' });
    set('free', String(bytesPerGiB));
    set('pool', ' ');
    expect((await failureOf(createVolume(service)))?.kind).toBe('unavailable');
    expect(await examine(service.sagaDependencies, 'everything')).toMatchObject([
      { kind: 'unseen', reason: expect.stringContaining('DATA_PERCENT') },
    ]);
  });
});

describe('files on a file system that is full', () => {
  it('are undone, be it a snapshot or a volume that finds no space, and give their space back', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'vbs-small-'));
    const isMounted = (await execa('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { reject: false })).exitCode === 0;
    try {
      if (!isMounted) return test.skip('a small file system can be mounted by root only');
      const pattern = shippedBackends.pattern('volume-server', 'file');
      const context = contextHere(pattern, { stateFolder: join(folder, 'data') });
      await prepareBackend(pattern, context);
      // It refuses what is larger than all that is free, and here every volume is.
      serveFrom({ ...volumeServerFromPattern(pattern, context), freeBytes: async () => ({ value: undefined, commands: [] }) });
      const files = (kind: string) => readdirSync(join(folder, 'data', kind)).filter((name) => !name.startsWith('vbs-storage-'));
      const volumeId = await createVolume(service);
      await service.settle();
      const write = (bytes: number) =>
        writeFileSync(join(folder, 'data', 'volumes', `${volumeId}.raw`), Buffer.alloc(bytes, 'x'), { flag: 'r+' });
      write(1_500_000);
      const snapshotId = await createSnapshot(service, volumeId);
      await service.settle();
      expect(await shownState(service)).toEqual(['snapshot completed', 'volume available']);

      await createVolume(service, snapshotId);
      await service.settle();
      expect(await shownState(service)).toEqual(['snapshot completed', 'volume available', 'volume error']);
      const [operation] = await service.store.operations({ limit: 1 });
      expect(operation).toMatchObject({ state: 'undone', failure: expect.stringContaining('No space left on device') });
      expect(files('volumes')).toEqual([`${volumeId}.raw`]);
      await createSnapshot(service, volumeId);
      await service.settle();
      expect(await shownState(service)).toEqual(['snapshot completed', 'snapshot error', 'volume available', 'volume error']);
      expect(files('snapshots')).toEqual([`${snapshotId}.raw`]);
      // What was taken is free again: as much as before can be written.
      write(2_000_000);
    } finally {
      if (isMounted) {
        await execa('umount', [folder]);
      }
      rmSync(folder, { recursive: true });
    }
  });
});

describe('storage that runs full', () => {
  it('does not keep volumes from being attached, detached and deleted', async () => {
    const volumeId = await createVolume(service);
    await service.settle();
    const filled = [{ part: 'data', percent: 99 }];
    serveFrom({
      ...rig.world.volumeServer,
      fullness: async () => ({ value: { filled, alarmPercent: 70, fullPercent: 90 }, commands: [] }),
    });
    await attach(service, volumeId, onVmm1);
    await service.settle();
    await service.blockstore.attachments.detach(caller, { volumeId, dryRun: false });
    await service.settle();
    await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
    await service.settle();
    expect(await shownState(service)).toEqual([]);
    expect(await failureOf(createVolume(service))).toMatchObject({ kind: 'insufficient-capacity' });
  });
});
