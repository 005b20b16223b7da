import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
    file('socket.yaml', 'vmmHosts:\n  - name: here\n    vmm:\n      driver: qemu\n      settings: { qmpSocket: /run/vbs.qmp }\n');
    file('log.yaml', `log: { file: ${folder} }\n`);
    file('drivers.yaml', `driverFolders: [${join(folder, 'none')}]\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const serve = ['serve', '--listen', '127.0.0.1:0'];

  it.each<[string, readonly string[], number, RegExp]>([
    ['a socket without the domain', [...serve, '--config', 'socket.yaml', '--state', 'new'], 2, /^vbs: socket\.yaml:5: .*\{domain\} once/],
    ['a log that is a folder', [...serve, '--config', 'log.yaml', '--state', 'new'], 1, /^vbs: .*directory/],
    ['a folder of drivers that is not there', [...serve, '--config', 'drivers.yaml', '--state', 'new'], 1, /^vbs: ENOENT.*none/],
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
    ['a key for a state folder that is a file', ['credentials', 'add', '--state', 'text'], 1, /^vbs: the state folder/],
    ['the operations of no service', ['operations', 'list', '--state', 'empty'], 1, /^vbs: there is no VBS state in empty/],
    ['an address that is none', ['describe-volumes', '--endpoint', 'nonsense'], 2, /^vbs: nonsense is no address of an endpoint/],
    ['a driver that is not there', ['drivers', 'lint', 'none.yaml'], 2, /^vbs: none\.yaml cannot be read/],
    ['a command that there is not', ['serv'], 2, /unknown command 'serv'[\s\S]*serve/],
    ['no command', [], 2, /Usage: vbs/],
    ['doctor with a socket that is none', ['doctor', '--config', 'text'], 2, /^vbs: /],
  ])('%s', async (_, words, exitCode, message) => {
    const ran = await execa(process.execPath, [program, ...words], { cwd: folder, reject: false, timeout: 120_000, input: '' });
    expect({ exitCode: ran.exitCode, stderr: ran.stderr }).toEqual({ exitCode, stderr: expect.stringMatching(message) });
    expect(ran.stderr).not.toMatch(/\n\s+at |main\.cjs/);
  });

  it('a quickstart with an option that it has not', async () => {
    const ran = await execa('sh', [quickstart, '--exti'], { reject: false });
    expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/^usage: npm run quickstart/) });
    expect(await execa('sh', [quickstart, '--help'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^usage/) });
  });
});
