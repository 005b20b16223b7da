import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VolumeId } from '../../src/model/ids.ts';
import { failureOf } from '../support/failure-of.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createVolume } from '../support/scenarios.ts';
import { shownState } from '../support/shown-state.ts';

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

/** Attached, with something written to it. */
async function preparedSource(service: RunningService): Promise<VolumeId> {
  const volumeId = await createVolume(service);
  await service.settle();
  await attach(service, volumeId, onVmm1);
  await service.settle();
  rig.world.guest('dom1').write(volumeId, 0, Buffer.from('original'));
  return volumeId;
}

const copy = (service: RunningService, sourceVolumeId: VolumeId) =>
  service.blockstore.volumes.copy(caller, { sourceVolumeId, type: 'gp3', sizeGiB: 2, tags: [], dryRun: false });

describe('a copy of a volume', () => {
  it('holds what its source held, is in the same zone, is larger when asked, and goes its own way', async () => {
    const service = await rig.start();
    const source = await preparedSource(service);
    const inventory = rig.world.inventory();
    const made = await copy(service, source);
    expect(made).toMatchObject({ state: 'creating', sourceVolumeId: source, zone: 'us-east-1a', sizeGiB: 2, type: 'gp3', iops: 3_000 });
    await service.settle();
    // Of the snapshot on the way nothing is left.
    expect(rig.world.inventory().filter((line) => !inventory.includes(line))).toEqual([`volume ${made.id}`]);
    await attach(service, made.id, onVmm2);
    await service.settle();
    const guest = rig.world.guest('dom2');
    expect(guest.read(made.id, 0, 8).toString()).toBe('original');
    rig.world.guest('dom1').write(source, 0, Buffer.from('changed!'));
    expect(guest.read(made.id, 0, 8).toString()).toBe('original');
    expect((await service.blockstore.volumes.list(caller, [made.id]))[0]).toMatchObject({ state: 'in-use', sourceVolumeId: source });
  });

  it('keeps its source from being deleted and from growing until it is done', async () => {
    const service = await rig.start();
    const source = await createVolume(service);
    await service.settle();
    const failures: unknown[] = [];
    const refusals: unknown[] = [];
    rig.faults.arm('volume.copy', async () => {
      const { volumes, modifications } = service.blockstore;
      failures.push(await failureOf(volumes.delete(caller, { volumeId: source, dryRun: false })));
      failures.push(await failureOf(modifications.modify(caller, { volumeId: source, sizeGiB: 4, dryRun: false })));
      const operation = {
        id: await service.store.issueId('operation'),
        kind: 'k',
        version: 1,
        resourceId: source,
        accountId: caller.accountId,
        input: null,
        owner: 'o',
      };
      refusals.push(await service.store.beginDeleteVolume({ accountId: caller.accountId, volumeId: source, operation }));
    });
    const { id: copyId } = await copy(service, source);
    await service.settle();
    const beingCopied = { kind: 'volume-being-copied', volumeId: source, copyId };
    expect(failures).toEqual([beingCopied, beingCopied]);
    expect(refusals).toEqual([{ outcome: 'refused', reason: 'volume-being-copied' }]);
    expect(await shownState(service)).toEqual(['volume available', 'volume available, 2 GiB']);
    await service.blockstore.volumes.delete(caller, { volumeId: source, dryRun: false });
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available, 2 GiB']);
  });

  it('is not begun while its source grows, which has no one size then', async () => {
    const service = await rig.start();
    const source = await createVolume(service);
    await service.settle();
    let failure: unknown;
    rig.faults.arm('volume.grow', async () => {
      failure = await failureOf(copy(service, source));
    });
    await service.blockstore.modifications.modify(caller, { volumeId: source, sizeGiB: 2, dryRun: false });
    await service.settle();
    expect(failure).toMatchObject({ kind: 'modification-under-way', volumeId: source });
  });

  it('waits for the operator when the snapshot on its way will not go, and is undone then', async () => {
    const service = await rig.start();
    const source = await preparedSource(service);
    const inventory = rig.world.inventory();
    rig.faults.arm('snapshot.unmake', 'is refused');
    await copy(service, source);
    await service.settle();
    expect((await service.store.operations({ limit: 1 }))[0]?.state).toBe('stuck');
    rig.faults.disarm();
    service.kill();
    const next = await rig.start();
    await next.settle();
    expect((await next.store.operations({ limit: 1 }))[0]?.state).toBe('undone');
    expect(rig.world.inventory()).toEqual(inventory);
  });
});
