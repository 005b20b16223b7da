import { lstat, mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { vmmFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { HostCommand } from '../../src/drivers/command/host.ts';
import { localEnvironment } from '../../src/drivers/command/local-host.ts';
import { isCommandLine } from '../../src/drivers/command/pattern.ts';
import type { DiskSpec, Vmm } from '../../src/drivers/vmm.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';
import { describeThing } from './thing-suite.ts';

const fakes = fileURLToPath(new URL('fakes', import.meta.url));
const bytes = 16 * 1024 ** 2;
const volumeId = 'vol-0123456789abcdef0';
const uuid = '6f1e7a3c-0b4d-4e58-9a6b-3c2d1e0f9a8b';
const ownDisk = 'cur scsi0: local-lvm:vm-100-disk-0,size=4G';

let folder = '';
let vmm: Vmm;
const spec = (): DiskSpec => ({
  domain: '100',
  volumeId,
  device: '/dev/sdf',
  bytes,
  source: { kind: 'device', path: join(folder, 'disk') },
});
const mood = (text: string) => writeFile(join(folder, 'mood'), text);
const configuration = () => readFile(join(folder, '100.conf'), 'utf8');
const byPath = (volume: string) => join(folder, 'dev-disk', 'by-path', `ip-10.77.0.1:3260-iscsi-iqn.2009-11.org.vbs:${volume}-lun-1`);
const byId = (serial: string) => join(folder, 'dev-disk', 'by-id', `scsi-SIET_VIRTUAL-DISK_${serial}`);
/** A block device as the kernel and udev show it. */
const device = async (name: string, serial: string, links: readonly string[]) => {
  const path = join(folder, name);
  await writeFile(path, '');
  await truncate(path, bytes);
  const shown = join(folder, 'block', path.replaceAll('/', '!'), 'device');
  await mkdir(shown, { recursive: true });
  if (serial !== '') await writeFile(join(shown, 'vpd_pg80'), `\0\u0080\0\u0014${serial}`, 'latin1');
  for (const link of links) await symlink(path, link);
};
const asBefore = `name web\nstatus running\nuuid ${uuid}\n${ownDisk}\n`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-qm-'));
  for (const kind of ['by-path', 'by-id']) await mkdir(join(folder, 'dev-disk', kind), { recursive: true });
  await device('disk', 'vol0123456789abcdef0', [byPath(volumeId), byId('vol0123456789abcdef0')]);
  const pattern = shippedBackends.pattern('vmm', 'proxmox');
  if (!isCommandLine(pattern)) throw new Error('qm is no command line');
  const context = contextHere(pattern, {});
  const env = {
    QM_STATE: folder,
    PROXMOX_GUEST_SECONDS: '2',
    PROXMOX_DISKS: join(folder, 'dev-disk'),
    PROXMOX_BLOCK_DEVICES: join(folder, 'block'),
    PROXMOX_LINKS: join(folder, 'links'),
    PATH: `${fakes}:${localEnvironment.PATH}`,
  };
  const run = (command: HostCommand) => context.host.run({ ...command, env: { ...command.env, ...env } });
  vmm = vmmFromPattern(pattern, { ...context, host: { name: 'pve', run } });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  await mood('');
  await writeFile(join(folder, '100.conf'), asBefore);
  await writeFile(join(folder, '101.conf'), `name idle\nstatus stopped\nuuid ${uuid.replace('6f', '7f')}\n`);
});

describeThing('a disk by qm', {
  thing: () => vmm.disk,
  spec,
  listedName: () => `100:${volumeId}`,
  checkFacts: (facts) => expect(facts).toEqual({}),
  partial: {
    'a plug that is only pending': async () => {
      await writeFile(join(folder, '100.conf'), `${asBefore}new scsi5: ${join(folder, 'disk')},serial=vol0123456789abcdef0,backup=0\n`);
    },
  },
  different: {
    'another device under its serial number': async () => {
      await writeFile(join(folder, '100.conf'), `${asBefore}cur scsi5: /dev/sdz,serial=vol0123456789abcdef0,backup=0\n`);
      return () => writeFile(join(folder, '100.conf'), asBefore);
    },
  },
});

describe('qm', () => {
  it('is not believed when it says that it plugged a disk which is only pending, and the wish is taken back', async () => {
    await mood('pending');
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('only pending') });
    expect(await configuration()).toBe(asBefore);
  });

  it('is not believed when it says that it unplugged a disk which the guest holds, and the pending removal is taken back', async () => {
    await vmm.disk.make(spec());
    const plugged = await configuration();
    await mood('holds');
    await expect(vmm.disk.unmake(spec())).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('still holds') });
    expect(await configuration()).toBe(plugged);
    expect((await vmm.disk.look(spec())).value.state).toBe('present');
    await mood('');
    await vmm.disk.unmake(spec());
    expect(await configuration()).toBe(asBefore);
  });

  it('leaves nothing when it refuses, when the device is too small, and when the machine is stopped or not on this node', async () => {
    await mood('refuses');
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({ message: expect.stringContaining('hotplug problem') });
    await mood('');
    await expect(vmm.disk.make({ ...spec(), bytes: bytes * 2 })).rejects.toMatchObject({ message: expect.stringContaining('is to have') });
    await expect(vmm.disk.make({ ...spec(), domain: '101' })).rejects.toMatchObject({
      message: expect.stringContaining('does not run (stopped)'),
    });
    await expect(vmm.disk.make({ ...spec(), domain: '999' })).rejects.toMatchObject({
      message: expect.stringContaining('has no machine 999'),
    });
    await expect(vmm.disk.make({ ...spec(), domain: 'web' })).rejects.toMatchObject({ message: expect.stringContaining('no machine') });
    expect(await configuration()).toBe(asBefore);
  });

  it('is given a name of the disk that means the same volume, or none, after every boot', async () => {
    await vmm.disk.make(spec());
    expect(await configuration()).toContain(`cur scsi1: ${byPath(volumeId)},serial=vol0123456789abcdef0,backup=0`);
    // As after a boot, when the number of the device is another volume's.
    await rm(byPath(volumeId));
    expect((await vmm.disk.look(spec())).value.state).toBe('different');
    await symlink(join(folder, 'disk'), byPath(volumeId));
    await vmm.disk.unmake(spec());
    expect(await configuration()).toBe(asBefore);
  });

  it('is given the name by the serial number where there is none by target and LUN', async () => {
    await device('nvme0n1', 'vol89abcdef', [byId('vol89abcdef')]);
    await vmm.disk.make({ ...spec(), volumeId: 'vol-89abcdef', source: { kind: 'device', path: join(folder, 'nvme0n1') } });
    expect(await configuration()).toContain(`cur scsi1: ${byId('vol89abcdef')},serial=vol89abcdef,backup=0`);
  });

  it('is given a link of this boot where the device has no serial number, and the link goes with the disk', async () => {
    await device('e1.1', '', []);
    const other = { ...spec(), volumeId: 'vol-89abcde0', source: { kind: 'device' as const, path: join(folder, 'e1.1') } };
    await vmm.disk.make(other);
    expect(await configuration()).toContain(`cur scsi1: ${join(folder, 'links', 'vol-89abcde0')},serial=vol89abcde0,backup=0`);
    expect((await vmm.disk.look(other)).value.state).toBe('present');
    await vmm.disk.unmake(other);
    await expect(lstat(join(folder, 'links', 'vol-89abcde0'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not given a disk that the node may only read', async () => {
    const ro = join(folder, 'block', join(folder, 'disk').replaceAll('/', '!'), 'ro');
    await writeFile(ro, '1\n');
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('cannot be written to'),
    });
    expect(await configuration()).toBe(asBefore);
    await rm(ro);
  });

  it('is not given a disk of another serial number, nor one that only its number names', async () => {
    await device('sdy', 'vol89abcdef', [byPath('vol-89abcdef')]);
    await expect(vmm.disk.make({ ...spec(), source: { kind: 'device', path: join(folder, 'sdy') } })).rejects.toMatchObject({
      message: expect.stringContaining('is the disk vol89abcdef, and not vol0123456789abcdef0'),
    });
    await device('sdx', 'vol89abcde1', []);
    const nameless = { ...spec(), volumeId: 'vol-89abcde1', source: { kind: 'device' as const, path: join(folder, 'sdx') } };
    await expect(vmm.disk.make(nameless)).rejects.toMatchObject({ message: expect.stringContaining('has no name below') });
    expect(await configuration()).toBe(asBefore);
  });

  it('is asked for machines by their numbers', async () => {
    expect((await vmm.domain('100')).value).toEqual({ state: 'running', uuid });
    expect((await vmm.domain('101')).value).toMatchObject({ state: 'stopped' });
    expect((await vmm.domain('999')).value).toBeUndefined();
  });
});
