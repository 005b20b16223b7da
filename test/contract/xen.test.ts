import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
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
const serial = 'vol0123456789abcdef0';
const uuid = '6f1e7a3c-0b4d-4e58-9a6b-3c2d1e0f9a8b';
const domains = `/local/domain/0/name = Domain-0
/local/domain/0/vm = /vm/00000000-0000-0000-0000-000000000000
/local/domain/3/name = web
/local/domain/3/vm = /vm/${uuid}
/local/domain/5/name = other
/local/domain/5/vm = /vm/${uuid.replace('6f', '5f')}
`;
const ownDisk = `/local/domain/0/backend/vbd/3/51712/dev = xvda
/local/domain/0/backend/vbd/3/51712/params = /dev/vg/web
/local/domain/0/backend/vbd/3/51712/physical-device = fd:0
/local/domain/0/backend/vbd/3/51712/state = 4
/local/domain/3/device/vbd/51712/state = 4
`;
const sorted = (text: string) => text.split('\n').filter(Boolean).sort();

describe.each([
  ['xen-xl', 'xl', /libxl_device_disk_add failed/],
  ['xen-xm', 'xm', /could not be connected\. Hotplug scripts not working/],
])('%s', (driver, tool, refusal) => {
  let folder = '';
  let vmm: Vmm;
  const spec = (changes: Partial<DiskSpec> = {}): DiskSpec => ({
    domain: 'web',
    volumeId,
    device: '/dev/sdf',
    bytes,
    source: { kind: 'device', path: '/dev/sdz' },
    ...changes,
  });
  const mood = (text: string) => writeFile(join(folder, 'mood'), text);
  const store = async () => sorted(await readFile(join(folder, 'store'), 'utf8'));
  const links = async () => (await readdir(join(folder, 'links'))).sort();
  const link = () => join(folder, 'links', volumeId);
  const plant = (text: string) => writeFile(join(folder, 'store'), domains + ownDisk + text);
  const device = async (name: string, number: string, ownSerial: string) => {
    const place = join(folder, 'block', name);
    await mkdir(join(place, 'device'), { recursive: true });
    await writeFile(join(place, 'dev'), `${number}\n`);
    await writeFile(join(place, 'size'), `${bytes / 512}\n`);
    await writeFile(join(place, 'device', 'vpd_pg80'), `\0\u0080\0\u0014${ownSerial}`, 'latin1');
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), `vbs-${tool}-`));
    await mkdir(join(folder, 'links'));
    await device('sdz', '65:144', serial);
    await device('sdy', '65:128', 'vol89abcdef');
    const pattern = shippedBackends.pattern('vmm', driver);
    if (!isCommandLine(pattern)) throw new Error('it is no command line');
    const context = contextHere(pattern, {});
    const env = {
      XEN_STATE: folder,
      XEN_LINKS: join(folder, 'links'),
      XEN_BLOCK_DEVICES: join(folder, 'block'),
      XEN_PATHS: join(folder, 'paths'),
      XEN_GUEST_SECONDS: '2',
      PATH: `${fakes}:${localEnvironment.PATH}`,
    };
    const run = (command: HostCommand) => context.host.run({ ...command, env: { ...command.env, ...env } });
    vmm = vmmFromPattern(pattern, { ...context, host: { name: 'xen1', run } });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    await mood('');
    await plant('');
    await rm(link(), { force: true });
  });

  describeThing('a disk', {
    thing: () => vmm.disk,
    spec,
    listedName: () => `web:${volumeId}`,
    checkFacts: (facts) => expect(facts).toEqual({}),
    partial: {
      'an attach that failed and left its entry': () =>
        plant(`/local/domain/0/backend/vbd/3/51792/dev = xvdf
/local/domain/0/backend/vbd/3/51792/params = ${link()}
/local/domain/0/backend/vbd/3/51792/state = 3
/local/domain/3/device/vbd/51792/state = 1
`),
    },
  });

  it('is plugged in read-only when that is wanted, and found so', async () => {
    const readOnly = spec({ readOnly: true });
    await vmm.disk.make(readOnly);
    expect(await store()).toContain('/local/domain/0/backend/vbd/3/51792/mode = r');
    expect((await vmm.disk.look(readOnly)).value.state).toBe('present');
    expect((await vmm.disk.look(spec())).value.state).toBe('different');
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({ kind: 'conflict' });
    await vmm.disk.unmake(readOnly);
    expect(await links()).toEqual([]);
  });

  it.each(['Domain-0', 'under-another-name'])('is not put into the host itself, %s', async (name) => {
    await writeFile(join(folder, 'store'), domains.replace('Domain-0', name) + ownDisk);
    await expect(vmm.disk.make(spec({ domain: name }))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('is the VMM host itself'),
    });
    expect(await store()).toEqual(sorted(domains.replace('Domain-0', name) + ownDisk));
    expect(await links()).toEqual([]);
  });

  it('is told what to do by number, and tells of what it did', async () => {
    const commands = await vmm.disk.make(spec());
    expect(JSON.stringify(commands)).toContain(`+ ${tool} block-attach 3 `);
    expect(await store()).toContain('/local/domain/0/backend/vbd/3/51792/physical-device = 41:90');
    expect(JSON.stringify(await vmm.disk.unmake(spec()))).toContain(`+ ${tool} block-detach 3 51792`);
    expect(await store()).toEqual(sorted(domains + ownDisk));
    expect(await links()).toEqual([]);
  });

  it('leaves nothing when it refuses, and says why', async () => {
    await mood('refuses');
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({ kind: 'refused', message: expect.stringMatching(refusal) });
    expect(await store()).toEqual(sorted(domains + ownDisk));
    expect(await links()).toEqual([]);
  });

  it('is not believed when the guest does not take the disk', async () => {
    await mood('asleep');
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({ message: expect.stringContaining('the guest has not taken it (state 2)') });
    // It cannot be taken out either, which the message says too; once the guest answers it goes.
    expect((await vmm.disk.look(spec())).value.state).toBe('partial');
    await mood('');
    await vmm.disk.unmake(spec());
    expect(await store()).toEqual(sorted(domains + ownDisk));
  });

  it('is not believed when the guest does not let go', async () => {
    await vmm.disk.make(spec());
    await mood('asleep');
    await expect(vmm.disk.unmake(spec())).rejects.toMatchObject({ message: expect.stringContaining('still holds') });
    expect(await links()).toEqual([volumeId]);
    await mood('');
    await vmm.disk.unmake(spec());
    expect(await links()).toEqual([]);
  });

  it('asks a guest anew that was started anew while it was to let go', async () => {
    await vmm.disk.make(spec());
    await mood('reboots');
    const commands = await vmm.disk.unmake(spec());
    expect(JSON.stringify(commands)).toMatch(new RegExp(`${tool} block-detach 3 51792.*${tool} block-detach 4 51792`));
    expect((await vmm.disk.look(spec())).value.state).toBe('absent');
    expect((await store()).filter((line) => line.includes('/51792/'))).toEqual([]);
  });

  it('says when the number that it asked had become another domain', async () => {
    await vmm.disk.make(spec());
    await mood('renumbers');
    await expect(vmm.disk.unmake(spec())).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/number 3 became another domain's \(99999999-.*see whether that one lost a disk/),
    });
  });

  it('changes nothing for a disk of another volume, one that is too small, a name that is taken, and a device that another domain has', async () => {
    const refused = (changes: Partial<DiskSpec>, message: RegExp) =>
      expect(vmm.disk.make(spec(changes))).rejects.toMatchObject({ kind: 'refused', message: expect.stringMatching(message) });
    await refused({ source: { kind: 'device', path: '/dev/sdy' } }, /is the disk vol89abcdef, and not vol0123456789abcdef0/);
    await refused({ bytes: bytes * 2 }, /is to have/);
    await refused({ device: '/dev/sda' }, /has a disk at \/dev\/sda already/);
    await refused({ domain: 'nobody' }, /there is no domain nobody/);
    await refused({ domain: '5' }, /is a number, which xl|is a number, which xm/);
    expect(await store()).toEqual(sorted(domains + ownDisk));
    await plant('/local/domain/0/backend/vbd/5/51792/physical-device = 41:90\n/local/domain/0/backend/vbd/5/51792/state = 4\n');
    await refused({}, /is in domain 5 already/);
  });

  it('is not plugged in to be written to when the host may only read it', async () => {
    await writeFile(join(folder, 'block', 'sdz', 'ro'), '1\n');
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('/dev/sdz cannot be written to'),
    });
    expect(await store()).toEqual(sorted(domains + ownDisk));
    await vmm.disk.make(spec({ readOnly: true }));
    await vmm.disk.unmake(spec({ readOnly: true }));
    await writeFile(join(folder, 'block', 'sdz', 'ro'), '0\n');
  });

  it('that a domain left in XenStore, which is gone, is listed with its path and what to do about it, and so is refused what it stands in the way of', async () => {
    const path = '/local/domain/0/backend/vbd/7/51792';
    const leftover = `${path}/dev = xvdf
${path}/params = ${join(folder, 'links', 'vol-89abcdef')}
${path}/physical-device = 41:90
${path}/state = 4
`;
    await plant(leftover);
    const remark = `${path} in XenStore is left of domain 7, which is gone; when "${tool} list" does not show it: xenstore-rm ${path}`;
    expect((await vmm.disk.list()).value).toEqual([{ name: '7:vol-89abcdef', remark }]);
    await expect(vmm.disk.make(spec())).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining(remark) });
    expect(await store()).toEqual(sorted(domains + ownDisk + leftover));
    await writeFile(join(folder, 'store'), domains + leftover);
    expect((await vmm.disk.look(spec())).value).toEqual({ state: 'absent' });
  });

  it('is linked by a name that means the same volume when xl plugs it in again at a reboot of the guest', async () => {
    await vmm.disk.make(spec());
    expect(await readlink(link())).toBe('/dev/sdz');
    await vmm.disk.unmake(spec());
    const name = join(folder, 'paths', `ip-10.77.0.1:3260-iscsi-iqn.2009-11.org.vbs:${volumeId}-lun-1`);
    await mkdir(join(folder, 'paths'));
    await symlink('/dev/sdz', name);
    await vmm.disk.make(spec());
    expect(await readlink(link())).toBe(name);
    await vmm.grow?.(spec());
    expect((await vmm.disk.look(spec())).value.state).toBe('present');
    await vmm.disk.unmake(spec());
    await rm(join(folder, 'paths'), { recursive: true });
  });

  it('tells of its domains by name', async () => {
    expect((await vmm.domain('web')).value).toEqual({ state: 'running', uuid });
    expect((await vmm.domain('nobody')).value).toBeUndefined();
    // The host itself is no guest.
    expect((await vmm.domain('Domain-0')).value?.state).not.toBe('running');
    if (tool === 'xm') expect((await vmm.domain('idle')).value).toMatchObject({ state: 'stopped' });
  });

  it('is no host with no guests when XenStore cannot be read', async () => {
    await writeFile(join(folder, 'store'), '');
    expect((await vmm.disk.look(spec())).value.state).toBe('unknown');
    await expect(vmm.disk.list()).rejects.toMatchObject({ name: 'DriverError' });
  });
});
