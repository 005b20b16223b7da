import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SnapshotId } from '../../src/model/ids.ts';
import type { Deed } from '../support/faults.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createSnapshot, createVolume } from '../support/scenarios.ts';
import { shownState } from '../support/shown-state.ts';

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

async function preparedSnapshot(service: RunningService): Promise<SnapshotId> {
  const volumeId = await createVolume(service);
  await service.settle();
  await attach(service, volumeId, onVmm1);
  await service.settle();
  rig.world.guest('dom1').write(volumeId, 0, Buffer.from('original'));
  const snapshotId = await createSnapshot(service, volumeId);
  await service.settle();
  return snapshotId;
}

async function copy(service: RunningService, snapshotId: SnapshotId): Promise<void> {
  await service.blockstore.snapshots.copy(caller, { snapshotId, description: 'copy', tags: [], dryRun: false });
}

const before = ['snapshot completed', `volume in-use, attached to ${onVmm1}`];
const done = ['snapshot completed', ...before];

describe('a copy of a snapshot', () => {
  it('holds the same, needs the first one no more, and leaves nothing else behind', async () => {
    const service = await rig.start();
    const first = await preparedSnapshot(service);
    const inventory = rig.world.inventory();
    await copy(service, first);
    await service.settle();
    expect(await shownState(service)).toEqual(done);
    const second = (await service.blockstore.snapshots.list(caller)).find(({ id }) => id !== first);
    expect(rig.world.inventory().filter((line) => !inventory.includes(line))).toEqual([`snapshot ${second?.id}`]);
    await service.blockstore.snapshots.delete(caller, { snapshotId: first, dryRun: false });
    await service.settle();
    const volumeId = await createVolume(service, second?.id);
    await service.settle();
    await attach(service, volumeId, onVmm2);
    await service.settle();
    expect(rig.world.guest('dom2').read(volumeId, 0, 8).toString()).toBe('original');
  });

  it('keeps the first one from being deleted until it is done', async () => {
    const service = await rig.start();
    const first = await preparedSnapshot(service);
    let outcome: unknown;
    rig.faults.arm('volume.copy', async () => {
      const operation = {
        id: await service.store.issueId('operation'),
        kind: 'delete-snapshot',
        version: 1,
        resourceId: first,
        accountId: caller.accountId,
        input: null,
        owner: 'o',
      };
      outcome = await service.store.beginDeleteSnapshot({ accountId: caller.accountId, snapshotId: first, operation });
    });
    await copy(service, first);
    await service.settle();
    expect(outcome).toEqual({ outcome: 'refused', reason: 'snapshot-in-use' });
    expect(await shownState(service)).toEqual(done);
  });

  it.each<Deed>(['volume.make', 'volume.copy', 'snapshot.make'])('leaves nothing behind when %s fails', async (deed) => {
    const service = await rig.start();
    const first = await preparedSnapshot(service);
    const inventory = rig.world.inventory();
    rig.faults.arm(deed, 'is refused');
    await copy(service, first);
    await service.settle();
    expect(await shownState(service)).toEqual(['snapshot completed', 'snapshot error', before[1]]);
    expect(rig.world.inventory()).toEqual(inventory);
  });

  it('waits for the operator when what it made on its way will not go, and is undone then', async () => {
    const service = await rig.start();
    const first = await preparedSnapshot(service);
    const inventory = rig.world.inventory();
    rig.faults.arm('volume.unmake', 'is refused');
    await copy(service, first);
    await service.settle();
    const [stuck] = await service.store.operations({ limit: 1 });
    expect(stuck?.state).toBe('stuck');
    rig.faults.disarm();
    service.kill();
    const next = await rig.start();
    await next.settle();
    expect((await next.store.operations({ limit: 1 }))[0]?.state).toBe('undone');
    expect(rig.world.inventory()).toEqual(inventory);
  });

  it('comes to its end wherever the service dies on the way', { timeout: 120_000 }, async () => {
    const whole = await rig.start();
    const first = await preparedSnapshot(whole);
    whole.mortal.expect({ atWrite: Number.POSITIVE_INFINITY, moment: 'after' });
    await copy(whole, first);
    await whole.settle();
    const { length } = whole.mortal.writes;
    expect(length).toBeGreaterThan(8);
    whole.kill();
    for (let atWrite = 4; atWrite <= length; atWrite += 1) {
      for (const moment of ['before', 'after'] as const) {
        const mortal = await rig.start();
        const known = new Set((await mortal.blockstore.snapshots.list(caller)).map(({ id }) => id));
        const inventory = rig.world.inventory();
        mortal.mortal.expect({ atWrite, moment });
        await copy(mortal, first).catch(() => undefined);
        await mortal.settle();
        mortal.kill();
        const next = await rig.start();
        await next.settle();
        const made = (await next.blockstore.snapshots.list(caller)).filter(({ id }) => !known.has(id));
        expect(made.map(({ state }) => state)).toEqual(atWrite === 4 && moment === 'before' ? [] : ['completed']);
        expect(rig.world.inventory().filter((line) => !inventory.includes(line))).toEqual(made.map(({ id }) => `snapshot ${id}`));
        next.kill();
      }
    }
  });
});
