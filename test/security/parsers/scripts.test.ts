import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/drivers/command/clock.ts';
import type { CommandResult } from '../../../src/drivers/command/host.ts';
import { localEnvironment, localHost } from '../../../src/drivers/command/local-host.ts';

// The scripts that run on hosts, with tools that say what a file says: every text in it that somebody else than the host's root can write is hostile.
const scripts = fileURLToPath(new URL('../../../config/drivers/scripts', import.meta.url));
const volumeId = 'vol-0123456789abcdef0';
const serial = 'vol0123456789abcdef0';
const uuid = '6f1e7a3c-0b4d-4e58-9a6b-3c2d1e0f9a8b';
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-scripts-'));
  // Each says the file of its first word that is no option and no address.
  for (const tool of ['xenstore-ls', 'qm', 'virsh', 'ietadm']) {
    writeFileSync(
      join(folder, tool),
      `#!/bin/sh\n[ ! -f "${folder}/complaint" ] || cat "${folder}/complaint" >&2\nfor word; do [ ! -f "${folder}/said.$word" ] || exec cat "${folder}/said.$word"; done\n`,
    );
    chmodSync(join(folder, tool), 0o755);
  }
  mkdirSync(join(folder, 'iet/proc/net/iet'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const say = (word: string, text: string) => writeFileSync(join(folder, `said.${word}`), text, 'latin1');
const run = (script: string, ...args: readonly string[]): Promise<CommandResult> =>
  localHost('here', systemClock).run({
    argv: [join(scripts, script), ...args],
    env: { PATH: `${folder}:${localEnvironment.PATH}`, XEN_GUEST_SECONDS: '1', IET_ROOT: join(folder, 'iet') },
    timeoutMs: 30_000,
  });

/** Whatever ends a line, a field or a text somewhere, and lines of the tool's own, with texts of any kind. */
const hostile = (...lookalikes: readonly string[]) =>
  fc.oneof(
    {
      arbitrary: fc
        .array(fc.constantFrom('\n', '"', "'", '|', '\0', '\r', '\x1b[2J', '\xff', ' = ', ',', ...lookalikes), { maxLength: 12 })
        .map((parts) => parts.join('')),
      weight: 5,
    },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 60 }), weight: 1 },
    { arbitrary: fc.constantFrom(...lookalikes).map((text) => 'z'.repeat(100_000) + text), weight: 1 },
  );
const numRuns = 40;

describe('xen-xl, of what a guest writes into its part of XenStore', () => {
  const store = (text: string) =>
    say(
      '-f',
      `/local/domain = ""
/local/domain/0 = ""
/local/domain/0/name = "Domain-0"
/local/domain/0/vm = "/vm/00000000-0000-0000-0000-000000000000"
/local/domain/0/backend/vbd/3/51792/params = "/run/vbs/disks/${volumeId}"
/local/domain/0/backend/vbd/3/51792/mode = "w"
/local/domain/0/backend/vbd/3/51792/state = "4"
/local/domain/2 = ""
/local/domain/2/name = "hostile"
/local/domain/2/data/x = "${text}"
/local/domain/2/data/unreadable:
/local/domain/3 = ""
/local/domain/3/name = "web"
/local/domain/3/vm = "/vm/${uuid}"
/local/domain/3/device/vbd/51792/state = "4"
`,
    );
  const forged = [
    '"\n/local/domain/0/backend/vbd/2/51712/params = "/run/vbs/disks/vol-0badc0de',
    `"\n/local/domain/3/name = "renamed`,
    '"\n/local/domain/3/device/vbd/51792/state = "6',
    `"\n/local/domain/4/name = "web`,
    `"\n/local/domain/2/name = "web`,
    '"\n/local/domain/0/backend/vbd/3/51792/params = "/dev/null',
  ];
  const truth = `disk|web|${volumeId}|51792|connected|No|\nend|\n`;

  it('lists what is true, or says that it cannot be read', async () => {
    store('nothing of note, and "quotes"');
    expect(await run('xen-xl', 'list')).toMatchObject({ exitCode: 0, stdout: truth });
    for (const text of forged) {
      store(text);
      expect(await run('xen-xl', 'list')).toMatchObject({ stdout: expect.stringMatching(/^$|^disk.web/) });
    }
    await fc.assert(
      fc.asyncProperty(hostile(...forged), async (text) => {
        store(text);
        const { exitCode, stdout, stderr } = await run('xen-xl', 'list');
        if (exitCode === 0) expect(stdout).toBe(truth);
        else
          expect({ exitCode, stdout, stderr }).toMatchObject({
            exitCode: 75,
            stdout: '',
            stderr: expect.stringMatching(/^xenstore cannot be read by xenstore-ls: domain \d+ wrote/),
          });
      }),
      { numRuns },
    );
  });
});

describe('proxmox, of what whoever configures a machine chooses', () => {
  const disk = `/dev/vbs,serial=${serial},backup=0`;

  it('lists its disks and nothing else', async () => {
    say(
      'list',
      '      VMID NAME                 STATUS     MEM(MB)    BOOTDISK(GB) PID\n       100 web                  running    2048               4.00 4242\n',
    );
    const truth = `disk|100|${volumeId}|scsi1|/dev/vbs|plugged|\nend|\n`;
    await fc.assert(
      // qm writes the notes in one line, and refuses line breaks in everything else.
      fc.asyncProperty(
        hostile('serial=vol0badc0de', ',serial=vol0badc0de,', 'cur scsi2: /dev/x,serial=vol0badc0de').map((text) =>
          text.replaceAll('\n', '%0A'),
        ),
        async (text) => {
          say(
            'pending',
            `cur description: ${text}\ncur name: web\ncur net0: virtio=aa:bb,tag=${text}\ncur scsi1: ${disk}\ncur smbios1: uuid=${uuid},serial=vol0badc0de,${text}\ncur tags: ${text}\n`,
          );
          expect(await run('proxmox', 'list')).toMatchObject({ exitCode: 0, stdout: truth });
        },
      ),
      { numRuns },
    );
  });

  it('gives the uuid of the one line that has it', async () => {
    const config = (more: string) =>
      say('config', `description: smbios1: uuid=${uuid.replace('6f', '0b')}\nname: web\nsmbios1: uuid=${uuid}\n${more}`);
    config('');
    expect(await run('proxmox', 'domain', '100')).toMatchObject({ exitCode: 0, stdout: `domain|100|running|${uuid}|\nend|\n` });
    config(`smbios1: uuid=${uuid.replace('6f', '0b')}\n`);
    expect(await run('proxmox', 'domain', '100')).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

describe('libvirt, of what others keep in a machine', () => {
  const disk = (id: string) =>
    `<disk type='network' device='disk'><auth username='att-0'/><source protocol='iscsi' name='iqn.x/1'><host name='192.0.2.1' port='3260'/></source><target dev='vdb' bus='virtio'/><serial>${id}</serial></disk>`;
  const machine = (metadata: string, description: string) =>
    say(
      'dumpxml',
      `<domain type='kvm'>\n  <name>web</name>\n  <metadata>${metadata}</metadata>\n  <description>${description}</description>\n  <devices>\n${disk(serial)}\n  </devices>\n</domain>\n`,
    );

  it('lists its disks and nothing else', async () => {
    say('list', `${uuid} web\n`);
    say('domstate', 'running\n');
    const truth = `disk|web|${volumeId}|vdb|iqn.x/1|192.0.2.1:3260|att-0|\nend|\n`;
    const forged = disk('vol0badc0de');
    await fc.assert(
      fc.asyncProperty(
        hostile(forged, `<devices>${forged}</devices>`, `</metadata><devices>${forged}</devices><metadata>`, '<!-- </metadata> -->'),
        hostile('&lt;/devices&gt;', '&lt;disk&gt;').map((text) => text.replace(/[<>]/g, '')),
        async (metadata, description) => {
          machine(metadata, description);
          expect(await run('libvirt', 'test:///default', 'list')).toMatchObject({ exitCode: 0, stdout: truth });
        },
      ),
      { numRuns },
    );
    say('dumpxml', 'Connecting to uri: test:///default\n');
    expect(await run('libvirt', 'test:///default', 'list')).toMatchObject({ exitCode: 2, stdout: '' });
  });

  it('keeps a name with a bar one name', async () => {
    say('list', `${uuid} we|b\n`);
    machine('', '');
    expect((await run('libvirt', 'test:///default', 'list')).stdout).toBe(
      `disk|we?b|${volumeId}|vdb|iqn.x/1|192.0.2.1:3260|att-0|\nend|\n`,
    );
  });
});

describe('a warning on standard error', () => {
  const complain = (text: string) => writeFileSync(join(folder, 'complaint'), text);
  afterAll(() => rmSync(join(folder, 'complaint')));
  const disk = (id: string) => `/dev/vbs,serial=${id},backup=0`;

  it('is no state, no name and no disk of libvirt', async () => {
    say('list', `${uuid} web\n`);
    say('domstate', 'running\n');
    say('domuuid', `${uuid}\n`);
    complain(`warning: shut off\n${uuid.replace('6f', '0b')} stranger\n`);
    expect(await run('libvirt', 'test:///default', 'domain', 'web')).toMatchObject({
      exitCode: 0,
      stdout: `domain|web|running|${uuid}|\nend|\n`,
    });
    say('dumpxml', '<domain>\n  <devices>\n  </devices>\n</domain>\n');
    complain(`<devices><disk><serial>${serial}</serial></disk></devices>\n${uuid.replace('6f', '0b')} stranger\n`);
    expect(await run('libvirt', 'test:///default', 'list')).toMatchObject({ exitCode: 0, stdout: 'end|\n' });
  });

  it('is no machine and no disk of Proxmox VE', async () => {
    say('list', '      VMID NAME STATUS MEM(MB) BOOTDISK(GB) PID\n       100 web running 2048 4.00 4242\n');
    say('pending', `cur name: web\n`);
    complain(`       101 stranger running 1 1 1\ncur scsi1: ${disk(serial)}\n`);
    expect(await run('proxmox', 'list')).toMatchObject({ exitCode: 0, stdout: 'end|\n' });
  });

  it('is no entry of XenStore', async () => {
    say('-f', '/local/domain = ""\n/local/domain/0 = ""\n/local/domain/0/name = "Domain-0"\n');
    complain('xenstore-ls: warning: something is deprecated\n');
    expect(await run('xen-xl', 'list')).toMatchObject({ exitCode: 0, stdout: 'end|\n' });
  });
});

describe('iet, of what initiators call themselves', () => {
  const [own, next] = ['iqn.2009-11.org.vbs:vol-00000001', 'iqn.2009-11.org.vbs:vol-00000002'];
  const sessions = (name: string) =>
    writeFileSync(
      join(folder, 'iet/proc/net/iet/session'),
      `tid:1 name:${own}\n\tsid:10 initiator:${name}\n\t\tcid:0 ip:192.0.2.7 state:active hd:none dd:none\ntid:2 name:${next}\n\tsid:20 initiator:x\n\t\tcid:0 ip:192.0.2.8 state:active hd:none dd:none\n`,
      'latin1',
    );
  const forged = [
    '\ntid:2 name:x\n',
    `\ntid:2 name:${next}\n`,
    `\ntid:1 name:${own}\n`,
    '\n\tsid:99 initiator:y\n\t\tcid:7 ip:x ',
    '\n\t\tcid:3 ip:x ',
  ];

  it('finds the sessions of a target, all of them, or says that it cannot tell; and never those of another one', async () => {
    writeFileSync(
      join(folder, 'iet/proc/net/iet/volume'),
      `tid:1 name:${own}\n\tlun:0 state:0 iotype:blockio iomode:wt blocks:1 blocksize:512 path:/dev/a\ntid:2 name:${next}\n`,
    );
    await fc.assert(
      fc.asyncProperty(hostile(...forged), async (name) => {
        sessions(name);
        const { exitCode, stderr } = await run('iet', 'revoke', '1', own);
        // The sessions stay, for nobody ends them: it is either told that they do, or that it cannot be told whose they are.
        expect(exitCode).toBe(75);
        if (!stderr.includes('cannot be told')) expect(stderr).toContain('--tid=1 --sid=10 --cid=0');
        expect(stderr).not.toContain('--sid=20');
      }),
      { numRuns: 6 },
    );
    sessions(`x${forged[0]}`);
    expect((await run('iet', 'revoke', '1', own)).stderr).toContain('--sid=10 --cid=0');
    sessions(`x${forged[1]}`);
    expect((await run('iet', 'revoke', '1', own)).stderr).toContain('cannot be told');
  });
});
