import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TinyVm, TinyVmMachine } from '../../scripts/tiny-vm/tiny-vm.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import { connectMonitor } from '../../src/drivers/qemu/monitor-socket.ts';
import { qemuVmm } from '../../src/drivers/qemu/qemu-vmm.ts';
import { withQmp } from '../../src/drivers/qemu/qmp-client.ts';
import type { DiskSpec, Vmm } from '../../src/drivers/vmm.ts';
import { startTestTgtd, type TestTgtd } from '../support/test-tgtd.ts';
import { findDisk, startTestVm, tinyVmStartTimeoutMs } from '../support/tiny-vm.ts';

const bytes = 4 * 1024 ** 2;
const volumes = ['vol-00000000000000001', 'vol-00000000000000002', 'vol-00000000000000003'] as const;

const serialOf = (volumeId: string) => volumeId.replace('-', '');
const loginOf = (volumeId: string) => ({
  target: `iqn.2009-11.org.vbs:${volumeId}`,
  initiatorName: `iqn.2009-11.org.vbs:host-of-${volumeId}`,
  chapUser: volumeId,
  chapSecret: 'sixteen-letters_',
});

describe.each<TinyVmMachine['hotPlug']>(['acpi', 'native'])('disks in the root ports of a q35 VM with %s hot-plug', (hotPlug) => {
  let tgtd: TestTgtd;
  let vm: TinyVm;
  let vmm: Vmm;

  const spec = (volumeId: string): DiskSpec => {
    const source = { kind: 'export', portal: tgtd.portal, lun: 1, ...loginOf(volumeId) } as const;
    return { domain: 'tiny', volumeId, device: '/dev/sdf', bytes, source };
  };
  const look = async (volumeId: string) => (await vmm.disk.look(spec(volumeId))).value;
  const writeIn = (volumeId: string, text: string) =>
    vm.run(`${findDisk(serialOf(volumeId))}; echo ${text} | dd of=/dev/$disk conv=fsync 2>/dev/null; head -c ${text.length} /dev/$disk`);
  const tellQemu = async (command: string, parameters: Readonly<Record<string, unknown>>) => {
    const socket = await connectMonitor(vm.qmpSocket);
    if (socket === undefined) throw new Error('the VM does not run');
    await withQmp(socket, { host: 'vmm1', clock: systemClock, timeoutMs: 5_000, record: () => {} }, (qmp) =>
      qmp.execute(command, parameters),
    );
  };

  beforeAll(async () => {
    tgtd = await startTestTgtd();
    for (const [index, volumeId] of volumes.entries()) await tgtd.addExport(index + 1, { ...loginOf(volumeId), bytes });
    vm = await startTestVm('tiny', { rootPorts: 2, hotPlug });
    const times = { attachTimeoutMs: 60_000, detachTimeoutMs: 30_000 };
    vmm = qemuVmm({ host: 'vmm1', socketOf: () => vm.qmpSocket, domains: async () => ['tiny'], clock: systemClock, ...times });
  }, tinyVmStartTimeoutMs);

  afterAll(async () => {
    await vm?.stop();
    await tgtd?.stop();
  });

  it('puts each disk into a port of its own, where the guest sees both', async () => {
    await vmm.disk.make(spec(volumes[0]));
    expect((await writeIn(volumes[0], 'one')).output).toBe('one');
    await vmm.disk.make(spec(volumes[1]));
    expect((await writeIn(volumes[1], 'two')).output).toBe('two');
    // The first is still there.
    expect((await writeIn(volumes[0], 'One')).output).toBe('One');
    expect([await look(volumes[0]), await look(volumes[1])]).toEqual([
      { state: 'present', facts: {} },
      { state: 'present', facts: {} },
    ]);
  });

  it('refuses one more, says how many ports the machine needs, and leaves the others alone', async () => {
    await expect(vmm.disk.make(spec(volumes[2]))).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('3 or more') });
    expect(await look(volumes[2])).toEqual({ state: 'absent' });
    expect((await tgtd.sessions()).length).toBe(2);
    expect((await writeIn(volumes[0], 'ONE')).output).toBe('ONE');
  });

  it('waits until the guest has let go, however long its power indicator blinks, and uses the port again', async () => {
    // A request that is repeated while one is under way, as a service does that was started anew.
    await tellQemu('device_del', { id: `vbs-disk-${volumes[0]}` });
    await vmm.disk.unmake(spec(volumes[0]));
    expect(await look(volumes[0])).toEqual({ state: 'absent' });
    await vmm.disk.make(spec(volumes[2]));
    expect((await writeIn(volumes[2], 'three')).output).toBe('three');
    expect((await writeIn(volumes[1], 'TWO')).output).toBe('TWO');
  });

  it('notices a disk that left the guest by itself', async () => {
    await tellQemu('device_del', { id: `vbs-disk-${volumes[1]}` });
    await expect.poll(() => look(volumes[1])).toEqual({ state: 'partial', missing: 'the device' });
    const listed = [{ name: `tiny:${volumes[1]}`, isBroken: true }, { name: `tiny:${volumes[2]}` }];
    expect(new Set((await vmm.disk.list()).value)).toEqual(new Set(listed));
    // QEMU may need the node for a moment more, which may be asked again then.
    await vi.waitFor(() => vmm.disk.make(spec(volumes[1])), { timeout: 30_000 });
    expect((await writeIn(volumes[1], 'back')).output).toBe('back');
  });
});
