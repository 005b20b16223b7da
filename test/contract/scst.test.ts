import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exportServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { HostCommand } from '../../src/drivers/command/host.ts';
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

let folder = '';
let tree = '';
let server: ExportServer;
/** Writes to the tree as an administrator would, by hand. */
let echo: (text: string, file: string) => Promise<void>;
const volume = (): ExportSpec => ({ volumeId, target, path: join(folder, 'disk'), bytes });
const mood = (text: string) => writeFile(`${tree}.mood`, text);
const read = (name: string) => readFile(join(tree, name), 'utf8');
const iscsi = 'targets/iscsi';
const blockio = 'handlers/vdisk_blockio/mgmt';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-scst-'));
  tree = join(folder, 'scst_tgt');
  for (const name of ['devices', 'handlers/vdisk_blockio', iscsi]) await mkdir(join(tree, name), { recursive: true });
  for (const name of [blockio, `${iscsi}/mgmt`, 'last_sysfs_mgmt_res']) await writeFile(join(tree, name), '');
  await writeFile(join(tree, iscsi, 'enabled'), '1\n[key]\n');
  for (const name of ['disk', 'other']) {
    await writeFile(join(folder, name), '');
    await truncate(join(folder, name), bytes);
  }
  const pattern = shippedBackends.pattern('export-server', 'scst');
  const context = contextHere(pattern, { portal });
  const env = { SCST_TREE: tree, PERL5OPT: `-I${fakes} -MScstKernel` };
  const run = (command: HostCommand) => context.host.run({ ...command, env: { ...command.env, ...env } });
  server = exportServerFromPattern(pattern, { ...context, host: { name: 'vs1', run } });
  echo = async (text, file) => {
    const program = 'open(my $file, ">", $ARGV[1]) or die "$ARGV[1]: $!"; defined syswrite($file, $ARGV[0]) or die "$ARGV[0]: $!"';
    const { exitCode, stderr } = await run({ argv: ['perl', '-e', program, text, join(tree, file)], timeoutMs: 60_000 });
    if (exitCode !== 0) throw new Error(stderr);
  };
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
beforeEach(() => mood(''));

describeThing('an export by SCST', {
  thing: () => server.export,
  spec: volume,
  listedName: () => target,
  checkFacts: (facts) => expect(facts).toEqual({ portal, lun: 0 }),
  partial: {
    'a crash before the LUN': async ({ path }) => {
      await echo(`add_device ${volumeId} filename=${path}`, blockio);
      await echo(`add_target ${target}`, `${iscsi}/mgmt`);
    },
    'a crash before it was enabled': async (spec) => {
      await server.export.make(spec);
      await echo('0', `${iscsi}/${target}/enabled`);
    },
  },
  different: {
    'another device behind its name': async (spec) => {
      const other = { ...spec, path: join(folder, 'other') };
      await server.export.make(other);
      return async () => {
        await server.export.unmake(other);
      };
    },
    'another target of its device': async ({ path }) => {
      const other = { volumeId: otherId, target: prefix + otherId, path, bytes };
      await server.export.make(other);
      return async () => {
        await server.export.unmake(other);
      };
    },
    'one that refuses writes': async (spec) => {
      const readOnly = { ...spec, readOnly: true };
      await server.export.make(readOnly);
      expect((await server.export.look(readOnly)).value.state).toBe('present');
      return async () => {
        await server.export.unmake(readOnly);
      };
    },
  },
});

describe('SCST', () => {
  it('makes a target that asks everybody for a secret and shows nobody a disk, until somebody is let in', async () => {
    await server.export.make(volume());
    expect(await read(`${iscsi}/${target}/IncomingUser`)).toMatch(/^vbs-nobody [0-9a-f]{32}\n/);
    expect(await readdir(join(tree, iscsi, target, 'luns'))).toEqual(['mgmt']);
    expect(await readdir(join(tree, iscsi, target, 'ini_groups/vbs/initiators'))).toEqual(['mgmt']);
    expect(await read(`devices/${volumeId}/usn`)).toBe('vol0123456789abcdef0\n[key]\n');
    expect(await read(`devices/${volumeId}/vend_specific_id`)).toBe('vol0123456789abcdef0\n[key]\n');
    await server.export.unmake(volume());
    expect(await readdir(join(tree, 'devices'))).toEqual([]);
  });

  it('is asked for the outcome of a command that it put into its queue', async () => {
    await mood('queued');
    await server.export.make(volume());
    expect((await server.export.look(volume())).value.state).toBe('present');
    const second = { ...volume(), volumeId: otherId, target: prefix + otherId, path: join(folder, 'nowhere') };
    await expect(server.export.make(second)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/refused "add_device vol-89abcdef .*No such file/),
    });
    await server.export.unmake(volume());
    expect(await readdir(join(tree, 'devices'))).toEqual([]);
  });

  it('clears a device away whose target was never made', async () => {
    await echo(`add_device ${volumeId} filename=${join(folder, 'other')}`, blockio);
    expect((await server.export.look(volume())).value.state).toBe('absent');
    await server.export.make(volume());
    expect(await read(`devices/${volumeId}/filename`)).toBe(`${join(folder, 'disk')}\n[key]\n`);
    await server.export.unmake(volume());
    await echo(`add_device ${volumeId} filename=${join(folder, 'other')}`, blockio);
    await server.export.unmake(volume());
    expect(await readdir(join(tree, 'devices'))).toEqual([]);
  });

  it('is unavailable without its modules, and then there is nothing to undo', async () => {
    await rename(join(tree, iscsi), join(folder, 'away'));
    try {
      expect((await server.export.look(volume())).value.state).toBe('absent');
      await server.export.unmake(volume());
      await expect(server.export.make(volume())).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(server.export.list()).rejects.toMatchObject({ kind: 'unavailable' });
    } finally {
      await rename(join(folder, 'away'), join(tree, iscsi));
    }
  });

  it('grows a device while it is exported, and says when the volume did not grow', async () => {
    await server.export.make(volume());
    await expect(server.grow?.({ ...volume(), bytes: bytes * 2 })).rejects.toMatchObject({
      message: expect.stringContaining('is to have'),
    });
    await truncate(join(folder, 'disk'), bytes * 2);
    await server.grow?.({ ...volume(), bytes: bytes * 2 });
    expect(await read(`devices/${volumeId}/size`)).toBe(`${bytes * 2}\n`);
    await truncate(join(folder, 'disk'), bytes);
    await server.export.unmake(volume());
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

  describeThing('an access by SCST', {
    thing: () => server.access,
    spec: () => access,
    listedName: () => target,
    checkFacts: (facts) => expect(facts).toEqual({}),
    secrets: ({ chapSecret }) => [chapSecret],
    partial: {
      'a crash before the initiator': async () => {
        await echo(`add_target_attribute ${target} IncomingUser ${access.chapUser} 0123456789abcdef`, `${iscsi}/mgmt`);
      },
    },
    different: {
      'leave for another initiator': async () => {
        const initiators = `${iscsi}/${target}/ini_groups/vbs/initiators/mgmt`;
        await echo('add iqn.1993-08.org.debian:stranger', initiators);
        return () => echo('del iqn.1993-08.org.debian:stranger', initiators);
      },
      'a second account': async () => {
        await server.access.make(access);
        await echo(`add_target_attribute ${target} IncomingUser stranger 0123456789abcdef`, `${iscsi}/mgmt`);
        return async () => {
          await echo(`del_target_attribute ${target} IncomingUser stranger`, `${iscsi}/mgmt`);
          await server.access.unmake(access);
        };
      },
    },
  });

  const logIn = async (user: string) => {
    const session = join(tree, iscsi, target, 'sessions', access.initiatorName);
    await mkdir(session);
    await writeFile(join(session, 'user'), user);
    await writeFile(join(session, 'force_close'), '');
  };
  const sessions = () => readdir(join(tree, iscsi, target, 'sessions'));

  it('gives the secret to SCST and to nobody else', async () => {
    const commands = await server.access.make(access);
    expect(await read(`${iscsi}/${target}/IncomingUser1`)).toBe(`${access.chapUser} ${access.chapSecret}\n[key]\n`);
    expect(JSON.stringify(commands)).not.toContain(access.chapSecret);
    const { commands: looks } = await server.access.look(access);
    expect(JSON.stringify(looks)).not.toContain(access.chapSecret);
    await server.access.unmake(access);
  });

  it('ends the sessions of an access, and they cannot come back', async () => {
    await server.access.make(access);
    await logIn(access.chapUser);
    await mood('returns');
    await server.access.unmake(access);
    expect(await sessions()).toEqual([]);
  });

  it('is not removed while a session cannot be ended', async () => {
    await server.access.make(access);
    await logIn(access.chapUser);
    await mood('holds');
    await expect(server.export.unmake(volume())).rejects.toMatchObject({ message: expect.stringContaining('hold on to') });
    expect(await readdir(join(tree, 'devices'))).toEqual([volumeId]);
    await mood('');
    await server.export.unmake(volume());
    expect(await readdir(join(tree, 'devices'))).toEqual([]);
    await server.export.make(volume());
  });

  it('is no longer guarded when somebody gave everybody a LUN of it', async () => {
    const lun = join(tree, iscsi, target, 'luns', '0');
    await mkdir(lun);
    await symlink(join(tree, 'devices', volumeId), join(lun, 'device'));
    expect((await server.export.look(volume())).value).toMatchObject({ state: 'partial', missing: expect.stringContaining('guard') });
    await rm(lun, { recursive: true });
    expect((await server.export.look(volume())).value.state).toBe('present');
  });
});
