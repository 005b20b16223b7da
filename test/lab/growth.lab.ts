import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  exportServerFromPattern,
  initiatorFromPattern,
  vmmFromPattern,
  volumeServerFromPattern,
} from '../../src/drivers/command/driver-from-pattern.ts';
import { isCommandLine } from '../../src/drivers/command/pattern.ts';
import type { Vmm } from '../../src/drivers/vmm.ts';
import type { VolumeServer } from '../../src/drivers/volume-server.ts';
import { shippedBackends } from '../contract/shipped-backend.ts';
import { contextOnLab } from './lab-backend.ts';
import { type LabInUse, openLab } from './lab-in-use.ts';

const MiB = 1024 ** 2;
const volumeId = 'vol-0123456789abcdef0';
const target = `iqn.2009-11.org.vbs:${volumeId}`;
const access = {
  target,
  initiatorName: 'iqn.2009-11.org.vbs:att-0123456789abcdef0',
  chapUser: 'att-0123456789abcdef0',
  chapSecret: 'Xq7_sEcret-4Kz9w',
};
const patience = { timeout: 600_000, interval: 1_000 };

let lab: LabInUse;
let volumes: VolumeServer;
let vmm: Vmm;
beforeAll(async () => {
  lab = await openLab();
  const thick = shippedBackends.pattern('volume-server', 'lvm-thick');
  volumes = volumeServerFromPattern(thick, await contextOnLab(lab, 'vs1', thick, { volumeGroup: 'vbs' }));
  const xl = shippedBackends.pattern('vmm', 'xen-xl');
  if (!isCommandLine(xl)) throw new Error('xl is no command line');
  vmm = vmmFromPattern(xl, await contextOnLab(lab, 'xen1', xl, {}));
});
afterAll(async () => {
  await lab.stop();
});

describe.each([
  ['lio', 'open-iscsi', 3262],
  ['nvmet', 'nvme-tcp', 4421],
])('an attached volume by %s and %s', (exporting, initiating, port) => {
  it('grows under the guest, which sees its new size, its bytes and zeros behind them', async () => {
    const exportPattern = shippedBackends.pattern('export-server', exporting);
    const portal = `${await lab.volumeServerAddress()}:${port}`;
    const exports = exportServerFromPattern(exportPattern, await contextOnLab(lab, 'vs1', exportPattern, { portal }));
    const initiatorPattern = shippedBackends.pattern('initiator', initiating);
    const initiator = initiatorFromPattern(initiatorPattern, await contextOnLab(lab, 'xen1', initiatorPattern, {}));
    const small = { volumeId, bytes: 64 * MiB };
    const large = { volumeId, bytes: 128 * MiB };
    await volumes.volume.make(small);
    const exported = { ...small, target, path: `/dev/vbs/${volumeId}` };
    await exports.export.make(exported);
    await exports.access.make(access);
    const session = { ...access, ...small, portal, lun: exporting === 'lio' ? 0 : 1 };
    await initiator.session.make(session);
    const look = (await initiator.session.look(session)).value;
    const device = look.state === 'present' ? look.facts.devicePath : '';
    const disk = { domain: 'domu1', ...small, device: '/dev/sdf', source: { kind: 'device', path: device } } as const;
    await vmm.disk.make(disk);
    const guest = async (command: string) => (await lab.domU('domu1').run(command, 300_000)).output.trim();
    try {
      expect(await guest('blockdev --getsize64 /dev/xvdf')).toBe(String(small.bytes));
      await guest('echo BEFORE | dd of=/dev/xvdf bs=512 seek=131071 conv=sync,fsync,notrunc');

      await volumes.grow?.(large);
      await exports.grow?.({ ...exported, ...large });
      await initiator.grow?.({ ...session, ...large });
      await vmm.grow?.({ ...disk, ...large });

      // Xen tells the guest with the next thing that it does with the disk.
      const read = 'dd if=/dev/xvdf of=/dev/null bs=512 count=1 iflag=direct 2>/dev/null; blockdev --getsize64 /dev/xvdf';
      await expect.poll(() => guest(read), patience).toBe(String(large.bytes));
      expect(await guest('dd if=/dev/xvdf bs=512 skip=131071 count=1 2>/dev/null | head -c 6')).toBe('BEFORE');
      expect(await guest('dd if=/dev/xvdf bs=1M skip=64 2>/dev/null | tr -d "\\000" | wc -c')).toBe('0');
      // Whoever asks for the old size finds it as wanted, so that a detach that began before goes on.
      expect((await initiator.session.look(session)).value.state).toBe('present');
    } finally {
      await vmm.disk.unmake(disk);
      await initiator.session.unmake(session);
      await exports.access.unmake(access);
      await exports.export.unmake(exported);
      await volumes.volume.unmake(large);
    }
    expect((await volumes.volume.list()).value).toEqual([]);
  });
});
