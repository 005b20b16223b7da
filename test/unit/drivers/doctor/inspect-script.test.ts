import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/drivers/command/clock.ts';
import type { Host } from '../../../../src/drivers/command/host.ts';
import { localHost } from '../../../../src/drivers/command/local-host.ts';
import { inspectHost, type Needs } from '../../../../src/drivers/doctor/inspect-host.ts';

const nothing: Needs = { programs: [], modules: [], daemons: [], portals: [], rootFor: [], pools: [], questions: [] };
const script = readFileSync('config/doctor/inspect', 'utf8');

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-inspect-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(folder, { recursive: true });
});

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
/** A stand-in for a tool that the machine may not have. */
const tool = (name: string, text: string) => {
  write(`bin/${name}`, `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
};
const listening = async (where: string | number, greet: (data: Buffer) => string | undefined = () => undefined) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const answer = greet(data);
      if (answer !== undefined) socket.end(Buffer.from(answer, 'latin1'));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    if (typeof where === 'number') server.listen(where, '127.0.0.1', resolve);
    else server.listen(where, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : String(where);
};
/** What the script says when the roots of the machine are those of the test. */
const said = async (needs: Partial<Needs>, asked: Host = localHost('here', systemClock)) => {
  const roots = `sysfs='${folder}/sys' pve='${folder}/pve' PATH='${folder}/bin':$PATH\n`;
  const { answers } = await inspectHost(asked, roots + script, { ...nothing, ...needs }, Date.now);
  return answers.map(({ kind, name, value }) => `${kind} ${name} ${value}`);
};

describe('the script of vbs doctor', () => {
  it('begins an iSCSI login, and tells a target that hangs from one that answers and from what is none', async () => {
    const hangs = await listening(0);
    const answers = await listening(0, (data) => (data[0] === 0x43 ? `\x23${'\0'.repeat(47)}` : ''));
    const other = await listening(0, () => `HTTP/1.1 400 Bad Request\r\n\r\n${' '.repeat(48)}`);
    const lines = await said({ questions: [hangs, answers, other, '127.0.0.1:1'].map((portal) => `login:${portal}`) });
    expect(lines).toEqual(
      expect.arrayContaining([`login ${hangs} hangs`, `login ${answers} answers`, `login ${other} other`, 'login 127.0.0.1:1 closed']),
    );
  });

  it('tells whether a daemon could listen at a managed portal', async () => {
    const taken = await listening(0);
    const lines = await said({ questions: [`managed:${taken}`, 'managed:127.0.0.1:0', 'managed:192.0.2.77:3260'] });
    expect(lines).toEqual(
      expect.arrayContaining([`managed ${taken} taken`, 'managed 127.0.0.1:0 free', 'managed 192.0.2.77:3260 nowhere']),
    );
  });

  it('tells of a control socket that another user owns that it may not be opened', async () => {
    const socket = await listening(join(folder, 'denied.0'));
    chmodSync(socket, 0);
    // Root may open everything, so that another user has to ask.
    const here = localHost('here', systemClock);
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid', '65534', '--clear-groups'] : [];
    const asked: Host = { name: 'here', run: (command) => here.run({ ...command, argv: [...asNobody, ...command.argv] }) };
    expect(await said({ questions: [`control:${socket}`] }, asked)).toContain(`control ${socket} denied`);
  });

  it('tells a control socket that answers from one that is not there or that nobody listens on', async () => {
    const open = await listening(join(folder, 'open.0'));
    write('dead.0', '');
    const lines = await said({ questions: [`control:${open}`, `control:${folder}/dead.0`, `control:${folder}/absent.0`] });
    expect(lines).toEqual(
      expect.arrayContaining([`control ${open} open`, `control ${folder}/dead.0 dead`, `control ${folder}/absent.0 absent`]),
    );
  });

  it('tells how far a thin pool is filled, and the form of reports', async () => {
    tool('lvs', `case "$*" in *--version*) ;; *vg/pool) echo '  97.20 12.00' ;; *) exit 5 ;; esac`);
    tool('lvmconfig', `case "$*" in *output_format*) echo 'output_format="json"' ;; esac`);
    const pools = ['vg/pool', 'vg/other'].map((name) => ({ name, alarmPercent: 70, fullPercent: 90 }));
    const lines = await said({ pools });
    expect(lines).toEqual(expect.arrayContaining(['pool vg/pool 97.20 12.00', 'pool vg/other ', 'report output_format json']));
  });

  it('tells the state of disks of iSCSI sessions, and of no other', async () => {
    for (const [place, device, state] of [
      ['host3/session1/target3:0:0', '3:0:0:1', 'offline'],
      ['host0/target0:0:0', '0:0:0:0', 'offline'],
    ]) {
      write(`sys/devices/${place}/${device}/state`, `${state}\n`);
      write(`sys/class/scsi_device/${device}/keep`, '');
      symlinkSync(join(folder, 'sys/devices', place ?? '', device ?? ''), join(folder, 'sys/class/scsi_device', device ?? '', 'device'));
    }
    expect((await said({})).filter((line) => line.startsWith('scsi '))).toEqual(['scsi 3:0:0:1 offline']);
  });

  it('finds Proxmox machines that name a disk as the kernel happened to, and those without a uuid', async () => {
    const withUuid = 'smbios1: uuid=0b6a6c0e-2d5b-4c0b-9c55-1e2d5b3a9f10';
    write(
      'pve/qemu-server/100.conf',
      `${withUuid}\nscsi0: local-lvm:vm-100-disk-0,size=8G\nscsi1: /dev/sdb,serial=x\nvirtio2: /dev/sdc1\n`,
    );
    write('pve/qemu-server/101.conf', `scsi1: /dev/disk/by-id/wwn-1\n\n[old]\n${withUuid}\nscsi1: /dev/sdd\n`);
    expect((await said({})).filter((line) => line.startsWith('proxmox'))).toEqual([
      'proxmox-disk 100 scsi1 is /dev/sdb',
      'proxmox-disk 100 virtio2 is /dev/sdc1',
      'proxmox-uuid 101 none',
    ]);
  });
});
