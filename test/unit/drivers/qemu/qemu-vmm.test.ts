import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { qemuVmm } from '../../../../src/drivers/qemu/qemu-vmm.ts';
import type { DiskSpec, Vmm } from '../../../../src/drivers/vmm.ts';
import { type FakePortal, startFakePortal } from './fake-portal.ts';
import { type FakeQemu, generic, startFakeQemu } from './fake-qemu.ts';

const volumeId = 'vol-0123456789abcdef0';
const chapSecret = 'sixteen-letters_';

describe('the QEMU driver', () => {
  let qemu: FakeQemu;
  let portal: FakePortal;
  let vmm: Vmm;
  let spec: DiskSpec;
  let nowMs = 0;

  beforeEach(async () => {
    qemu = await startFakeQemu();
    portal = await startFakePortal();
    const address = portal.address;
    const source = {
      kind: 'export',
      portal: address,
      target: 'iqn.x:vol',
      lun: 1,
      initiatorName: 'iqn.x:host',
      chapUser: 'u',
      chapSecret,
    } as const;
    spec = { domain: 'web', volumeId, device: '/dev/sdf', bytes: 1024 ** 2, source };
    vmm = vmmThatWaits(60_000);
  });

  function vmmThatWaits(attachTimeoutMs: number): Vmm {
    const clock = {
      nowMs: () => nowMs,
      elapsedMs: () => nowMs,
      waitMs: async (durationMs: number) => {
        nowMs += durationMs;
      },
    };
    const socketOf = () => qemu.socketPath;
    return qemuVmm({ host: 'vmm1', socketOf, domains: async () => ['web'], clock, attachTimeoutMs, detachTimeoutMs: 12_000 });
  }

  afterEach(async () => {
    await qemu.close();
    await portal.close();
  });

  const commandsOf = () => qemu.received.map(({ command }) => command);
  const changes = () => commandsOf().filter((command) => /add|del/.test(command));
  const lookState = async () => (await vmm.disk.look(spec)).value.state;

  it('makes secret, node and device in this order, and nothing more when asked again', async () => {
    await vmm.disk.make(spec);
    await vmm.disk.make(spec);
    expect(changes()).toEqual(['object-add', 'blockdev-add', 'device_add']);
    expect(await lookState()).toBe('present');
    expect((await vmm.disk.list()).value).toEqual([{ name: `web:${volumeId}` }]);
  });

  it('gives the guest a serial of twenty characters and its own errors, and lets no host cache lie between', async () => {
    await vmm.disk.make(spec);
    const sent = (command: string) => qemu.received.find((received) => received.command === command)?.parameters;
    expect(sent('device_add')).toMatchObject({ serial: 'vol0123456789abcdef0', werror: 'report', rerror: 'report' });
    expect(sent('blockdev-add')).toMatchObject({ cache: { direct: true, 'no-flush': false } });
    expect(String(sent('blockdev-add')?.['node-name']).length).toBeLessThanOrEqual(31);
  });

  it('sends the secret to QEMU and to nobody else', async () => {
    const records = JSON.stringify(await vmm.disk.make(spec));
    expect(qemu.received.find(({ command }) => command === 'object-add')?.parameters).toMatchObject({ data: chapSecret });
    expect(records).toContain('[redacted]');
    expect(records).not.toContain(chapSecret);
  });

  it('takes away a node without a device, or a secret without a node, and makes all anew', async () => {
    qemu.interfere = (command) => (command === 'device_add' ? 'hang up' : undefined);
    await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind: 'unknown', retryable: true });
    expect((await vmm.disk.look(spec)).value).toEqual({ state: 'partial', missing: 'the device' });
    qemu.interfere = () => undefined;
    await vmm.disk.make(spec);
    const anew = ['blockdev-del', 'object-del', 'object-add', 'blockdev-add', 'device_add'];
    expect(changes()).toEqual(['object-add', 'blockdev-add', 'device_add', ...anew]);

    await vmm.disk.unmake(spec);
    qemu.interfere = (command) => (command === 'blockdev-add' ? 'hang up' : undefined);
    await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind: 'unknown' });
    expect((await vmm.disk.look(spec)).value).toEqual({ state: 'partial', missing: 'the block node and the device' });
    qemu.interfere = () => undefined;
    await vmm.disk.make(spec);
    expect(changes().slice(-5)).toEqual(anew);
  });

  it('makes nothing over a node that QEMU still uses, and may be asked again', async () => {
    qemu.interfere = (command) => (command === 'device_add' ? 'hang up' : undefined);
    await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind: 'unknown' });
    qemu.interfere = (command) => (command === 'blockdev-del' ? generic('Node is in use') : undefined);
    await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind: 'refused', retryable: true });
    expect(changes().filter((command) => command.endsWith('add'))).toEqual(['object-add', 'blockdev-add', 'device_add']);
  });

  it('changes nothing of what is different, or of what it cannot see', async () => {
    await vmm.disk.make(spec);
    await expect(vmm.disk.make({ ...spec, bytes: 5 })).rejects.toMatchObject({ kind: 'conflict' });
    qemu.interfere = (command) => (command === 'query-named-block-nodes' ? 'hang up' : undefined);
    await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind: 'unknown', retryable: true });
    expect(changes()).toEqual(['object-add', 'blockdev-add', 'device_add']);
  });

  it('needs no portal for a disk that is there, and gives QEMU none that does not answer', async () => {
    await vmm.disk.make(spec);
    await portal.close();
    await vmm.disk.make(spec);
    await vmm.disk.unmake(spec);
    await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    expect(await lookState()).toBe('absent');
  });

  it('takes away what it made when the disk has another size, before the guest sees it', async () => {
    await expect(vmm.disk.make({ ...spec, bytes: 5 })).rejects.toMatchObject({ kind: 'conflict' });
    expect(changes()).toEqual(['object-add', 'blockdev-add', 'blockdev-del', 'object-del']);
    expect(await lookState()).toBe('absent');
  });

  it('plugs into a root port that has nothing yet, of a machine whose root bus takes no disk, and says the place', async () => {
    qemu.rootPorts.set('port1', ['network']).set('port2', []);
    await vmm.disk.make(spec);
    expect(qemu.received.findLast(({ command }) => command === 'device_add')?.parameters).toMatchObject({ bus: 'port2', addr: '0' });
    expect(await lookState()).toBe('present');
    expect(qemu.rootPorts.get('port1')).toEqual(['network']);
  });

  it('puts no second disk into a root port, and says how many the machine needs', async () => {
    qemu.rootPorts.set('port1', ['network']).set('port2', ['another']);
    const message = expect.stringContaining('here 3 or more');
    await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind: 'refused', message });
    expect(await lookState()).toBe('absent');
    expect([...qemu.rootPorts.values()]).toEqual([['network'], ['another']]);
  });

  it('takes no device for a disk that lies in a root port beside another one', async () => {
    qemu.rootPorts.set('port1', []);
    await vmm.disk.make(spec);
    qemu.interfere = (command, { property }) => (command === 'qom-get' && property === 'addr' ? { return: 8 } : undefined);
    expect((await vmm.disk.look(spec)).value).toMatchObject({ state: 'partial', missing: expect.stringContaining('root port') });
    expect((await vmm.disk.makeAndLook?.(spec).catch(() => ({ value: { state: 'refused' } })))?.value.state).not.toBe('present');
  });

  it('lists as broken what is left of a disk whose device the guest has ejected', async () => {
    await vmm.disk.make(spec);
    const stillThere = (await vmm.disk.list()).value;
    qemu.interfere = (command, { path }) => (command === 'qom-list' && path === '/machine/peripheral' ? { return: [] } : undefined);
    expect((await vmm.disk.list()).value).toEqual([{ ...stillThere[0], isBroken: true }]);
    expect((await vmm.disk.look(spec)).value).toEqual({ state: 'partial', missing: 'the device' });
  });

  it('gives QEMU no portal whose daemon hangs behind a connection, or that speaks something else', async () => {
    for (const behaviour of ['silent', 'hangs up', 'other words'] as const) {
      portal.behaviour = behaviour;
      await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    }
    expect(changes()).toEqual([]);
  });

  it.each([
    ['PCI: no slot/function available for virtio-blk-pci, all in use or reserved', 'device_add', 'refused', 'no free PCI slot'],
    ["Bus 'pcie.0' does not support hotplugging", 'device_add', 'refused', 'no pcie-root-port with an id'],
    ["Parameter 'driver' does not accept value 'iscsi'", 'blockdev-add', 'refused', 'no iSCSI initiator'],
    [
      'iSCSI: Failed to connect to LUN : Failed to log in to target. Status: Authentication failure(513)',
      'blockdev-add',
      'refused',
      'CHAP',
    ],
    ['iSCSI: Failed to connect to LUN : iscsi_service failed', 'blockdev-add', 'unavailable', 'cannot connect'],
  ])('tells what "%s" means, and leaves nothing behind', async (desc, failing, kind, meaning) => {
    qemu.interfere = (command) => (command === failing ? generic(desc) : undefined);
    await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind, message: expect.stringContaining(meaning) });
    expect(await lookState()).toBe('absent');
  });

  it('asks a guest that does not let go again now and then, and at last says so', async () => {
    await vmm.disk.make(spec);
    qemu.interfere = (command) => (command === 'device_del' ? { return: {} } : undefined);
    await expect(vmm.disk.unmake(spec)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('still holds') });
    expect(changes().filter((command) => command === 'device_del')).toHaveLength(3);
    expect(await lookState()).toBe('present');
  });

  it.each(['Device vbs-disk is already in the process of unplug', 'Hot-unplug failed: guest is busy (power indicator blinking)'])(
    'takes a repeated request for one that is under way: %s',
    async (answer) => {
      await vmm.disk.make(spec);
      qemu.interfere = (command) => (command === 'device_del' ? generic(answer) : undefined);
      await expect(vmm.disk.unmake(spec)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('still holds') });
    },
  );

  it('waits until QEMU lets the node go', async () => {
    await vmm.disk.make(spec);
    let refusals = 2;
    qemu.interfere = (command) => {
      if (command !== 'blockdev-del' || refusals === 0) return undefined;
      refusals -= 1;
      return generic('Node is in use');
    };
    await vmm.disk.unmake(spec);
    expect(await lookState()).toBe('absent');
  });

  it('waits no longer for a greeting than for an answer, as the monitor may serve another client', async () => {
    qemu.greets = false;
    await expect(vmmThatWaits(300).disk.make(spec)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('another client'),
    });
  });

  it('says unknown of a look that is answered by something else than QMP', async () => {
    qemu.interfere = (command) => (command === 'query-named-block-nodes' ? 'nonsense' : undefined);
    expect(await lookState()).toBe('unknown');
  });

  it('says unknown of a look whose connection is lost', async () => {
    qemu.interfere = () => 'hang up';
    expect(await lookState()).toBe('unknown');
  });

  it('takes no device', async () => {
    const device = { ...spec, source: { kind: 'device', path: '/dev/sda' } } as const;
    await expect(vmm.disk.make(device)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('says of a domain without a process that it has no disk and is not there', async () => {
    await vmm.disk.make(spec);
    await qemu.close();
    expect(await lookState()).toBe('absent');
    expect((await vmm.domain('web')).value).toBeUndefined();
    expect((await vmm.disk.list()).value).toEqual([]);
    await vmm.disk.unmake(spec);
    await expect(vmm.disk.make(spec)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('does not run') });
  });
});
