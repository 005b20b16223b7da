import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstanceId, VolumeId } from '../../src/model/ids.ts';
import { caller, createSagaRig, onVmm1, onVmm2, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createVolume, detach } from '../support/scenarios.ts';
import { disagreements, shownState } from '../support/shown-state.ts';

let rig: SagaRig;
let service: RunningService;
beforeEach(async () => {
  rig = createSagaRig();
  service = await rig.start();
});
afterEach(() => rig.close());

async function attached(instanceId: InstanceId): Promise<VolumeId> {
  const volumeId = await createVolume(service);
  await service.settle();
  await attach(service, volumeId, instanceId);
  await service.settle();
  return volumeId;
}

describe.each([
  { host: 'vmm1', instanceId: onVmm1, domain: 'dom1' },
  { host: 'vmm2', instanceId: onVmm2, domain: 'dom2' },
] as const)('a detach on $host', ({ host, instanceId, domain }) => {
  it('stops at a guest that holds its disk, whose I/O goes on, and goes on when the guest lets go', async () => {
    const volumeId = await attached(instanceId);
    const inventory = rig.world.inventory();
    rig.world.guest(domain).hold(volumeId);
    await detach(service, volumeId);
    await service.settle();
    const [operation] = await service.store.operations({ limit: 1 });
    expect(operation).toMatchObject({ kind: 'detach-volume', state: 'halted' });
    expect(operation?.failure).toContain('still holds');
    expect(await shownState(service)).toEqual([`volume in-use, busy to ${instanceId}`]);
    const [volume] = await service.blockstore.volumes.list(caller, [volumeId]);
    expect(volume?.stateReason).toContain('asking again goes on from where it is');
    expect(volume?.attachments[0]?.stateReason).toBe(volume?.stateReason);
    expect(rig.world.inventory()).toEqual(inventory);
    expect(rig.faults.asked.filter((deed) => deed.endsWith('.unmake'))).toEqual(['disk.unmake']);
    rig.world.guest(domain).write(volumeId, 0, Buffer.from('still works'));

    rig.world.guest(domain).release(volumeId);
    await detach(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available']);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
    expect((await service.blockstore.volumes.list(caller, [volumeId]))[0]).not.toHaveProperty('stateReason');
  });

  it('may be asked for again while the guest still holds on, as often as one likes', async () => {
    const volumeId = await attached(instanceId);
    rig.world.guest(domain).hold(volumeId);
    for (let time = 0; time < 3; time += 1) {
      await detach(service, volumeId);
      await service.settle();
      expect(await shownState(service)).toEqual([`volume in-use, busy to ${instanceId}`]);
    }
  });

  it('completes when the VM was stopped', async () => {
    const volumeId = await attached(instanceId);
    rig.world.stopDomain(domain);
    await detach(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available']);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
  });

  it('touches nothing while the host does not answer, and completes when it does', async () => {
    const volumeId = await attached(instanceId);
    const inventory = rig.world.inventory();
    rig.world.loseHost(host);
    await detach(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual([`volume in-use, busy to ${instanceId}`]);
    expect(rig.world.inventory()).toEqual(inventory);
    rig.world.findHost(host);
    await detach(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available']);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
  });

  it('completes when the export server lost its exports', async () => {
    const volumeId = await attached(instanceId);
    rig.world.loseExports();
    await detach(service, volumeId);
    await service.settle();
    expect(await shownState(service)).toEqual(['volume available']);
    expect(rig.world.inventory()).toEqual([`volume ${volumeId}`]);
  });

  it('lets the volume be attached again, with a new secret, and empties the old one', async () => {
    const volumeId = await attached(instanceId);
    const [before] = await service.store.liveAttachments();
    await detach(service, volumeId);
    await service.settle();
    await attach(service, volumeId, instanceId);
    await service.settle();
    const [after] = await service.store.liveAttachments();
    expect(after?.target).toBe(before?.target);
    expect(after?.chapSecret).toHaveLength(16);
    expect(after?.chapSecret).not.toBe(before?.chapSecret);
    expect(after?.initiatorName).not.toBe(before?.initiatorName);
    expect(before && (await service.store.attachmentPlan(before.id))?.chapSecret).toBe('');
    expect(await disagreements(service, rig.world.inventory())).toEqual([]);
  });
});
