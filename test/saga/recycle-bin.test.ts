import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyRecycleBin } from '../../src/blockstore/empty-recycle-bin.ts';
import { dayMs } from '../../src/model/snapshot-lock.ts';
import { Crash } from '../support/mortal-store.ts';
import { caller, createSagaRig, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { createSnapshot, createVolume } from '../support/scenarios.ts';
import { shownState } from '../support/shown-state.ts';

let rig: SagaRig;
beforeEach(() => {
  rig = createSagaRig();
});
afterEach(() => rig.close());

const retention = { volumesMs: dayMs, snapshotsMs: dayMs };

/** A volume and a snapshot of it, both in the bin for their time. */
async function preparedBin(service: RunningService): Promise<void> {
  const volumeId = await createVolume(service);
  await service.settle();
  const snapshotId = await createSnapshot(service, volumeId);
  await service.settle();
  await service.blockstore.snapshots.delete(caller, { snapshotId, dryRun: false });
  await service.blockstore.volumes.delete(caller, { volumeId, dryRun: false });
  rig.time.nowMs += 2 * dayMs;
}

async function empty({ store, owner, worker, settle }: RunningService): Promise<void> {
  for (const operation of await emptyRecycleBin({ store, owner })) {
    worker.start(operation);
  }
  await settle();
}

describe('emptying the recycle bin', () => {
  it('comes to its end at the next start, whichever write the service died at', async () => {
    for (const moment of ['before', 'after'] as const) {
      for (let atWrite = 1, didDie = true; didDie; atWrite += 1) {
        const service = await rig.start({ retention });
        await preparedBin(service);
        service.mortal.expect({ atWrite, moment });
        await empty(service).catch((cause: unknown) => {
          if (!(cause instanceof Crash)) {
            throw cause;
          }
        });
        await service.settle();
        didDie = service.mortal.isDead();
        service.kill();
        const next = await rig.start({ retention });
        await next.settle();
        await empty(next);
        expect(rig.world.inventory()).toEqual([]);
        expect(await shownState(next)).toEqual([]);
        expect(await next.store.recycledTooLong()).toEqual([]);
        expect((await next.store.operations({ limit: 100 })).map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
        await rig.close();
        rig = createSagaRig();
      }
    }
  });

  it('shows a volume that will not go as one in error, which can be deleted again', async () => {
    const service = await rig.start({ retention });
    await preparedBin(service);
    rig.faults.arm('volume.unmake', 'is refused');
    await empty(service);
    expect(await shownState(service)).toEqual(['volume error']);
    rig.faults.disarm();
    const [volume] = await service.blockstore.volumes.list(caller);
    if (volume !== undefined) {
      await service.blockstore.volumes.delete(caller, { volumeId: volume.id, dryRun: false });
    }
    await service.settle();
    expect(rig.world.inventory()).toEqual([]);
  });

  it('leaves what came there by one service to the one that holds it, however often it is asked', async () => {
    const service = await rig.start({ retention });
    await preparedBin(service);
    const begun = await Promise.all([1, 2, 3].map(() => emptyRecycleBin({ store: service.store, owner: service.owner })));
    expect(begun.flat()).toHaveLength(2);
  });
});
