import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptsFolderOf } from '../../src/drivers/command/catalogue.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import type { Host } from '../../src/drivers/command/host.ts';
import { localHost } from '../../src/drivers/command/local-host.ts';
import { ensureTgtDaemon, type TgtDaemon } from '../../src/drivers/command/tgt-daemon.ts';
import { withTgtadm } from '../../src/drivers/command/tgtadm-built-in.ts';
import { shippedBackends } from './shipped-backend.ts';

const programs = localHost('here', systemClock);
const scripts = scriptsFolderOf(shippedBackends.pattern('export-server', 'tgt'));
const secret = 'Xq7_sEcret-4Kz9w';
const timeoutMs = 30_000;

interface Side {
  readonly host: Host;
  readonly folder: string;
  readonly daemon: TgtDaemon;
}
const sides: Side[] = [];
let disk = '';

beforeAll(async () => {
  disk = join(await mkdtemp(join(tmpdir(), 'vbs-built-in-')), 'disk');
  await writeFile(disk, '');
  await truncate(disk, 1024 ** 2);
  // What is built in shall not fall back on programs here.
  const nothing: Host = { name: 'here', run: ({ argv }) => Promise.reject(new Error(`${argv[0]} was run as a program`)) };
  for (const host of [programs, withTgtadm(nothing, systemClock)]) {
    const folder = await mkdtemp(join(tmpdir(), 'vbs-built-in-'));
    const daemon = await ensureTgtDaemon({ portal: '127.0.0.1:0' }, { stateFolder: folder, host: programs, clock: systemClock });
    sides.push({ host, folder, daemon });
  }
});

afterAll(async () => {
  for (const { folder } of sides) {
    process.kill(Number(await readFile(join(folder, 'tgtd', 'tgtd.pid'), 'utf8')), 'SIGKILL');
    await rm(folder, { recursive: true });
  }
  await rm(join(disk, '..'), { recursive: true });
});

describe('what is built in, beside the programs on a tgtd of their own', () => {
  const target = (tid: number, name: string, path = disk, readOnly = 'No') => [
    `${scripts}/tgt-target`,
    String(tid),
    `iqn.2009-11.org.vbs:${name}`,
    path,
    'id-1',
    'sn-1',
    readOnly,
  ];
  const account = (tid: number, user: string) => ({
    argv: [`${scripts}/tgt-account`, String(tid), 'iqn.1993-08.org.debian:01:abc'],
    stdin: `${user}\n${secret}\n`,
  });
  const show = { argv: ['tgtadm', '--lld', 'iscsi', '--op', 'show', '--mode', 'target'] };
  const list = { argv: [`${scripts}/tgt-list`] };

  it.each([
    ['lists nothing', show, 0],
    ['lists no rows', list, 0],
    ['makes a target with its LUN and identity', { argv: target(1, 'one') }, 0],
    ['lists it', show, 0],
    ['makes a read-only target', { argv: target(5, 'locked', disk, 'Yes') }, 0],
    ['lists both targets', show, 0],
    ['is refused a number that is taken', { argv: target(1, 'two') }, 22],
    ['is refused a file that is not there', { argv: target(2, 'three', '/no/such/file') }, 22],
    ['gives an account and an initiator leave', account(1, 'att-1'), 0],
    ['gives it again', account(1, 'att-1'), 0],
    ['lists both', show, 0],
    ['lists them as rows', list, 0],
    ['lists them as rows for one of them', { argv: [...list.argv, 'iqn.2009-11.org.vbs:one'] }, 0],
    ['is refused an account for a target that is not there', account(9, 'att-9'), 22],
    ['lists what is left', show, 0],
  ] as const)('%s', async (_what, command, exitCode) => {
    const [byProgram, builtIn] = await Promise.all(sides.map((side) => runOn(side, command)));
    expect(builtIn).toEqual(byProgram);
    expect(builtIn).toMatchObject({ exitCode });
    expect(JSON.stringify(builtIn)).not.toContain(secret);
  });

  it('lists the portals of a tgtd', async () => {
    for (const { daemon } of sides) {
      const command = {
        argv: ['tgtadm', '--lld', 'iscsi', '--op', 'show', '--mode', 'portal'],
        env: { TGT_IPC_SOCKET: daemon.controlSocket },
      };
      const [byProgram, byBuiltIn] = await Promise.all(
        [programs, withTgtadm(programs, systemClock)].map((host) => host.run({ ...command, timeoutMs })),
      );
      expect(byBuiltIn?.stdout).toBe(byProgram?.stdout);
      expect(byBuiltIn).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(daemon.portal) });
    }
  });

  it('leaves no account behind whose target was not there', async () => {
    const accounts = await Promise.all(
      sides.map(({ daemon }) =>
        programs.run({
          argv: ['tgtadm', '--lld', 'iscsi', '--op', 'show', '--mode', 'account'],
          env: { TGT_IPC_SOCKET: daemon.controlSocket },
          timeoutMs,
        }),
      ),
    );
    for (const { stdout } of accounts) {
      expect(stdout).toContain('att-1');
      expect(stdout).not.toContain('att-9');
    }
  });
});

describe('where it cannot tell', () => {
  const show = ['tgtadm', '--lld', 'iscsi', '--op', 'show', '--mode', 'target'];
  const builtIn = withTgtadm(programs, systemClock);

  it('exits as tgtadm does without a tgtd', async () => {
    const env = { TGT_IPC_SOCKET: join(tmpdir(), 'vbs-no-such-tgtd') };
    for (const host of [programs, builtIn]) {
      expect(await host.run({ argv: show, env, timeoutMs })).toMatchObject({ exitCode: 107, timedOut: false });
      expect(await host.run({ argv: [`${scripts}/tgt-list`], env, timeoutMs })).toMatchObject({
        exitCode: 107,
        stdout: '',
        timedOut: false,
      });
    }
  });

  it.each([
    ['that says nothing', false, true],
    ['that closes the connection', true, false],
  ])('sees no exit of a tgtd %s', async (_what, closes, timedOut) => {
    const folder = await mkdtemp(join(tmpdir(), 'vbs-built-in-'));
    const silent = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      if (closes) socket.end();
    });
    await new Promise<void>((resolve) => void silent.listen(join(folder, 'control.0'), resolve));
    const seen = await builtIn.run({ argv: show, env: { TGT_IPC_SOCKET: join(folder, 'control') }, timeoutMs: 200 });
    expect(seen).toMatchObject({ timedOut });
    expect(seen).not.toHaveProperty('exitCode');
    await new Promise((resolve) => void silent.close(resolve));
    await rm(folder, { recursive: true });
  });

  it('leaves to the programs what it does not know, and what they refuse', async () => {
    const env = { TGT_IPC_SOCKET: sides[0]?.daemon.controlSocket ?? '' };
    const accounts = await builtIn.run({ argv: ['tgtadm', '--lld', 'iscsi', '--op', 'show', '--mode', 'account'], env, timeoutMs });
    expect(accounts).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('att-1') });
    const unusable = { argv: [`${scripts}/tgt-account`, '1', 'iqn.1993-08.org.debian:01:abc'], stdin: `a,b\n${secret}\n`, env, timeoutMs };
    expect(await builtIn.run(unusable)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('the user is empty') });
  });
});

/** Exit, output, and what was asked for in order; the words of a refusal are each program's own. */
async function runOn({ host, daemon }: Side, command: { readonly argv: readonly string[]; readonly stdin?: string }) {
  const { exitCode, stdout, stderr } = await host.run({ ...command, env: { TGT_IPC_SOCKET: daemon.controlSocket }, timeoutMs });
  const asked = stderr.split('\n').filter((line) => /^\+ (exec )?tgt/.test(line));
  return { exitCode, stdout, asked: asked.map((line) => line.replace(/^\+ exec /, '+ ')) };
}
