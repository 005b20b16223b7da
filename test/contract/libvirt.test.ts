import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runInGuest } from '../../scripts/tiny-vm/tiny-vm.ts';
import { buildTinyVmImage, readyLine } from '../../scripts/tiny-vm/tiny-vm-image.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import { exportServerFromPattern, vmmFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import { localHost } from '../../src/drivers/command/local-host.ts';
import { isCommandLine } from '../../src/drivers/command/pattern.ts';
import { ensureTgtDaemon } from '../../src/drivers/command/tgt-daemon.ts';
import type { ExportServer } from '../../src/drivers/export-server.ts';
import type { DiskSpec, Vmm } from '../../src/drivers/vmm.ts';
import { findDisk } from '../support/tiny-vm.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';
import { describeThing } from './thing-suite.ts';

const bytes = 64 * 1024 ** 2;
const volumeId = 'vol-0123456789abcdef0';
const serial = 'vol0123456789abcdef0';
const target = `iqn.2009-11.org.vbs:${volumeId}`;
const access = {
  target,
  initiatorName: 'iqn.2009-11.org.vbs:att-0123456789abcdef0',
  chapUser: 'att-0123456789abcdef0',
  chapSecret: 'Xq7_sEcret-4Kz9w',
};
const cacheFolder = fileURLToPath(new URL('../../.cache/tiny-vm/', import.meta.url));
const bootTimeoutMs = 300_000;

/** libvirtd as somebody who is not root has a session of its own, and changes nothing of this machine's. */
const nobody = { uid: 65_534, gid: 65_534 };
const isInstalled = (() => {
  try {
    execFileSync('sh', ['-c', 'command -v libvirtd && command -v virsh'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!isInstalled)('a VM of libvirt, on a real tgtd', () => {
  let folder = '';
  let uri = '';
  let libvirtd: ChildProcess;
  let exports: ExportServer;
  let vmm: Vmm;
  let portal = '';

  const spec = (source: Partial<Extract<DiskSpec['source'], { kind: 'export' }>> = {}): DiskSpec => ({
    domain: 'web',
    volumeId,
    device: '/dev/sdf',
    bytes,
    source: { kind: 'export', portal, lun: 1, ...access, ...source },
  });
  const virsh = async (...words: readonly string[]) => (await execa('virsh', ['--quiet', '--connect', uri, ...words])).stdout;
  const guest = (command: string) => runInGuest(join(folder, 'commands'), command, 120_000);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vbs-lv-'));
    chmodSync(folder, 0o755);
    for (const name of ['home', 'run']) {
      mkdirSync(join(folder, name));
      chownSync(join(folder, name), nobody.uid, nobody.gid);
    }
    const image = await buildTinyVmImage({ cacheFolder, onProgress: () => {} });
    await cp(image.kernelFile, join(folder, 'kernel'));
    await cp(image.initramfsFile, join(folder, 'initramfs'));
    const daemon = await ensureTgtDaemon(
      { portal: '127.0.0.1:0' },
      { stateFolder: folder, host: localHost('here', systemClock), clock: systemClock },
    );
    portal = daemon.portal;
    const tgt = shippedBackends.pattern('export-server', 'tgt');
    exports = exportServerFromPattern(tgt, contextHere(tgt, { controlSocket: daemon.controlSocket, portal }));
    const path = join(folder, 'data.raw');
    await execa('truncate', ['--size', String(bytes), path]);
    await exports.export.make({ volumeId, target, path, bytes });
    await exports.access.make(access);

    const home = join(folder, 'home');
    libvirtd = spawn('libvirtd', [], {
      ...nobody,
      env: { PATH: process.env.PATH, HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_RUNTIME_DIR: join(folder, 'run') },
      stdio: 'ignore',
    });
    uri = `qemu+unix:///session?socket=${join(folder, 'run', 'libvirt', 'libvirt-sock')}`;
    await vi.waitFor(() => virsh('list'), { timeout: 60_000 });
    const pattern = shippedBackends.pattern('vmm', 'libvirt');
    if (!isCommandLine(pattern)) throw new Error('libvirt is no command line');
    vmm = vmmFromPattern(pattern, contextHere(pattern, { uri }));
    const domain = join(folder, 'web.xml');
    await writeFile(domain, domainXml(folder));
    await execa('chown', ['nobody', folder]);
    await virsh('create', domain);
    await vi.waitFor(async () => expect(await readFile(join(folder, 'console.log'), 'utf8')).toContain(readyLine), {
      timeout: bootTimeoutMs,
    });
  }, bootTimeoutMs);

  afterAll(async () => {
    await virsh('destroy', 'web').catch(() => undefined);
    libvirtd?.kill('SIGTERM');
    process.kill(Number(await readFile(join(folder, 'tgtd', 'tgtd.pid'), 'utf8')), 'SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  describeThing('a disk by libvirt', {
    thing: () => vmm.disk,
    spec,
    listedName: () => `web:${volumeId}`,
    checkFacts: (facts) => expect(facts).toEqual({}),
    secrets: () => [access.chapSecret],
  });

  it('is in the guest under the serial number of the volume, and what the guest writes is in the volume', async () => {
    await vmm.disk.make(spec());
    const wrote = await guest(`${findDisk(serial)}; echo WRITTEN-IN-THE-GUEST | dd of=/dev/$disk bs=512 seek=8 conv=sync,fsync`);
    expect(wrote, wrote.output).toMatchObject({ exitCode: 0 });
    const { stdout } = await execa('dd', [`if=${join(folder, 'data.raw')}`, 'bs=512', 'skip=8', 'count=1', 'status=none']);
    expect(stdout).toContain('WRITTEN-IN-THE-GUEST');
    await vmm.disk.unmake(spec());
  });

  it('is in no configuration that outlives the machine: neither what libvirt starts it from at a boot nor the secret', async () => {
    await virsh('define', join(folder, 'web.xml'));
    await vmm.disk.make(spec());
    expect(await virsh('dumpxml', 'web')).toContain(serial);
    expect(await virsh('dumpxml', 'web', '--inactive')).not.toContain(volumeId.slice('vol-'.length));
    const [uuid = ''] = (await virsh('secret-list')).trim().split(/\s+/);
    expect(await virsh('secret-dumpxml', uuid)).toMatch(/<secret ephemeral='yes'/);
    await vmm.disk.unmake(spec());
    await virsh('undefine', 'web');
  });

  it.each([
    ['another secret', { chapSecret: 'anotherSecret123' }, 'the export does not let this machine in'],
    ['a target that is not there', { target: `${target}0` }, 'the export does not let this machine in'],
  ])('is refused with %s, and leaves neither disk nor secret', async (_what, source, message) => {
    await expect(vmm.disk.make(spec(source))).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining(message) });
    expect((await vmm.disk.list()).value).toEqual([]);
    expect(await virsh('secret-list')).toBe('');
  });

  it('is refused when it is smaller than wanted, and in a domain that is not there or has a number for a name', async () => {
    await expect(vmm.disk.make({ ...spec(), bytes: bytes * 2 })).rejects.toMatchObject({ message: expect.stringContaining('is to have') });
    await expect(vmm.disk.make({ ...spec(), domain: 'nobody' })).rejects.toMatchObject({
      message: expect.stringContaining('there is no domain nobody'),
    });
    await expect(vmm.disk.make({ ...spec(), domain: '1' })).rejects.toMatchObject({ message: expect.stringContaining('is a number') });
    await expect(vmm.disk.make({ ...spec(), domain: 'Domain-0' })).rejects.toMatchObject({
      message: expect.stringContaining('is the VMM host itself'),
    });
    expect((await vmm.disk.list()).value).toEqual([]);
  });

  it('stays in a guest that does not answer, whatever virsh says, and goes when it does', async () => {
    await vmm.disk.make(spec());
    await virsh('suspend', 'web');
    await expect(vmm.disk.unmake(spec())).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('still holds') });
    expect((await vmm.disk.look(spec())).value.state).toBe('present');
    await virsh('resume', 'web');
    await vmm.disk.unmake(spec());
    expect((await vmm.disk.look(spec())).value.state).toBe('absent');
  });

  it('is told apart from one of another attachment', async () => {
    await vmm.disk.make(spec());
    expect((await vmm.disk.look(spec({ chapUser: 'att-00000000000000000' }))).value.state).toBe('different');
    await vmm.disk.unmake(spec());
  });

  it('knows the domains of the host', async () => {
    expect((await vmm.domain('web')).value).toEqual({ state: 'running', uuid: '145a637c-c58f-4c45-9120-2f905929859b' });
    expect((await vmm.domain('nobody')).value).toBeUndefined();
  });
});

function domainXml(folder: string): string {
  return `<domain type='qemu'>
  <name>web</name>
  <uuid>145a637c-c58f-4c45-9120-2f905929859b</uuid>
  <memory unit='MiB'>128</memory>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>${folder}/kernel</kernel>
    <initrd>${folder}/initramfs</initrd>
    <cmdline>console=ttyS0 quiet mitigations=off no_timer_check panic=-1</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='custom'><model fallback='allow'>Nehalem</model></cpu>
  <devices>
    <serial type='unix'><source mode='bind' path='${folder}/console'/><log file='${folder}/console.log'/><target port='0'/></serial>
    <serial type='unix'><source mode='bind' path='${folder}/commands'/><target port='1'/></serial>
    <memballoon model='none'/>
  </devices>
</domain>
`;
}
