import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, readlink, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scriptsFolderOf } from '../../src/drivers/command/catalogue.ts';
import { systemClock } from '../../src/drivers/command/clock.ts';
import { exportServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { CommandResult } from '../../src/drivers/command/host.ts';
import { localHost } from '../../src/drivers/command/local-host.ts';
import { ensureTgtDaemon, stopTgtDaemon, type TgtDaemon } from '../../src/drivers/command/tgt-daemon.ts';
import type { DriverError } from '../../src/drivers/driver-error.ts';
import type { AccessSpec, ExportServer, ExportSpec } from '../../src/drivers/export-server.ts';
import { holdManagementSocket } from './held-management-socket.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';
import { describeThing } from './thing-suite.ts';

const prefix = 'iqn.2009-11.org.vbs:';
const bytes = 16 * 1024 ** 2;
const host = localHost('here', systemClock);

let folder = '';
let daemon: TgtDaemon;
let server: ExportServer;

const exportOf = (volumeId: string): ExportSpec => ({ volumeId, target: prefix + volumeId, path: join(folder, `${volumeId}.raw`), bytes });
const volume = (): ExportSpec => exportOf('vol-0123456789abcdef0');
const access = (): AccessSpec => ({
  target: volume().target,
  initiatorName: 'iqn.1993-08.org.debian:01:abcdef',
  chapUser: 'att-0123456789abcdef0',
  chapSecret: 'Xq7_sEcret-4Kz9w',
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-tgt-'));
  daemon = await ensureTgtDaemon({ portal: '127.0.0.1:0' }, { stateFolder: folder, host, clock: systemClock });
  const pattern = shippedBackends.pattern('export-server', 'tgt');
  const { controlSocket, portal } = daemon;
  server = exportServerFromPattern(pattern, contextHere(pattern, { controlSocket, portal }));
  for (const id of ['vol-0123456789abcdef0', 'vol-01234567']) await truncateNew(exportOf(id).path);
});

afterAll(async () => {
  process.kill(await daemonPid(), 'SIGKILL');
  await rm(folder, { recursive: true });
});

describeThing('an export by tgt', {
  thing: () => server.export,
  spec: volume,
  listedName: () => volume().target,
  checkFacts: (facts) => expect(facts).toEqual({ portal: daemon.portal, lun: 1 }),
  partial: {
    'a crash before the LUN': async ({ target }) => {
      await tgtadm('new', 'target', '--tid', '7', '--targetname', target);
    },
    'a crash before the identity': async ({ target, path }) => {
      await tgtadm('new', 'target', '--tid', '7', '--targetname', target);
      await tgtadm('new', 'logicalunit', '--tid', '7', '--lun', '1', '--backing-store', path);
    },
  },
  different: {
    'another file behind its name': ({ target }) => plantTarget(target, exportOf('vol-01234567').path),
    'another target of its file': ({ path }) => plantTarget(`${prefix}vol-89abcdef`, path),
  },
});

describe('an exported volume', () => {
  beforeAll(async () => {
    await server.export.make(volume());
  });
  afterAll(async () => {
    await server.export.unmake(volume());
  });

  describeThing('an access by tgt', {
    thing: () => server.access,
    spec: access,
    listedName: () => access().target,
    checkFacts: (facts) => expect(facts).toEqual({}),
    secrets: ({ chapSecret }) => [chapSecret],
    partial: {
      'a crash before the ACL': async ({ chapUser }) => {
        await tgtadm('new', 'account', '--user', chapUser, '--password', 'anotherSecret123');
        await tgtadm('bind', 'account', '--tid', '1', '--user', chapUser);
      },
    },
    different: {
      'leave for every initiator': async () => {
        await tgtadm('bind', 'target', '--tid', '1', '--initiator-address', 'ALL');
        return async () => {
          await tgtadm('unbind', 'target', '--tid', '1', '--initiator-address', 'ALL');
        };
      },
      'a second initiator beside its own': async ({ initiatorName }) => {
        await tgtadm('bind', 'target', '--tid', '1', '--initiator-name', initiatorName);
        await tgtadm('bind', 'target', '--tid', '1', '--initiator-name', 'iqn.1993-08.org.debian:01:stranger');
        return async () => {
          await tgtadm('unbind', 'target', '--tid', '1', '--initiator-name', initiatorName);
          await tgtadm('unbind', 'target', '--tid', '1', '--initiator-name', 'iqn.1993-08.org.debian:01:stranger');
        };
      },
    },
  });

  it('shows the volume id as its identity', async () => {
    await withAccess(async (spec) => {
      expect((await inquire(spec, 0x83)).stdout).toContain('vol-0123456789abcdef0');
      expect((await inquire(spec, 0x80)).stdout).toContain('vol0123456789abcdef0');
    });
  });

  it('is written through to the disk, so that no write that was answered is lost with its host', async () => {
    const pid = await daemonPid();
    const fds = await readdir(`/proc/${pid}/fd`);
    // A connection of the test before may be closed meanwhile.
    const paths = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    const fdInfo = await readFile(`/proc/${pid}/fdinfo/${fds[paths.indexOf(volume().path)]}`, 'utf8');
    // In octal, O_SYNC of Linux.
    expect(Number.parseInt(/^flags:\s+(\d+)$/m.exec(fdInfo)?.[1] ?? '', 8) & 0o4_010_000).toBe(0o4_010_000);
  });

  it('lets in the initiator with the secret and nobody else', async () => {
    await withAccess(async (spec) => {
      expect((await inquire(spec)).exitCode).toBe(0);
      expect((await inquire({ ...spec, chapSecret: 'wrongWrongWrong1' })).exitCode).not.toBe(0);
      expect((await inquire({ ...spec, initiatorName: 'iqn.1993-08.org.debian:01:stranger' })).exitCode).not.toBe(0);
    });
    expect((await inquire(access())).exitCode).not.toBe(0);
  });

  it('shows in its record what was asked of tgtd, in the words of tgtadm', async () => {
    const record = (await server.access.make(access())).find(({ argv }) => argv[0]?.endsWith('tgt-account'));
    await server.access.unmake(access());
    expect(record?.outputTail).toContain(`--op bind --mode target --tid 1 --initiator-name ${access().initiatorName}`);
    expect(record?.outputTail).toContain(`--op new --mode account --user ${access().chapUser}\n`);
  });

  it('leaves no account behind that belongs to no target', async () => {
    const made = await runScript('tgt-account', ['77', access().initiatorName], `${access().chapUser}\n${access().chapSecret}\n`);
    expect(made).toMatchObject({ exitCode: 22, stderr: expect.stringContaining('did not bind the account to target 77') });
    expect((await tgtadm('show', 'account')).stdout).not.toContain(access().chapUser);
  });

  it('takes the new secret when an account of the same name was left behind', async () => {
    await tgtadm('new', 'account', '--user', access().chapUser, '--password', 'anotherSecret123');
    await withAccess(async (spec) => {
      expect((await inquire(spec)).exitCode).toBe(0);
      expect((await inquire({ ...spec, chapSecret: 'anotherSecret123' })).exitCode).not.toBe(0);
    });
  });

  it('ends the session of an initiator whose access is taken away', async () => {
    await withAccess(async (spec) => {
      await withSession(spec, async () => {
        await server.access.unmake(spec);
        expect((await tgtadm('show', 'conn', '--tid', '1')).stdout).toBe('');
      });
    });
  });

  it('never has the secret where it can be read: not in argv or environment of any process, the log or an error', async () => {
    const spec = access();
    const texts: string[] = [];
    // The script is looked at while it waits for tgtd, with the secret in its memory.
    const held = await holdManagementSocket(join(folder, 'held'), daemon.controlSocket, async () => {
      texts.push(...(await commandLinesNow()));
    });
    try {
      const pattern = shippedBackends.pattern('export-server', 'tgt');
      const { controlSocket } = held;
      await exportServerFromPattern(pattern, contextHere(pattern, { controlSocket, portal: daemon.portal })).access.make(spec);
    } finally {
      await held.close();
      await server.access.unmake(spec);
    }
    // Samples that never saw the command would prove nothing.
    expect(texts.some((text) => text.includes('tgt-account'))).toBe(true);
    expect(texts.filter((text) => text.includes(spec.chapSecret))).toEqual([]);
    expect(await readFile(join(folder, 'tgtd', 'tgtd.log'), 'utf8')).not.toContain(spec.chapSecret);
    const bad = { ...spec, chapSecret: 'with,comma1234567' };
    const error: unknown = await server.access.make(bad).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'DriverError', kind: 'refused' });
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain(bad.chapSecret);
  });
});

describe('a volume that several initiators have access to', () => {
  /** As of sixteen attachments, the most that there are: each knows of all others. */
  const crowd = Array.from({ length: 16 }, (_, index): AccessSpec => {
    const id = `att-${String(index).padStart(17, '0')}`;
    return { ...access(), initiatorName: `${prefix}${id}`, chapUser: id, chapSecret: `s-eCret_${String(index).padStart(8, '0')}` };
  });
  const among = (spec: AccessSpec, all: readonly AccessSpec[] = crowd): AccessSpec => ({
    ...spec,
    besides: all.filter(({ chapUser }) => chapUser !== spec.chapUser),
  });
  const [first, second, third] = crowd as [AccessSpec, AccessSpec, AccessSpec];
  const lists = async () => (await server.access.list()).value;

  beforeEach(async () => {
    await server.export.make(volume());
  });
  afterEach(async () => {
    await server.export.unmake(volume());
    const { stdout } = await tgtadm('show', 'account');
    for (const { chapUser } of crowd.filter((spec) => stdout.includes(spec.chapUser)))
      await tgtadm('delete', 'account', '--user', chapUser);
  });

  it('lets each of them in with its own secret, and lists each', async () => {
    for (const spec of crowd) await server.access.make(among(spec));
    for (const spec of crowd) expect((await server.access.look(among(spec))).value).toEqual({ state: 'present', facts: {} });
    expect(await lists()).toEqual(crowd.map(({ target, initiatorName }) => ({ name: target, initiatorName })));
    for (const spec of [first, crowd.at(-1) ?? first]) expect((await inquire(spec)).exitCode).toBe(0);
    expect((await inquire({ ...first, chapSecret: second.chapSecret })).exitCode).not.toBe(0);
  });

  it('takes one away, ends its session and no other, and never names it again', async () => {
    await server.access.make(among(first));
    await server.access.make(among(second));
    await withSession(first, () =>
      withSession(second, async () => {
        await server.access.unmake(among(first));
        const { stdout } = await tgtadm('show', 'conn', '--tid', '1');
        expect(stdout).toContain(second.initiatorName);
        expect(stdout).not.toContain(first.initiatorName);
        expect((await server.access.look(among(first))).value).toEqual({ state: 'absent' });
        expect((await server.access.look(among(second))).value.state).toBe('present');
        // Twice is as once.
        await server.access.unmake(among(first));
        expect(await lists()).toEqual([{ name: volume().target, initiatorName: second.initiatorName }]);
      }),
    );
    expect((await inquire(first)).exitCode).not.toBe(0);
    expect((await inquire(second)).exitCode).toBe(0);
  });

  it('loses them in any order, and tgtd shows what is left of them at every moment', async () => {
    const some = crowd.slice(0, 5);
    for (const spec of some) await server.access.make(among(spec));
    const left = new Set(some);
    // The middle, the first, the last, and what remains.
    for (const spec of [some[2], some[0], some[4], some[1], some[3]] as AccessSpec[]) {
      const looks = Promise.all(Array.from({ length: 5 }, lists));
      await server.access.unmake(among(spec));
      await looks;
      left.delete(spec);
      expect(await lists()).toEqual([...left].map(({ target, initiatorName }) => ({ name: target, initiatorName })));
      for (const other of left) expect((await inquire(other)).exitCode).toBe(0);
      expect((await inquire(spec)).exitCode).not.toBe(0);
    }
    expect((await tgtadm('show', 'account')).stdout).not.toContain('att-');
  });

  it('shows both what either writes, since all are served through one cache', async () => {
    await server.access.make(among(first));
    await server.access.make(among(second));
    expect(await io(first, 'write -P 0x31 0 4096')).toContain('wrote 4096/4096');
    expect(await io(second, 'read -P 0x31 0 4096', '-r')).not.toContain('Pattern verification failed');
    expect(await io(second, 'write -P 0x32 0 4096')).toContain('wrote 4096/4096');
    expect(await io(first, 'read -P 0x32 0 4096', '-r')).not.toContain('Pattern verification failed');
    expect(await io(first, 'read -P 0x31 0 4096', '-r')).toContain('Pattern verification failed');
  });

  it('is made whole where one access is half made, and the others stay', async () => {
    await server.access.make(among(first));
    await tgtadm('new', 'account', '--user', second.chapUser, '--password', 'anotherSecret123');
    await tgtadm('bind', 'account', '--tid', '1', '--user', second.chapUser);
    expect((await server.access.look(among(second))).value).toEqual({ state: 'partial', missing: 'acl' });
    await withSession(first, async () => {
      await server.access.make(among(second));
      expect((await tgtadm('show', 'conn', '--tid', '1')).stdout).toContain(first.initiatorName);
    });
    expect((await inquire(second)).exitCode).toBe(0);
  });

  it('is a conflict as soon as somebody has access whom no attachment accounts for', async () => {
    await server.access.make(among(first));
    await server.access.make(among(third));
    const withoutThird = among(second, [first, second]);
    expect((await server.access.look(withoutThird)).value).toMatchObject({ state: 'different' });
    await expect(server.access.make(withoutThird)).rejects.toMatchObject({ kind: 'conflict' });
    await tgtadm('bind', 'target', '--tid', '1', '--initiator-address', 'ALL');
    expect((await server.access.look(among(first))).value).toMatchObject({ state: 'different' });
  });
});

describe('an access to a volume that is not exported', () => {
  it('is absent, and cannot be made', async () => {
    expect((await server.access.look(access())).value).toEqual({ state: 'absent' });
    await expect(server.access.make(access())).rejects.toMatchObject({
      kind: 'refused',
      message: 'tgt-account was not run: nothing gives a value for {tid:int}',
    });
    await server.access.unmake(access());
  });
});

describe('exports of volumes whose ids begin alike', () => {
  it('are told apart, and each gets a number of its own', async () => {
    const [short, long] = [exportOf('vol-01234567'), volume()];
    await Promise.all([server.export.make(short), server.export.make(long)]);
    await server.export.unmake(short);
    expect((await server.export.look(short)).value.state).toBe('absent');
    expect((await server.export.look(long)).value.state).toBe('present');
    await server.export.make(short);
    await Promise.all([server.export.unmake(short), server.export.unmake(long)]);
    expect((await server.export.list()).value).toEqual([]);
  });
});

describe('an export in use', () => {
  it('can still be removed when somebody else exports its file too', async () => {
    await server.export.make(volume());
    const removeStranger = await plantTarget(`${prefix}vol-89abcdef`, volume().path);
    expect((await server.export.look(volume())).value.state).toBe('present');
    await server.export.unmake(volume());
    expect((await server.export.look(volume())).value.state).toBe('different');
    await removeStranger();
  });

  it('is fenced: its initiator is cut off and the target is gone', async () => {
    await server.export.make(volume());
    await withAccess(async (spec) => {
      await withSession(spec, async () => {
        await server.export.unmake(volume());
        expect((await server.export.look(volume())).value.state).toBe('absent');
      });
    });
  });

  it('refuses writes through an export that is read-only, and takes it for another one than a writable one', async () => {
    const readOnly = { ...exportOf('vol-01234567'), readOnly: true };
    const { path, target } = readOnly;
    await writeFile(path, Buffer.alloc(bytes, 'data'));
    await server.export.make(readOnly);
    await server.access.make({ ...access(), target });
    try {
      expect((await server.export.look(readOnly)).value.state).toBe('present');
      expect((await server.export.look({ ...readOnly, readOnly: false })).value.state).toBe('different');
      await expect(server.export.make({ ...readOnly, readOnly: false })).rejects.toMatchObject({ kind: 'conflict' });
      expect(await io({ ...access(), target }, 'read -P 0x64 0 1', '-r')).toContain('read 1/1 bytes');
      expect(await io({ ...access(), target }, 'write 0 512')).toContain('LUN is write protected');
      // Past QEMU, which asks first whether it may write: libiscsi's own suite tries every command that does.
      const said = await tryWrites({ ...access(), target });
      for (const command of ['WRITE10', 'WRITE12', 'WRITE16', 'WRITESAME10', 'WRITEVERIFY16', 'ORWRITE']) {
        expect(said).toMatch(new RegExp(`\\[OK\\] ${command} returned .*WRITE_PROTECTED`));
      }
      expect((await readFile(path)).equals(Buffer.alloc(bytes, 'data'))).toBe(true);
    } finally {
      await server.access.unmake({ ...access(), target });
      await server.export.unmake(readOnly);
    }
  });

  it('says what is wrong when the file is not there', async () => {
    const missing = exportOf('vol-ffffffff');
    await expect(server.export.make(missing)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('backing path is missing'),
    });
    expect((await server.export.look(missing)).value.state).toBe('partial');
    const error = (await server.export.make(missing).catch((cause: unknown) => cause)) as DriverError;
    const [record] = error.commands.filter(({ argv }) => argv[0]?.endsWith('tgt-target')).slice(-1);
    expect(record?.exitCode).toBe(22);
    // The last one that was begun is the one that failed.
    const begun = record?.outputTail.split('\n').filter((line) => line.startsWith('+ '));
    expect(begun?.at(-1)).toBe(
      `+ tgtadm --lld iscsi --op new --mode logicalunit --tid 1 --lun 1 --backing-store ${missing.path} --bsoflags sync`,
    );
    await server.export.unmake(missing);
    expect((await server.export.list()).value).toEqual([]);
  });
});

describe('our own tgtd', () => {
  it('is found again on the port that was chosen for it', async () => {
    const again = await ensureTgtDaemon({ portal: '127.0.0.1:0' }, { stateFolder: folder, host, clock: systemClock });
    expect(again).toEqual({ ...daemon, started: false });
  });

  it('refuses a portal that is not the one it listens on, and one that is taken', async () => {
    const context = { stateFolder: folder, host, clock: systemClock };
    await expect(ensureTgtDaemon({ portal: '127.0.0.1:1' }, context)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(daemon.portal),
    });
    const other = await mkdtemp(join(tmpdir(), 'vbs-tgt-'));
    await expect(ensureTgtDaemon({ portal: daemon.portal }, { ...context, stateFolder: other })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(`cannot listen on ${daemon.portal}`),
    });
    await rm(other, { recursive: true });
  });

  it('is stopped only when it has no targets, and then exports nothing', async () => {
    const context = { stateFolder: await mkdtemp(join(tmpdir(), 'vbs-tgt-')), host, clock: systemClock };
    const { controlSocket, portal, started } = await ensureTgtDaemon({ portal: '127.0.0.1:0' }, context);
    expect(started).toBe(true);
    const pattern = shippedBackends.pattern('export-server', 'tgt');
    const own = exportServerFromPattern(pattern, contextHere(pattern, { controlSocket, portal }));
    await own.export.make(volume());
    expect(await stopTgtDaemon(context)).toBe('in use');
    await own.export.unmake(volume());
    expect(await stopTgtDaemon(context)).toBe('stopped');
    expect(await stopTgtDaemon(context)).toBe('not running');
    // Targets live in tgtd's memory, so that without it there surely is none; and none can be made.
    expect((await own.export.look(volume())).value).toEqual({ state: 'absent' });
    await expect(own.export.make(volume())).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('tgtd does not run'),
    });
    await expect(own.export.list()).rejects.toMatchObject({ kind: 'unavailable' });
    const back = await ensureTgtDaemon({ portal: '127.0.0.1:0' }, context);
    expect(back).toEqual({ controlSocket, portal, started: true });
    expect(await stopTgtDaemon(context)).toBe('stopped');
    await rm(context.stateFolder, { recursive: true });
  });
});

async function daemonPid(): Promise<number> {
  return Number(await readFile(join(folder, 'tgtd', 'tgtd.pid'), 'utf8'));
}

async function truncateNew(path: string): Promise<void> {
  await writeFile(path, '');
  await truncate(path, bytes);
}

async function tgtadm(operation: string, mode: string, ...more: readonly string[]): Promise<CommandResult> {
  const argv = ['tgtadm', '--lld', 'iscsi', '--op', operation, '--mode', mode, ...more];
  const result = await host.run({ argv, env: { TGT_IPC_SOCKET: daemon.controlSocket }, timeoutMs: 5_000 });
  if (result.exitCode !== 0) throw new Error(`${argv.join(' ')}: ${result.stderr}`);
  return result;
}

/** Runs a script as the driver would, but with whatever arguments. */
function runScript(name: string, args: readonly string[], stdin: string): Promise<CommandResult> {
  const argv = [join(scriptsFolderOf(shippedBackends.pattern('export-server', 'tgt')), name), ...args];
  return host.run({ argv, env: { TGT_IPC_SOCKET: daemon.controlSocket }, stdin, timeoutMs: 10_000 });
}

async function plantTarget(target: string, path: string): Promise<() => Promise<void>> {
  await tgtadm('new', 'target', '--tid', '7', '--targetname', target);
  await tgtadm('new', 'logicalunit', '--tid', '7', '--lun', '1', '--backing-store', path);
  return async () => {
    await tgtadm('delete', 'target', '--tid', '7');
  };
}

async function withAccess(task: (spec: AccessSpec) => Promise<void>): Promise<void> {
  await server.access.make(access());
  try {
    await task(access());
  } finally {
    await server.access.unmake(access());
  }
}

/** Asks the LUN who it is as an initiator of that name and secret does, with libiscsi. */
function inquire(spec: AccessSpec, page?: number): Promise<CommandResult> {
  return host.run({
    argv: ['iscsi-inq', '-i', spec.initiatorName, ...(page === undefined ? [] : ['-e', '1', '-c', String(page)]), urlOf(spec)],
    env: { LIBISCSI_CHAP_USERNAME: spec.chapUser, LIBISCSI_CHAP_PASSWORD: spec.chapSecret },
    timeoutMs: 10_000,
  });
}

function urlOf({ target }: AccessSpec): string {
  return `iscsi://${daemon.portal}/${target}/1`;
}

/** Runs a task while an initiator is logged in. */
async function withSession(spec: AccessSpec, task: () => Promise<void>): Promise<void> {
  const client = logIn(spec);
  try {
    await expect.poll(async () => (await tgtadm('show', 'conn', '--tid', '1')).stdout).toContain(spec.initiatorName);
    await task();
  } finally {
    client.kill('SIGKILL');
  }
}

/** QEMU's own initiator, which waits for commands that never come. */
function logIn(spec: AccessSpec): ChildProcess {
  const options = `driver=iscsi,transport=tcp,portal=${daemon.portal},target=${spec.target},lun=1,user=${spec.chapUser},password-secret=chap,initiator-name=${spec.initiatorName}`;
  return spawn('qemu-io', ['--object', `secret,id=chap,data=${spec.chapSecret}`, '--image-opts', options], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

/** What QEMU's initiator says of one command of qemu-io. */
async function io(spec: AccessSpec, command: string, ...flags: readonly string[]): Promise<string> {
  const options = `driver=iscsi,transport=tcp,portal=${daemon.portal},target=${spec.target},lun=1,user=${spec.chapUser},password-secret=chap,initiator-name=${spec.initiatorName}`;
  const argv = ['qemu-io', ...flags, '--object', `secret,id=chap,data=${spec.chapSecret}`, '--image-opts', options, '-c', command];
  const { stdout, stderr } = await host.run({ argv, timeoutMs: 60_000 });
  return stdout + stderr;
}

/** What libiscsi's suite has to say of a device that refuses writes. */
async function tryWrites({ target, initiatorName, chapUser, chapSecret }: AccessSpec): Promise<string> {
  const url = `iscsi://${daemon.portal}/${target}/1`;
  const argv = ['iscsi-test-cu', '--dataloss', '--allow-sanitize', '-V', '-i', initiatorName, '--test=SCSI.ReadOnly.ReadOnlySBC', url];
  const env = { LIBISCSI_CHAP_USERNAME: chapUser, LIBISCSI_CHAP_PASSWORD: chapSecret };
  const { stdout, stderr } = await host.run({ argv, env, timeoutMs: 120_000 });
  return stdout + stderr;
}

/** The command line and environment of every process that there is now. */
async function commandLinesNow(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = pids
    .flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`])
    .map((path) => readFile(path, 'utf8').catch(() => ''));
  return Promise.all(texts);
}
