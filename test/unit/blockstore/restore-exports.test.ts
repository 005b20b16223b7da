import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingExports, restoreExports } from '../../../src/blockstore/restore-exports.ts';
import type { InstanceId, VolumeId } from '../../../src/model/ids.ts';
import type { Log } from '../../../src/telemetry/log.ts';
import { createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../../support/saga-rig.ts';
import { attach, createVolume, detach } from '../../support/scenarios.ts';
import { disagreements, shownState } from '../../support/shown-state.ts';

let rig: SagaRig;
let service: RunningService;
let reported: object[];
let log: Log;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
  reported = [];
  const silent = (): void => undefined;
  log = { debug: silent, info: silent, warn: silent, error: (fields) => void reported.push(fields) };
});
afterEach(() => rig.close());

async function attached(instanceId: InstanceId): Promise<VolumeId> {
  const volumeId = await createVolume(service);
  await service.settle();
  await attach(service, volumeId, instanceId);
  await service.settle();
  return volumeId;
}

describe('restoring exports', () => {
  it('brings lost ones back under the same name, portal and secret, so that the I/O of guests goes on', async () => {
    const one = await attached(onVmm1);
    const other = await attached(onVmm2);
    rig.world.guest('dom1').write(one, 0, Buffer.from('one'));
    rig.world.guest('dom2').write(other, 0, Buffer.from('other'));
    const inventory = rig.world.inventory();
    const plans = await service.store.liveAttachments();
    expect(await missingExports(service.sagaDependencies)).toEqual([]);
    rig.world.loseExports();
    expect(await missingExports(service.sagaDependencies)).toHaveLength(2);
    expect(() => rig.world.guest('dom1').read(one, 0, 3)).toThrow('I/O error');
    service.kill();
    const next = await rig.start();
    await restoreExports(next.sagaDependencies, log);
    expect(rig.world.inventory()).toEqual(inventory);
    expect(await missingExports(next.sagaDependencies)).toEqual([]);
    expect(rig.world.guest('dom1').read(one, 0, 3).toString()).toBe('one');
    expect(rig.world.guest('dom2').read(other, 0, 5).toString()).toBe('other');
    expect(await next.store.liveAttachments()).toEqual(plans);
    for (const { target, initiatorName, chapUser, chapSecret, volumeId, reach } of plans) {
      const access = { target, initiatorName, chapUser, chapSecret };
      expect((await rig.world.exportServer.access.look(access)).value.state).toBe('present');
      const spec = { target, volumeId, path: reach?.path ?? '', bytes: reach?.bytes ?? 0 };
      expect((await rig.world.exportServer.export.look(spec)).value).toEqual({
        state: 'present',
        facts: { portal: reach?.portal, lun: reach?.lun },
      });
    }
    expect(reported).toEqual([]);
  });

  it('makes nothing that is there already, and nothing for volumes that are not attached', async () => {
    const volumeId = await attached(onVmm1);
    await createVolume(service);
    await service.settle();
    const asked = rig.faults.asked.length;
    await restoreExports(service.sagaDependencies, log);
    expect(rig.faults.asked.slice(asked)).toEqual([]);
    await detach(service, volumeId);
    await service.settle();
    await restoreExports(service.sagaDependencies, log);
    expect(rig.world.inventory().filter((line) => !line.startsWith('volume'))).toEqual([]);
  });

  it('reports what cannot be restored, and restores the others', async () => {
    const volumeIds = [await attached(onVmm1), await attached(onVmm2)];
    rig.world.loseExports();
    rig.faults.arm('export.make', 'is refused', 1);
    await restoreExports(service.sagaDependencies, log);
    expect(reported).toHaveLength(1);
    expect(volumeIds).toContain((reported[0] as { volumeId?: VolumeId }).volumeId);
    expect(rig.world.inventory().filter((line) => line.startsWith('export'))).toHaveLength(1);
    expect(JSON.stringify(reported)).not.toContain((await service.store.liveAttachments())[0]?.chapSecret);
  });

  it('leaves a target alone that is somebody else’s', async () => {
    const volumeId = await attached(onVmm1);
    rig.world.loseExports();
    const other = { volumeId: 'vol-00000009', bytes: 1024 ** 3 };
    await rig.world.volumeServer.volume.make(other);
    await rig.world.exportServer.export.make({ ...other, target: `iqn.2009-11.org.vbs:${volumeId}`, path: '/dev/simulated/vol-00000009' });
    const inventory = rig.world.inventory();
    await restoreExports(service.sagaDependencies, log);
    expect(reported).toHaveLength(1);
    expect(rig.world.inventory()).toEqual(inventory);
  });

  it('makes nothing for an attachment that was detached since it began', async () => {
    const first = await attached(onVmm1);
    const second = await attached(onVmm2);
    rig.world.loseExports();
    rig.faults.arm(
      'export.make',
      async () => {
        for (const volumeId of [first, second]) {
          const [plan] = (await service.store.liveAttachments()).filter((live) => live.volumeId === volumeId);
          if (plan !== undefined) {
            await detach(service, volumeId);
          }
        }
        await service.settle();
      },
      1,
    );
    await restoreExports(service.sagaDependencies, log);
    expect(await shownState(service)).toEqual(['volume available', 'volume available']);
    expect(rig.world.inventory()).toEqual([`volume ${first}`, `volume ${second}`].sort());
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  it('keeps its hands off an attachment that is being detached or attached anew', async () => {
    const volumeId = await attached(onVmm1);
    rig.world.loseExports();
    rig.faults.arm(
      'access.make',
      async () => {
        await detach(service, volumeId);
        await service.settle();
        await attach(service, volumeId, onVmm2);
        await service.settle();
      },
      1,
    );
    await restoreExports(service.sagaDependencies, log);
    expect(await shownState(service)).toEqual([`volume in-use, attached to ${onVmm2}`]);
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });

  it('reports a detach that began meanwhile and does not come to its end', async () => {
    const volumeId = await attached(onVmm1);
    rig.world.loseExports();
    const neverRuns = await rig.start({ takesUp: false });
    await neverRuns.worker.stop(0);
    rig.faults.arm('export.make', () => detach(neverRuns, volumeId), 1);
    await restoreExports(service.sagaDependencies, log);
    expect(reported).toMatchObject([{ volumeId, cause: { message: expect.stringContaining('may be left') } }]);
  });
});
