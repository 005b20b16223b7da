import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TinyVm } from '../../scripts/tiny-vm/tiny-vm.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import { connectMonitor } from '../../src/drivers/qemu/monitor-socket.ts';
import { qemuVmm } from '../../src/drivers/qemu/qemu-vmm.ts';
import { withQmp } from '../../src/drivers/qemu/qmp-client.ts';
import type { DiskSpec, Vmm } from '../../src/drivers/vmm.ts';
import { startTestTgtd, type TestTgtd } from '../support/test-tgtd.ts';
import { findDisk, startTestVm, tinyVmStartTimeoutMs } from '../support/tiny-vm.ts';

const bytes = 64 * 1024 ** 2;
const volumeId = 'vol-0123456789abcdef0';
const serial = 'vol0123456789abcdef0';
const target = `iqn.2009-11.org.vbs:${volumeId}`;
const initiatorName = 'iqn.2009-11.org.vbs:host';
const chapUser = 'vbs';
const chapSecret = 'sixteen-letters_';

describe('a disk in a QEMU VM, on a real tgtd', () => {
  let tgtd: TestTgtd;
  let data: string;
  let vm: TinyVm;
  let vmm: Vmm;
  let portal: string;

  const spec = (source: Partial<Extract<DiskSpec['source'], { kind: 'export' }>> = {}): DiskSpec => ({
    domain: 'tiny',
    volumeId,
    device: '/dev/sdf',
    bytes,
    source: { kind: 'export', portal, target, lun: 1, initiatorName, chapUser, chapSecret, ...source },
  });
  const sessions = () => tgtd.sessions();
  const look = async (wanted: DiskSpec) => (await vmm.disk.look(wanted)).value;
  const tellQemu = async (command: string) => {
    const socket = await connectMonitor(vm.qmpSocket);
    if (socket === undefined) throw new Error('the VM does not run');
    await withQmp(socket, { host: 'vmm1', clock: systemClock, timeoutMs: 5_000, record: () => {} }, (qmp) => qmp.execute(command));
  };

  beforeAll(async () => {
    tgtd = await startTestTgtd();
    portal = tgtd.portal;
    data = await tgtd.addExport(1, { target, bytes, initiatorName, chapUser, chapSecret });
    vm = await startTestVm('tiny');
    vmm = qemuVmm({
      host: 'vmm1',
      socketOf: () => vm.qmpSocket,
      domains: async () => ['tiny'],
      clock: systemClock,
      attachTimeoutMs: 60_000,
      detachTimeoutMs: 8_000,
    });
  }, tinyVmStartTimeoutMs);

  afterAll(async () => {
    await vm?.stop();
    await tgtd?.stop();
  });

  it('says that the domain runs', async () => {
    expect((await vmm.domain('tiny')).value).toEqual({ state: 'running', uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it('refuses a wrong secret, and leaves nothing behind', async () => {
    const wrong = spec({ chapSecret: 'another_secret__' });
    await expect(vmm.disk.make(wrong)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('CHAP secret') });
    expect(await look(spec())).toEqual({ state: 'absent' });
  });

  it('refuses an initiator that has no access, and leaves nothing behind', async () => {
    const stranger = spec({ initiatorName: 'iqn.2009-11.org.vbs:stranger' });
    await expect(vmm.disk.make(stranger)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('does not allow') });
    expect(await look(spec())).toEqual({ state: 'absent' });
  });

  it('says that a portal is not there before QEMU could hang on it', async () => {
    const nowhere = spec({ portal: `127.0.0.1:1` });
    await expect(vmm.disk.make(nowhere)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
  });

  it('gives QEMU no portal whose daemon hangs, for the whole VM would stand still with it', async () => {
    process.kill(tgtd.pid, 'SIGSTOP');
    try {
      const message = expect.stringContaining('no answer to an iSCSI login');
      await expect(vmm.disk.make(spec())).rejects.toMatchObject({ kind: 'unavailable', retryable: true, message });
      expect((await vm.run('echo alive', 5_000)).output).toBe('alive\n');
    } finally {
      process.kill(tgtd.pid, 'SIGCONT');
    }
    expect(await look(spec())).toEqual({ state: 'absent' });
  });

  it('finds a disk of another size out before the guest sees it', async () => {
    const larger = { ...spec(), bytes: 2 * bytes };
    await expect(vmm.disk.make(larger)).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining(`has ${bytes} bytes`) });
    expect((await vm.run('ls /sys/block')).output).toBe('');
    expect(await look(spec())).toEqual({ state: 'absent' });
    expect(await sessions()).toEqual([]);
  });

  it('plugs a disk, and not another one when asked again', async () => {
    const commands = await vmm.disk.make(spec());
    expect(JSON.stringify(commands)).toContain('[redacted]');
    expect(JSON.stringify(commands)).not.toContain(chapSecret);
    await vmm.disk.make(spec());
    expect(await look(spec())).toEqual({ state: 'present', facts: {} });
    expect((await vmm.disk.list()).value).toEqual([{ name: `tiny:${volumeId}` }]);
    expect(await sessions()).toHaveLength(1);
  });

  it('shows the guest a disk of the right serial and size that keeps what is written', async () => {
    const seen = await vm.run(
      `${findDisk(serial)}; cat /sys/block/$disk/size; echo text | dd of=/dev/$disk conv=fsync 2>/dev/null; head -c 4 /dev/$disk`,
    );
    expect(seen).toEqual({ exitCode: 0, output: `${bytes / 512}\ntext` });
    expect((await execa('head', ['-c', '4', data])).stdout).toBe('text');
  });

  it('sees that its disk is another than wanted', async () => {
    expect(await look({ ...spec(), bytes: 2 * bytes })).toMatchObject({ state: 'different' });
    expect(await look(spec({ target: `${target}-other` }))).toMatchObject({ state: 'different' });
    await expect(vmm.disk.make(spec({ target: `${target}-other` }))).rejects.toMatchObject({ kind: 'conflict' });
    await expect(vmm.disk.unmake(spec({ target: `${target}-other` }))).rejects.toMatchObject({ kind: 'conflict' });
    expect(await look(spec())).toEqual({ state: 'present', facts: {} });
  });

  it('says that a paused guest holds its disk, and finishes the unplug that the guest follows later', async () => {
    await tellQemu('stop');
    await expect(vmm.disk.unmake(spec())).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('still holds') });
    expect(await look(spec())).toEqual({ state: 'present', facts: {} });
    await tellQemu('cont');
    await expect.poll(() => look(spec())).toEqual({ state: 'partial', missing: 'the device' });
    await vmm.disk.unmake(spec());
    await vmm.disk.unmake(spec());
    expect(await look(spec())).toEqual({ state: 'absent' });
    expect(await sessions()).toEqual([]);
    expect((await vm.run('ls /sys/block')).output).toBe('');
  });

  it('puts the same volume back with its contents', async () => {
    await vmm.disk.make(spec());
    const seen = await vm.run(`${findDisk(serial)}; head -c 4 /dev/$disk`);
    expect(seen.output).toBe('text');
    await vmm.disk.unmake(spec());
    expect((await vmm.disk.list()).value).toEqual([]);
  });

  it('plugs a disk that is read-only, which the guest cannot write to', async () => {
    const setReadOnly = (value: 0 | 1) =>
      tgtd.tgtadm('--op', 'update', '--mode', 'logicalunit', '--tid', '1', '--lun', '1', '--params', `readonly=${value}`);
    const readOnly = { ...spec(), readOnly: true };
    await setReadOnly(1);
    // For writing it does not go in, and nothing of it stays.
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({ kind: 'refused' });
    expect(await look(spec())).toEqual({ state: 'absent' });
    await vmm.disk.make(readOnly);
    expect(await look(readOnly)).toEqual({ state: 'present', facts: {} });
    expect(await look(spec())).toMatchObject({ state: 'different' });
    const seen = await vm.run(
      `${findDisk(serial)}; cat /sys/block/$disk/ro; head -c 4 /dev/$disk; echo; echo over | dd of=/dev/$disk conv=fsync 2>/dev/null || echo refused`,
    );
    expect(seen.output).toBe('1\ntext\nrefused\n');
    expect((await execa('head', ['-c', '4', data])).stdout).toBe('text');
    await vmm.disk.unmake(readOnly);
    await setReadOnly(0);
  });

  it('finds no disk in a VM whose process is gone, and says that it does not run', async () => {
    await vmm.disk.make(spec());
    process.kill(vm.pid, 'SIGKILL');
    await expect.poll(() => look(spec())).toEqual({ state: 'absent' });
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('does not run') });
    await vmm.disk.unmake(spec());
    expect((await vmm.domain('tiny')).value).toBeUndefined();
    expect((await vmm.disk.list()).value).toEqual([]);
  });
});
