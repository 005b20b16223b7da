import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exportServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { CommandResult, HostCommand } from '../../src/drivers/command/host.ts';
import { localEnvironment } from '../../src/drivers/command/local-host.ts';
import type { AccessSpec, ExportServer, ExportSpec } from '../../src/drivers/export-server.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';
import { describeThing } from './thing-suite.ts';

const fakes = fileURLToPath(new URL('fakes', import.meta.url));
const prefix = 'iqn.2009-11.org.vbs:';
const volumeId = 'vol-0123456789abcdef0';
const otherId = 'vol-89abcdef';
const portal = '192.0.2.1:3260';
const bytes = 16 * 1024 ** 2;
const target = prefix + volumeId;
const access: AccessSpec = {
  target,
  initiatorName: 'iqn.2009-11.org.vbs:att-0123456789abcdef0',
  chapUser: 'att-0123456789abcdef0',
  chapSecret: 'Xq7_sEcret-4Kz9w',
};
const rightly = { initiator: access.initiatorName, user: access.chapUser, secret: access.chapSecret };

let root = '';
let daemon: ChildProcess;
let server: ExportServer;
let run: (...argv: readonly string[]) => Promise<CommandResult>;
const environment = () => ({ IET_ROOT: root, IET_SOCKET: socket, PATH: `${fakes}:${localEnvironment.PATH}` });
const socket = `vbs-test-${randomUUID()}`;
const volume = (): ExportSpec => ({ volumeId, target, path: join(root, 'disk'), bytes });
const mood = (text: string) => writeFile(join(root, 'mood'), text);
const allowFile = () => join(root, 'etc/iet/initiators.allow');
const allowed = () => readFile(allowFile(), 'utf8');
const shown = (name: string) => readFile(join(root, 'proc/net/iet', name), 'utf8');
const shipped = '# IET comes with this\nALL ALL\n';
const ietadm = async (...argv: readonly string[]) => {
  const result = await run('ietadm', ...argv);
  if (result.exitCode !== 0) throw new Error(`${result.exitCode}: ${result.stderr}`);
  return result.stdout;
};

/** Whether the stand-in's ietd lets somebody in. */
async function logIn({ initiator, user, secret }: typeof rightly, tid = 1): Promise<boolean> {
  const program = `use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, pack('S x a107', AF_UNIX, $ENV{IET_SOCKET})) or die "$!";
    syswrite $s, pack('a2072', pack('L L Q L L L a255 x a255 x', 1000, ${tid}, 0, 0, 0, 0, $ARGV[0], $ARGV[1])); my $a = '';
    while (length $a < 2076) { sysread($s, $a, 2076, length $a) or die "no answer" } exit(unpack('l', substr $a, -4) == 0 ? 0 : 1)`;
  return (await run('perl', '-e', program, initiator, `${user} ${secret}`)).exitCode === 0;
}

async function startDaemon(): Promise<void> {
  daemon = spawn(join(fakes, 'ietd'), { env: { ...process.env, ...environment() }, stdio: ['ignore', 'pipe', 'inherit'] });
  if (daemon.stdout === null) throw new Error('no output');
  await once(daemon.stdout, 'data');
}

async function stopDaemon(): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const ended = once(daemon, 'exit');
  daemon.kill('SIGKILL');
  await ended;
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'vbs-iet-'));
  for (const name of ['proc/net/iet', 'etc/iet']) await mkdir(join(root, name), { recursive: true });
  for (const name of ['disk', 'other']) {
    await writeFile(join(root, name), '');
    await truncate(join(root, name), bytes);
  }
  await writeFile(allowFile(), shipped);
  await startDaemon();
  const pattern = shippedBackends.pattern('export-server', 'iet');
  const context = contextHere(pattern, { portal });
  const runHere = (command: HostCommand) => context.host.run({ ...command, env: { ...command.env, ...environment() } });
  run = (...argv) => runHere({ argv, timeoutMs: 60_000 });
  server = exportServerFromPattern(pattern, { ...context, host: { name: 'vs1', run: runHere } });
});
afterAll(async () => {
  await stopDaemon();
  await rm(root, { recursive: true });
});
beforeEach(() => mood(''));

describeThing('an export by IET', {
  thing: () => server.export,
  spec: volume,
  listedName: () => target,
  checkFacts: (facts) => expect(facts).toEqual({ portal, lun: 0 }),
  partial: {
    'a crash before the LUN': async () => {
      await ietadm('--op', 'new', '--tid=7', '--params', `Name=${target}`);
    },
    'a target that an administrator opened to everybody': async (spec) => {
      await server.export.make(spec);
      await writeFile(allowFile(), shipped);
    },
  },
  different: {
    'another file behind its name': async (spec) => {
      const other = { ...spec, path: join(root, 'other') };
      await server.export.make(other);
      return async () => {
        await server.export.unmake(other);
      };
    },
    'another target of its file': async ({ path }) => {
      const other = { volumeId: otherId, target: prefix + otherId, path, bytes };
      await server.export.make(other);
      return async () => {
        await server.export.unmake(other);
      };
    },
    'one that refuses writes': async (spec) => {
      const readOnly = { ...spec, readOnly: true };
      await server.export.make(readOnly);
      expect(await shown('volume')).toContain('iomode:ro');
      return async () => {
        await server.export.unmake(readOnly);
      };
    },
  },
});

describe('IET', () => {
  it('has a target that nobody may log in to, whatever the file of initiators says below', async () => {
    await server.export.make(volume());
    expect(await allowed()).toBe(`${target} \n${shipped}`);
    expect(await logIn(rightly)).toBe(false);
    await server.export.unmake(volume());
    expect(await allowed()).toBe(shipped);
  });

  it('is given the serial number, and as much of its end as it keeps of an id', async () => {
    const commands = await server.export.make(volume());
    expect(JSON.stringify(commands)).toContain('ScsiId=123456789abcdef0,ScsiSN=vol0123456789abcdef0,IOMode=wt');
    await server.export.unmake(volume());
  });

  it('keeps accounts of a number that has no target, which the next target does not inherit', async () => {
    await ietadm('--op', 'new', '--tid=1', '--user', '--params=IncomingUser=stranger,Password=0123456789abcdef');
    await server.export.make(volume());
    expect(await ietadm('--op', 'show', '--tid=1', '--user')).toBe('');
    await server.export.unmake(volume());
  });

  it('is refused beside a file that turns its rules round, and nothing is made', async () => {
    const deny = join(root, 'etc/iet/initiators.deny');
    await writeFile(deny, '');
    await expect(server.export.make(volume())).rejects.toMatchObject({ message: expect.stringContaining('initiators.deny') });
    expect(await shown('volume')).toBe('');
    expect(await allowed()).toBe(shipped);
    await rm(deny);
  });

  it('keeps what was so without the file of initiators: others are open to everybody, ours are not', async () => {
    await rm(allowFile());
    await server.export.make(volume());
    expect(await allowed()).toBe(`${target} \nALL ALL\n`);
    await server.export.unmake(volume());
    await writeFile(allowFile(), shipped);
  });

  it('says what it refused, and leaves nothing once it is undone', async () => {
    const missing = { ...volume(), path: join(root, 'nowhere') };
    await expect(server.export.make(missing)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/make the LUN of .*: No such file or directory/),
    });
    expect((await server.export.look(missing)).value.state).toBe('partial');
    await server.export.unmake(missing);
    expect(await shown('volume')).toBe('');
    expect(await allowed()).toBe(shipped);
  });

  it('has nothing to undo when it does not run, but its line in the file', async () => {
    await server.export.make(volume());
    await stopDaemon();
    await rm(join(root, 'proc/net/iet'), { recursive: true });
    expect((await server.export.look(volume())).value.state).toBe('absent');
    await server.export.unmake(volume());
    expect(await allowed()).toBe(shipped);
    await expect(server.export.list()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(server.export.make(volume())).rejects.toMatchObject({ kind: 'unavailable' });
    await mkdir(join(root, 'proc/net/iet'));
    await startDaemon();
  });
});

describe('an exported volume', () => {
  beforeAll(async () => {
    await mood('');
    await server.export.make(volume());
    return async () => {
      await server.export.unmake(volume());
    };
  });

  describeThing('an access by IET', {
    thing: () => server.access,
    spec: () => access,
    listedName: () => target,
    checkFacts: (facts) => expect(facts).toEqual({}),
    secrets: ({ chapSecret }) => [chapSecret],
    partial: {
      'a crash before the initiator': async () => {
        await ietadm('--op', 'new', '--tid=1', '--user', `--params=IncomingUser=${access.chapUser},Password=0123456789abcdef`);
      },
    },
    different: {
      'leave for another initiator': async () => {
        await server.access.make({ ...access, initiatorName: 'iqn.1993-08.org.debian:01:abcdef' });
        return async () => {
          await server.access.unmake({ ...access, initiatorName: 'iqn.1993-08.org.debian:01:abcdef' });
        };
      },
      'a second account': async () => {
        await server.access.make(access);
        await ietadm('--op', 'new', '--tid=1', '--user', '--params=IncomingUser=stranger,Password=0123456789abcdef');
        return async () => {
          await ietadm('--op', 'delete', '--tid=1', '--user', '--params=IncomingUser=stranger');
          await server.access.unmake(access);
        };
      },
    },
  });

  it('lets in the one initiator with the one secret', async () => {
    await server.access.make(access);
    expect(await logIn({ ...rightly, secret: 'another-secret-1' })).toBe(false);
    expect(await logIn({ ...rightly, initiator: 'iqn.1993-08.org.debian:01:abcdef' })).toBe(false);
    // A dot of a name stands for itself, though ietd reads names as regular expressions.
    expect(await logIn({ ...rightly, initiator: access.initiatorName.replaceAll('.', 'x') })).toBe(false);
    expect(await logIn(rightly)).toBe(true);
    await server.access.unmake(access);
  });

  it('lets in with the secret that was given last', async () => {
    await server.access.make(access);
    await server.access.unmake(access);
    await ietadm('--op', 'new', '--tid=1', '--user', `--params=IncomingUser=${access.chapUser},Password=0123456789abcdef`);
    await server.access.make(access);
    expect(await logIn({ ...rightly, secret: '0123456789abcdef' })).toBe(false);
    expect(await logIn(rightly)).toBe(true);
    await server.access.unmake(access);
  });

  it('ends the sessions of an access, and they cannot come back', async () => {
    await server.access.make(access);
    expect(await logIn(rightly)).toBe(true);
    await mood('returns');
    await server.access.unmake(access);
    expect(await shown('session')).not.toContain('sid:');
  });

  it('is not removed while a session lasts, at which ietd would end and all targets with it', async () => {
    await server.access.make(access);
    expect(await logIn(rightly)).toBe(true);
    await mood('holds');
    await expect(server.export.unmake(volume())).rejects.toMatchObject({ message: expect.stringContaining('hold on to') });
    expect(daemon.exitCode).toBe(null);
    expect(await shown('volume')).toContain(target);
    await mood('');
    await server.export.unmake(volume());
    expect(daemon.exitCode).toBe(null);
    expect(await shown('volume')).toBe('');
    await server.export.make(volume());
  });
});
