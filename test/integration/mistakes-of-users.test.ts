import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../bin/vbs.js', import.meta.url));
const quickstart = fileURLToPath(new URL('../../scripts/quickstart.sh', import.meta.url));

describe('no mistake of a user ends in a stack trace:', () => {
  let folder: string;
  const file = (name: string, text: string) => writeFileSync(join(folder, name), text);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vbs-mistakes-'));
    file('text', 'no folder\n');
    mkdirSync(join(folder, 'other-database'));
    file('other-database/vbs.db', 'This is a text of some length, which begins as no database does.\n'.repeat(100));
    mkdirSync(join(folder, 'folder-for-database/vbs.db'), { recursive: true });
    mkdirSync(join(folder, 'empty'));
    mkdirSync(join(folder, 'damaged-database'));
    // The head of a database, and nothing that belongs behind it.
    file('damaged-database/vbs.db', `SQLite format 3\0${'\x10\0\x01\x01\0@  '.repeat(1000)}`);
    mkdirSync(join(folder, 'folder.yaml'));
    file('flags.yaml', 'log: {level: [}\nregion: a: b\n');
    file('socket.yaml', 'vmmHosts:\n  - name: here\n    vmm:\n      driver: qemu\n      settings: { qmpSocket: /run/vbs.qmp }\n');
    const server = (driver: string) => `{ driver: ${driver}, settings: { volumeGrop: vbs } }`;
    file(
      'many.yaml',
      `volumeServers:
  - name: vs1
    volumes: ${server('lvm-thick')}
    exports: { driver: none }
vmmHosts:
  - name: here
    vmm: { driver: qemuu }
  - name: there
    vmm:
      driver: qemu
      settings:
        attachTimeoutSeconds: 30
        qmpSocket: /run/vbs.qmp
`,
    );
    file('log.yaml', `log: { file: ${folder} }\n`);
    file('drivers.yaml', `driverFolders: [${join(folder, 'none')}]\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const serve = ['serve', '--listen', '127.0.0.1:0'];

  it.each<[string, readonly string[], number, RegExp]>([
    ['a socket without the domain', [...serve, '--config', 'socket.yaml', '--state', 'new'], 2, /^vbs: socket\.yaml:5: .*\{domain\} once/],
    [
      'settings with mistakes about four drivers',
      [...serve, '--config', 'many.yaml', '--state', 'new'],
      2,
      /^vbs: many\.yaml:3: .*did you mean "volumeGroup"\?.*\nmany\.yaml:3: .*needs the setting "volumeGroup".*\nmany\.yaml:4: .*"none".*\nmany\.yaml:7: .*"qemuu".*\nmany\.yaml:13: .*\{domain\}/,
    ],
    ['a log that is a folder', [...serve, '--config', 'log.yaml', '--state', 'new'], 2, /^vbs: log\.yaml:1: .* is a folder; name a file/],
    [
      'a folder of drivers that is not there',
      [...serve, '--config', 'drivers.yaml', '--state', 'new'],
      2,
      /^vbs: drivers\.yaml:1: .*there is no folder .*none/,
    ],
    ['a look at hosts by drivers that are not there', ['doctor', '--config', 'drivers.yaml'], 2, /^vbs: drivers\.yaml:1: /],
    ['a backup that is not named', ['backup', '--state', 'empty'], 2, /missing required argument/],
    ['no backup to restore', ['restore', 'none.db', '--state', 'empty'], 1, /^vbs: .*none\.db/],
    ['settings that are a folder', [...serve, '--config', '.', '--state', 'new'], 2, /^vbs: settings file \.: it cannot be read/],
    ['a state folder that is a file', [...serve, '--simulate', '--state', 'text'], 1, /^vbs: the state folder .*text cannot be written/],
    ['a database that is none', [...serve, '--simulate', '--state', 'other-database'], 1, /^vbs: the database .* is no database of VBS/],
    ['a database that is a folder', [...serve, '--simulate', '--state', 'folder-for-database'], 1, /^vbs: the database .* is a folder/],
    [
      'the keys of a database that is none',
      ['credentials', 'list', '--state', 'other-database'],
      1,
      /^vbs: the database .* is no database/,
    ],
    ['a key for a state folder that is a file', ['credentials', 'add', '--new-state', '--state', 'text'], 1, /^vbs: the state folder/],
    ['the operations of no service', ['operations', 'list', '--state', 'empty'], 1, /^vbs: there is no VBS state in empty/],
    ['an address that is none', ['describe-volumes', '--endpoint', 'nonsense'], 2, /^vbs: nonsense is no address of an endpoint/],
    ['a driver that is not there', ['drivers', 'lint', 'none.yaml'], 2, /^vbs: none\.yaml cannot be read/],
    ['a command that there is not', ['serv'], 2, /unknown command 'serv'[\s\S]*serve/],
    ['no command', [], 2, /Usage: vbs/],
    ['the keys of a database that is damaged', ['credentials', 'list', '--state', 'damaged-database'], 1, /^vbs: the database .* is /],
    ['a driver that is a folder', ['drivers', 'lint', 'folder.yaml'], 2, /^vbs: folder\.yaml cannot be read \(EISDIR\)/],
    ['settings that are no YAML', [...serve, '--config', 'flags.yaml'], 2, /^vbs: flags\.yaml:1: /],
    ['an instance of settings that are not there', ['resolve', 'i-1', '--config', 'none'], 2, /^vbs: settings file none: there is no such/],
    ['a hardly wrong option', ['credentials', 'add', '--acount', '1'], 2, /unknown option '--acount'\n\(Did you mean --account\?\)/],
    ['a hardly wrong command', ['volumes', 'lst'], 2, /unknown command 'lst'\n\(Did you mean list\?\)/],
    ['an endpoint where nothing answers', ['describe-volumes', '--endpoint', 'http://127.0.0.1:1'], 3, /^vbs: nothing answers at/],
    ['doctor with a socket that is none', ['doctor', '--config', 'text'], 2, /^vbs: /],
  ])('%s', async (_, words, exitCode, message) => {
    await expectRefused(words, exitCode, message);
  });

  const environment = { AWS_ACCESS_KEY_ID: 'AKIAMISTAKES', AWS_SECRET_ACCESS_KEY: 'of-no-service-at-all' };
  const run = (words: readonly string[], options: { readonly uid?: number } = {}) =>
    execa(process.execPath, [program, ...words], { cwd: folder, reject: false, timeout: 120_000, input: '', env: environment, ...options });

  async function expectRefused(words: readonly string[], exitCode: number, message: RegExp, options: { readonly uid?: number } = {}) {
    const ran = await run(words, options);
    expect({ exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ exitCode, stderr: expect.stringMatching(message) });
    expect(ran.stderr).not.toMatch(/\n[ |]*\s+at |main\.cjs/);
  }

  it('an option that a command has not, whichever command it is', async () => {
    const commands = await commandsOf([]);
    expect(commands.map((words) => words.join(' '))).toEqual(
      expect.arrayContaining(['serve', 'create-volume', 'credentials add', 'backup']),
    );
    for (const command of commands) {
      await expectRefused([...command, '--no-such-option'], 2, /^error: unknown option '--no-such-option'/);
    }
  });

  /** As the help of the program itself tells; a command with commands of its own is taken for these. */
  async function commandsOf(words: readonly string[]): Promise<readonly (readonly string[])[]> {
    const { stdout } = await run([...words, '--help']);
    const [, section = ''] = /^Commands:\n((?: .*\n?)+)/m.exec(`${stdout}\n`) ?? [];
    const names = [...section.matchAll(/^ {2}([a-z][a-z-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
    if (names.length === 0) return [words];
    const nested: (readonly string[])[] = [];
    for (const name of names) nested.push(...(await commandsOf([...words, name])));
    return nested;
  }

  it('an address that another process has, for the service or its metrics, and one where something else answers', async () => {
    const other = createServer((_, answer) => void answer.end('<html><meta></html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
      file('metrics.yaml', `metrics: { listen: ${taken} }\n`);
      await expectRefused(['serve', '--simulate', '--listen', taken, '--state', 'taken'], 1, /^vbs: .* is in use by another process/);
      await expectRefused(
        [...serve, '--simulate', '--config', 'metrics.yaml', '--state', 'taken'],
        1,
        /^vbs: .* is in use by another process/,
      );
      await expectRefused(['describe-volumes', '--endpoint', `http://${taken}`], 3, /^vbs: what answers at http:.* is not VBS/);
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  it('a disk without room, for a key and for the service', async (test) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    for (const [sizeKiB, fill] of [
      [64, false],
      [1024, true],
    ] as const) {
      const mounted = await execa('mount', ['-t', 'tmpfs', '-o', `size=${sizeKiB}k`, 'tmpfs', disk], { reject: false });
      if (mounted.exitCode !== 0) return test.skip('a small file system can be mounted by root only');
      try {
        if (fill) {
          expect(await run(['credentials', 'add', '--new-state', '--state', 'disk/state'])).toMatchObject({ exitCode: 0 });
          expect(() => writeFileSync(join(disk, 'ballast'), Buffer.alloc(2 * 1024 * 1024))).toThrow('ENOSPC');
        }
        await expectRefused(
          ['credentials', 'add', '--new-state', '--state', 'disk/state'],
          1,
          /^vbs: the database .* cannot be written.*make room/,
        );
        await expectRefused([...serve, '--simulate', '--state', 'disk/state'], 1, /^vbs: the database .* cannot be written.*make room/);
      } finally {
        await execa('umount', ['--lazy', disk]);
      }
    }
  });

  it('a backup into a folder that is not there, and to where something is', async () => {
    expect(await run(['credentials', 'add', '--new-state', '--state', 'kept'])).toMatchObject({ exitCode: 0 });
    await expectRefused(['backup', 'none/b.db', '--state', 'kept'], 1, /^vbs: .*none/);
    await expectRefused(['backup', 'text', '--state', 'kept'], 1, /^vbs: .*text/);
  });

  it('files that are not readable for who gives the command', async (test) => {
    if (process.getuid?.() !== 0) return test.skip('only root can be somebody else');
    const nobody = { uid: 65_534 };
    chmodSync(folder, 0o755);
    file('secret.yaml', 'region: here\n');
    chmodSync(join(folder, 'secret.yaml'), 0o600);
    expect(await run(['credentials', 'add', '--new-state', '--state', 'roots'])).toMatchObject({ exitCode: 0 });
    await expectRefused([...serve, '--config', 'secret.yaml'], 2, /^vbs: settings file secret\.yaml: it cannot be read \(EACCES\)/, nobody);
    await expectRefused(['drivers', 'lint', 'secret.yaml'], 2, /^vbs: secret\.yaml cannot be read \(EACCES\)/, nobody);
    await expectRefused(['credentials', 'list', '--state', 'roots'], 1, /^vbs: /, nobody);
    await expectRefused(['credentials', 'add', '--new-state', '--state', 'roots'], 1, /^vbs: /, nobody);
    expect(readFileSync(join(folder, 'secret.yaml'), 'utf8')).toBe('region: here\n');
  });

  it('a quickstart with an option that it has not', async () => {
    const ran = await execa('sh', [quickstart, '--exti'], { reject: false });
    expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^usage: npm run quickstart/) });
    expect(await execa('sh', [quickstart, '--help'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^usage/) });
  });
});
