import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createSnapshot, createVolume, detach } from '../support/scenarios.ts';

let rig: SagaRig;
let service: RunningService;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
});
afterEach(() => rig.close());

describe('the bytes of a volume', () => {
  it('reach the VM of another host by a snapshot, and the two volumes then go their own ways', async () => {
    const original = await createVolume(service);
    await service.settle();
    await attach(service, original, onVmm1);
    await service.settle();
    rig.world.guest('dom1').write(original, 4090, Buffer.from('recognisable'));

    const snapshotId = await createSnapshot(service, original);
    await service.settle();
    rig.world.guest('dom1').write(original, 4090, Buffer.from('overwritten!'));
    const copy = await createVolume(service, snapshotId);
    await service.settle();
    await attach(service, copy, onVmm2);
    await service.settle();
    expect(rig.world.guest('dom2').read(copy, 4090, 12).toString()).toBe('recognisable');

    rig.world.guest('dom2').write(copy, 4090, Buffer.from('RECOGN'));
    expect(rig.world.guest('dom2').read(copy, 4090, 12).toString()).toBe('RECOGNisable');
    expect(rig.world.guest('dom1').read(original, 4090, 12).toString()).toBe('overwritten!');
  });

  it('stay when the volume is detached and attached to a VM of the other host', async () => {
    const volumeId = await createVolume(service);
    await service.settle();
    await attach(service, volumeId, onVmm2);
    await service.settle();
    rig.world.guest('dom2').write(volumeId, 0, Buffer.from('kept'));
    await detach(service, volumeId);
    await service.settle();
    await attach(service, volumeId, onVmm1);
    await service.settle();
    expect(rig.world.guest('dom1').read(volumeId, 0, 4).toString()).toBe('kept');
  });

  it('are those of the snapshot even when the copy was cut short by a crash and begun anew', async () => {
    const original = await createVolume(service);
    await service.settle();
    await attach(service, original, onVmm1);
    await service.settle();
    rig.world.guest('dom1').write(original, 0, Buffer.from('original'));
    const snapshotId = await createSnapshot(service, original);
    await service.settle();
    // Two ids, begin, the intent of the volume, and its record together with the intent of the copy.
    service.mortal.expect({ atWrite: 5, moment: 'after' });
    const copy = await createVolume(service, snapshotId);
    await service.settle();
    expect(service.mortal.writes.at(-1)).toBe('recordAndIntend');
    service.kill();
    const next = await rig.start();
    await next.settle();
    await attach(next, copy, onVmm2);
    await next.settle();
    expect(rig.world.guest('dom2').read(copy, 0, 8).toString()).toBe('original');
  });
});
