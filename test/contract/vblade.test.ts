import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { CommandResult, HostCommand } from '../../src/drivers/command/host.ts';
import type { AccessSpec, ExportServer, ExportSpec } from '../../src/drivers/export-server.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';
import { describeThing } from './thing-suite.ts';

const client = fileURLToPath(new URL('../support/aoe-client', import.meta.url));
const prefix = 'iqn.2009-11.org.vbs:';
const volumeId = 'vol-0123456789abcdef0';
const otherId = 'vol-89abcdef';
const bytes = 16 * 1024 ** 2;
const target = prefix + volumeId;
const access: AccessSpec = {
  target,
  initiatorName: 'iqn.2009-11.org.vbs:att-0123456789abcdef0',
  chapUser: 'att-0123456789abcdef0',
  chapSecret: 'Xq7_sEcret-4Kz9w',
};

/** A network of two cards that nothing else is on: vblade at one of them, an initiator at the other. */
const network = `vbs-${randomBytes(4).toString('hex')}`;
const [serving, asking] = ['vbs-serving', 'vbs-asking'];
const clientAddress = '02:00:00:00:00:01';
const isPossible = (() => {
  try {
    execFileSync('sh', ['-c', `command -v vblade && ip netns add ${network}-try && ip netns del ${network}-try`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!isPossible)('vblade, the real one', () => {
  let folder = '';
  let server: ExportServer;
  let serverWith: (settings: Readonly<Record<string, string | number>>) => ExportServer;
  let run: (...argv: readonly string[]) => Promise<CommandResult>;
  const volume = (): ExportSpec => ({ volumeId, target, path: join(folder, 'disk'), bytes });
  const other = (): ExportSpec => ({ volumeId: otherId, target: prefix + otherId, path: join(folder, 'other'), bytes });
  const ask = (slot: number, ...words: readonly string[]) => run(client, asking, '7', String(slot), ...words);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vbs-vblade-'));
    for (const name of ['disk', 'other']) {
      await writeFile(join(folder, name), '');
      await truncate(join(folder, name), bytes);
    }
    const ip = (...words: readonly string[]) => execFileSync('ip', words);
    ip('netns', 'add', network);
    ip('-n', network, 'link', 'add', serving, 'type', 'veth', 'peer', 'name', asking, 'address', clientAddress);
    for (const card of [serving, asking]) ip('-n', network, 'link', 'set', card, 'up');
    const pattern = shippedBackends.pattern('export-server', 'vblade');
    serverWith = (settings) => {
      const context = contextHere(pattern, { interface: serving, shelf: 7, stateFolder: join(folder, 'state'), ...settings });
      const inNetwork = (command: HostCommand) => context.host.run({ ...command, argv: ['ip', 'netns', 'exec', network, ...command.argv] });
      run = (...argv) => inNetwork({ argv, timeoutMs: 60_000 });
      return exportServerFromPattern(pattern, { ...context, host: { name: 'vs1', run: inNetwork } });
    };
    server = serverWith({});
  });
  afterAll(async () => {
    execFileSync('ip', ['netns', 'del', network]);
    await rm(folder, { recursive: true });
  });

  describeThing('an export by vblade', {
    thing: () => server.export,
    spec: volume,
    listedName: () => target,
    checkFacts: (facts) => expect(facts).toEqual({ portal: '0.0.0.0:0', lun: 7 * 256 }),
    different: {
      'another file behind its name': async (spec) => {
        const elsewhere = { ...spec, path: join(folder, 'other') };
        await server.export.make(elsewhere);
        return async () => {
          await server.export.unmake(elsewhere);
        };
      },
      'another export of its file': async ({ path }) => {
        const twin = { ...other(), path };
        await server.export.make(twin);
        return async () => {
          await server.export.unmake(twin);
        };
      },
      'a vblade of somebody else that has its file': async ({ path }) => {
        const { stdout } = await run('sh', '-c', `vblade 9 9 ${serving} ${path} > ${folder}/foreign 2>&1 & echo $!`);
        await expect.poll(() => readFile(join(folder, 'foreign'), 'utf8')).toContain('e9.9');
        return async () => {
          process.kill(Number(stdout), 'SIGKILL');
          await expect.poll(() => readdir('/proc')).not.toContain(stdout.trim());
        };
      },
    },
  });

  describe('with an exported volume', () => {
    beforeAll(async () => {
      await server.export.make(volume());
      return async () => {
        await server.export.unmake(volume());
      };
    });

    describeThing('an access by vblade', {
      thing: () => server.access,
      spec: () => access,
      listedName: () => target,
      checkFacts: (facts) => expect(facts).toEqual({}),
      secrets: ({ chapSecret }) => [chapSecret],
      partial: {
        'a crash of vblade': async () => {
          await server.access.make(access);
          const pids = (await run('pidof', 'vblade')).stdout.trim().split(' ').map(Number);
          for (const pid of pids) {
            const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
            if (words.includes(volume().path)) process.kill(pid, 'SIGKILL');
          }
          await expect.poll(async () => (await server.access.look(access)).value.state).not.toBe('present');
        },
      },
      different: {
        'leave for another initiator': async () => {
          const stranger = { ...access, initiatorName: 'iqn.1993-08.org.debian:01:abcdef' };
          await server.access.make(stranger);
          return async () => {
            await server.access.unmake(stranger);
          };
        },
      },
    });

    it('is served to nobody before there is an access and after it', async () => {
      expect((await ask(0, 'identify')).exitCode).toBe(3);
      await server.access.make(access);
      expect((await ask(0, 'identify')).exitCode).toBe(0);
      await server.access.unmake(access);
      expect((await ask(0, 'identify')).exitCode).toBe(3);
    });

    it('tells who it is by a serial number, for a long id and for a short one', async () => {
      await server.access.make(access);
      // The 17 digits, a zero before them, in base 64.
      expect((await ask(0, 'identify')).stdout).toBe(
        `7.0:${Buffer.from('00123456789abcdef0', 'hex').toString('base64url')} ${bytes / 512}\n`,
      );
      await server.export.make(other());
      await server.access.make({ ...access, target: other().target });
      expect((await ask(1, 'identify')).stdout).toBe(`7.1:${Buffer.from('89abcdef', 'hex').toString('base64url')} ${bytes / 512}\n`);
      await server.export.unmake(other());
      expect((await ask(1, 'identify')).exitCode).toBe(3);
      await server.access.unmake(access);
    });

    it('holds what is written', async () => {
      await server.access.make(access);
      expect((await ask(0, 'write', '3', 'by ATA over Ethernet')).exitCode).toBe(0);
      expect((await ask(0, 'read', '3')).stdout).toBe('by ATA over Ethernet');
      await server.access.unmake(access);
      expect((await readFile(volume().path)).subarray(3 * 512, 3 * 512 + 20).toString()).toBe('by ATA over Ethernet');
    });

    it('is answered to the network cards that are named, and to no other', async () => {
      const guarded = serverWith({ clients: '02:00:00:00:00:02' });
      await guarded.access.make(access);
      expect((await ask(0, 'identify')).exitCode).toBe(3);
      await guarded.access.unmake(access);
      const named = serverWith({ clients: `02:00:00:00:00:02,${clientAddress}` });
      await named.access.make(access);
      expect((await ask(0, 'identify')).exitCode).toBe(0);
      await named.access.unmake(access);
      // vblade itself passes over it, and would serve everybody.
      const wrong = serverWith({ clients: 'nobody' });
      await expect(wrong.access.make(access)).rejects.toMatchObject({
        message: expect.stringContaining('neither "all" nor MAC addresses'),
      });
      expect((await server.access.look(access)).value.state).toBe('absent');
    });

    it('is not served on an interface that there is not, and nothing is left once it is undone', async () => {
      const wrong = serverWith({ interface: 'nowhere' });
      await expect(wrong.access.make(access)).rejects.toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('vblade did not begin'),
      });
      await wrong.access.unmake(access);
      expect((await server.access.look(access)).value.state).toBe('absent');
      expect(await readdir(join(folder, 'state'))).toEqual([`${target}.export`]);
    });
  });

  it('refuses writes to a volume that is exported read-only', async () => {
    const readOnly = { ...volume(), readOnly: true };
    await server.export.make(readOnly);
    await server.access.make(access);
    expect((await ask(0, 'write', '9', 'not here')).exitCode).toBe(1);
    expect((await ask(0, 'read', '9')).stdout).toBe('');
    await server.export.unmake(readOnly);
  });

  it('gives no address that a vblade of somebody else has', async () => {
    const { stdout } = await run('sh', '-c', `vblade 7 0 ${serving} ${folder}/other > ${folder}/foreign 2>&1 & echo $!`);
    await expect.poll(() => readFile(join(folder, 'foreign'), 'utf8')).toContain('e7.0');
    await server.export.make(volume());
    expect((await server.export.look(volume())).value).toMatchObject({ facts: { lun: 7 * 256 + 1 } });
    await server.export.unmake(volume());
    process.kill(Number(stdout), 'SIGKILL');
  });
});
