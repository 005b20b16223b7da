import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyRecycleBin } from '../../src/blockstore/empty-recycle-bin.ts';
import { reconcile } from '../../src/blockstore/reconcile.ts';
import type { VolumeId } from '../../src/model/ids.ts';
import { caller, createSagaRig, onVmm1, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createVolume, detach } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
let service: RunningService;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
});
afterEach(() => rig.close());

const modify = (volumeId: VolumeId, sizeGiB: number) =>
  service.blockstore.modifications.modify(caller, { volumeId, sizeGiB, dryRun: false });

/** A volume whose growing worked, while nobody could be asked whether it had. */
async function grownWithoutKnowing(): Promise<VolumeId> {
  const volumeId = await createVolume(service);
  await service.settle();
  rig.faults.arm('volume.grow', async () => rig.faults.arm('volume.look', 'cannot tell'));
  await modify(volumeId, 3);
  await service.settle();
  rig.faults.disarm();
  expect(service.results.at(-1)?.outcome).toBe('failed');
  expect(await shownState(service)).toEqual(['volume available']);
  return volumeId;
}

describe('a volume whose growing failed, and may have worked', () => {
  it('can be deleted, and leaves nothing behind', async () => {
    const volumeId = await grownWithoutKnowing();
    await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
    await service.settle();
    expect(await shownState(service)).toEqual([]);
    expect(rig.world.inventory()).toEqual([]);
  });

  it('can go by way of the recycle bin, and leaves nothing behind', async () => {
    const volumeId = await grownWithoutKnowing();
    await service.worker.stop(0);
    service = await rig.start({ retention: { volumesMs: 1_000 } });
    await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
    rig.time.nowMs += 2_000;
    (await emptyRecycleBin(service)).forEach(service.worker.start);
    await service.settle();
    expect(await shownState(service)).toEqual([]);
    expect(rig.world.inventory()).toEqual([]);
  });

  it('can be attached, and is seen to have its new size then', async () => {
    const volumeId = await grownWithoutKnowing();
    await attach(service, volumeId, onVmm1);
    await service.settle();
    expect(await shownState(service)).toEqual([`volume in-use, 3 GiB, attached to ${onVmm1}`]);
    expect(await service.blockstore.modifications.list(caller, [volumeId])).toMatchObject([{ state: 'completed', progressPercent: 100 }]);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
    await detach(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available, 3 GiB']);
  });

  it.each([3, 4])('can be made %i GiB large by asking again', async (sizeGiB) => {
    const volumeId = await grownWithoutKnowing();
    await modify(volumeId, sizeGiB);
    await service.settle();
    expect(service.results.at(-1)).toEqual({ outcome: 'done' });
    expect(await shownState(service)).toEqual([`volume available, ${sizeGiB} GiB`]);
  });

  it('is brought to its larger size by whatever else is modified of it, and can be deleted then', async () => {
    const volumeId = await grownWithoutKnowing();
    await service.blockstore.modifications.modify(caller, { volumeId, type: 'gp2', dryRun: false });
    await service.settle();
    expect(service.results.at(-1)).toEqual({ outcome: 'done' });
    expect(await shownState(service)).toEqual(['volume available, 3 GiB']);
    await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
    await service.settle();
    expect(rig.world.inventory()).toEqual([]);
  });

  it('is brought to it while it is attached, too', async () => {
    const volumeId = await createVolume(service);
    await service.settle();
    await attach(service, volumeId, onVmm1);
    await service.settle();
    rig.faults.arm('session.grow', 'is refused');
    await modify(volumeId, 3);
    await service.settle();
    rig.faults.disarm();
    expect(service.results.at(-1)?.outcome).toBe('failed');
    await service.blockstore.modifications.modify(caller, { volumeId, type: 'gp2', dryRun: false });
    await service.settle();
    expect(await shownState(service)).toEqual([`volume in-use, 3 GiB, attached to ${onVmm1}`]);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  /** An attached volume of which everything but the session is known to have grown. */
  async function grownHalfWay(): Promise<VolumeId> {
    const volumeId = await createVolume(service);
    await service.settle();
    await attach(service, volumeId, onVmm1);
    await service.settle();
    rig.faults.arm('session.grow', 'is refused');
    await modify(volumeId, 3);
    await service.settle();
    rig.faults.disarm();
    expect(service.results.at(-1)?.outcome).toBe('failed');
    return volumeId;
  }

  it('can be detached, and is attached in its new size the next time', async () => {
    const volumeId = await grownHalfWay();
    await detach(service, volumeId);
    await service.settle();
    expect(service.results.at(-1)).toEqual({ outcome: 'done' });
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
    await attach(service, volumeId, onVmm1);
    await service.settle();
    expect(await shownState(service)).toEqual([`volume in-use, 3 GiB, attached to ${onVmm1}`]);
  });

  it.each(['before', 'after'] as const)('comes back after a restart of its export server, and can be detached %s that', async (when) => {
    const volumeId = await grownHalfWay();
    rig.world.loseExports();
    if (when === 'after') {
      const { begun } = await reconcile({ ...service.sagaDependencies, owner: service.owner }, 'everything');
      begun.forEach(service.worker.start);
      await service.settle();
      expect(service.results.at(-1)).toEqual({ outcome: 'done' });
      expect(await disagreements(service, rig.world.inventory())).toEqual([]);
      expect(rig.world.guest('dom1').read(volumeId, 0, 1)).toHaveLength(1);
    }
    await detach(service, volumeId);
    await service.settle();
    expect(service.results.at(-1)).toEqual({ outcome: 'done' });
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
  });

  /** One that may be 1, 3 or 4 GiB large: the next growing failed before it had looked how the first one had ended. It is 3. */
  async function doubtedTwice(): Promise<VolumeId> {
    const volumeId = await grownWithoutKnowing();
    rig.faults.arm('volume.look', 'cannot tell');
    await modify(volumeId, 4);
    await service.settle();
    rig.faults.disarm();
    expect(service.results.at(-1)?.outcome).toBe('failed');
    expect(await service.store.sizesInDoubt(volumeId)).toEqual([3, 4]);
    return volumeId;
  }

  it('can be deleted after another one that failed, too', async () => {
    const volumeId = await doubtedTwice();
    await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
    await service.settle();
    expect(await shownState(service)).toEqual([]);
    expect(rig.world.inventory()).toEqual([]);
  });

  it('can be attached after another one that failed, and is seen to have the size of the first', async () => {
    const volumeId = await doubtedTwice();
    await attach(service, volumeId, onVmm1);
    await service.settle();
    expect(await shownState(service)).toEqual([`volume in-use, 3 GiB, attached to ${onVmm1}`]);
    expect(await service.blockstore.modifications.list(caller, [volumeId])).toMatchObject([{ state: 'failed', target: { sizeGiB: 4 } }]);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
    await detach(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available, 3 GiB']);
  });

  it('can be made as large as the last one that failed wanted, and nothing is in doubt any more', async () => {
    const volumeId = await doubtedTwice();
    await modify(volumeId, 2).then(() => service.settle());
    expect(service.results.at(-1)).toEqual({ outcome: 'done' });
    expect(await shownState(service)).toEqual(['volume available, 4 GiB']);
    expect(await service.store.sizesInDoubt(volumeId)).toEqual([]);
  });

  it('keeps its old size when it turns out that nothing had happened', async () => {
    const volumeId = await createVolume(service);
    await service.settle();
    rig.faults.arm('volume.grow', 'is refused');
    await modify(volumeId, 3);
    await service.settle();
    rig.faults.disarm();
    await attach(service, volumeId, onVmm1);
    await service.settle();
    expect(await shownState(service)).toEqual([`volume in-use, attached to ${onVmm1}`]);
    expect(await service.blockstore.modifications.list(caller, [volumeId])).toMatchObject([{ state: 'failed' }]);
  });
});
