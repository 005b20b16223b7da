import { mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '../../src/blockstore/reconcile.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createVolume, detach } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
let service: RunningService;
let folder: string;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
  folder = mkdtempSync(join(tmpdir(), 'vbs-backup-'));
});
afterEach(async () => {
  await rig.close();
  rmSync(folder, { recursive: true });
});

async function volume(): Promise<Awaited<ReturnType<typeof createVolume>>> {
  const volumeId = await createVolume(service);
  await service.settle();
  return volumeId;
}

async function backUp(): Promise<string> {
  const file = join(folder, 'vbs.db');
  expect(await service.store.backUp(file)).toBe('written');
  return file;
}

/** Ends the service, puts the backup in the place of its database, and starts it anew. */
async function restore(file: string): Promise<RunningService> {
  service.kill();
  await service.worker.stop(1_000);
  service.store.close();
  for (const left of ['-wal', '-shm']) {
    rmSync(`${rig.databaseFile}${left}`, { force: true });
  }
  await cp(file, rig.databaseFile);
  return rig.start();
}

async function heal(by: RunningService): Promise<readonly string[]> {
  const { findings, begun } = await reconcile({ ...by.sagaDependencies, owner: by.owner }, 'everything');
  begun.forEach(by.worker.start);
  await by.settle();
  return findings.map((finding) => [finding.kind, 'thing' in finding ? `${finding.thing} ${finding.name}` : finding.reason].join(' '));
}

describe('a database that was restored from a backup', () => {
  it('is served from as it was, and agrees with the hosts when nothing has changed since', async () => {
    const one = await volume();
    const other = await volume();
    await attach(service, one, onVmm1);
    await attach(service, other, onVmm2);
    await service.settle();
    rig.world.guest('dom1').write(one, 0, Buffer.from('kept'));
    const before = await service.store.volumes(caller.accountId);
    const restored = await restore(await backUp());
    expect(await restored.store.volumes(caller.accountId)).toEqual(before);
    expect(await heal(restored)).toEqual([]);
    expect(rig.world.guest('dom1').read(one, 0, 4).toString()).toBe('kept');
    await detach(restored, one);
    await restored.settle();
    expect(await shownState(restored)).toEqual(['volume available', `volume in-use, attached to ${onVmm2}`]);
    expect(await disagreements(restored, rig.world.inventory())).toEqual([]);
  });

  it('knows nothing of what was made after it, which is reported and left alone, and misses what was deleted', async () => {
    const deleted = await volume();
    const file = await backUp();
    const made = await volume();
    await attach(service, made, onVmm1);
    await service.blockstore.volumes.delete(caller, { volumeId: deleted, dryRun: false });
    await service.settle();
    rig.world.guest('dom1').write(made, 0, Buffer.from('precious'));
    const inventory = rig.world.inventory();
    const restored = await restore(file);
    expect((await heal(restored)).map((line) => line.split(' ').slice(0, 2).join(' ')).sort()).toEqual([
      'missing volume',
      'unknown access',
      'unknown disk',
      'unknown export',
      'unknown session',
      'unknown volume',
    ]);
    expect(rig.world.inventory()).toEqual(inventory);
    expect(rig.world.guest('dom1').read(made, 0, 8).toString()).toBe('precious');
    // The id of the volume that it knows nothing of is not given to another one: it would find that one's data under its name.
    const request = { zone: 'us-east-1a', type: 'gp3', sizeGiB: 1, tags: [], dryRun: false } as const;
    const { id } = await restored.blockstore.volumes.create(caller, request);
    await restored.settle();
    expect(id).not.toBe(made);
  });

  it('makes the exports of a moved attachment anew only where that is still one, and plugs nothing twice', async () => {
    const volumeId = await volume();
    await attach(service, volumeId, onVmm1);
    await service.settle();
    const file = await backUp();
    await detach(service, volumeId);
    await service.settle();
    const restored = await restore(file);
    expect((await heal(restored)).toSorted().map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'missing access',
      'missing disk',
      'missing export',
      'missing session',
    ]);
    expect(await disagreements(restored, rig.world.inventory())).toEqual([]);
    await detach(restored, volumeId);
    await restored.settle();
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
  });

  it('does not plug a volume into the VM that had it, when another one has it by now', async () => {
    const volumeId = await volume();
    await attach(service, volumeId, onVmm1);
    await service.settle();
    const file = await backUp();
    await detach(service, volumeId);
    await service.settle();
    await attach(service, volumeId, onVmm2);
    await service.settle();
    rig.world.guest('dom2').write(volumeId, 0, Buffer.from('mine'));
    const inventory = rig.world.inventory();
    const restored = await restore(file);
    expect(await heal(restored)).toContain(`unknown disk dom2:${volumeId}`);
    expect(rig.world.inventory()).toEqual(inventory);
    expect(rig.world.guest('dom1').disks()).toEqual([]);
    expect(rig.world.guest('dom2').read(volumeId, 0, 4).toString()).toBe('mine');
  });

  it('goes on with what was under way when the backup was written', async () => {
    const volumeId = await volume();
    const files: Promise<string>[] = [];
    rig.faults.arm('access.make', async () => void files.push(backUp()), 1);
    await attach(service, volumeId, onVmm1);
    await service.settle();
    const restored = await restore(await (files[0] ?? Promise.reject(new Error('there is no backup'))));
    await restored.settle();
    expect(await shownState(restored)).toEqual([`volume in-use, attached to ${onVmm1}`]);
    expect(await disagreements(restored, rig.world.inventory())).toEqual([]);
  });
});
