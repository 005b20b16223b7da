import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initiatorFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { HostCommand } from '../../src/drivers/command/host.ts';
import { localEnvironment } from '../../src/drivers/command/local-host.ts';
import type { Initiator, SessionSpec } from '../../src/drivers/initiator.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';

/** What the kernel shows of a session, in files; what goes on on real kernels is in the lab. */
const volumeId = 'vol-0123456789abcdef0';
const spec: SessionSpec = {
  volumeId,
  bytes: 16 * 1024 ** 2,
  portal: '192.0.2.1:3260',
  target: `iqn.2009-11.org.vbs:${volumeId}`,
  lun: 1,
  initiatorName: 'iqn.2009-11.org.vbs:att-0123456789abcdef0',
  chapUser: 'att-0123456789abcdef0',
  chapSecret: 'not-used-here',
};

let sys = '';
let initiator: Initiator;
const session = (file: string) => join(sys, 'class', 'iscsi_session', 'session1', file);
const disk = (file: string) => session(join('device', 'target2:0:0', '2:0:0:1', file));
const block = (file: string) => join(sys, 'class', 'block', 'sdz', file);
const put = async (path: string, text: string) => {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text, 'latin1');
};

beforeEach(async () => {
  sys = await mkdtemp(join(tmpdir(), 'vbs-open-iscsi-'));
  const serial = volumeId.replace('-', '');
  for (const [path, text] of [
    [session('targetname'), spec.target],
    [session('initiatorname'), spec.initiatorName],
    [session('state'), 'LOGGED_IN'],
    [join(sys, 'class', 'iscsi_connection', 'connection1:0', 'persistent_address'), '192.0.2.1'],
    [join(sys, 'class', 'iscsi_connection', 'connection1:0', 'persistent_port'), '3260'],
    [disk('state'), 'running'],
    [disk('vpd_pg80'), `\0\u0080\0\u0014${serial}`],
    [disk('vpd_pg83'), `\0\u0083\0\u0014${serial}`],
    [disk('block/sdz/size'), ''],
    [block('dev'), '65:144'],
    [block('size'), String(spec.bytes / 512)],
    [block('holders/dm-7'), ''],
  ] as const) {
    await put(path, `${text}${path.includes('vpd_') ? '' : '\n'}`);
  }
  const pattern = shippedBackends.pattern('initiator', 'open-iscsi');
  const context = contextHere(pattern, {});
  const run = (command: HostCommand) =>
    context.host.run({
      ...command,
      env: {
        ...command.env,
        OPEN_ISCSI_SYSFS: sys,
        OPEN_ISCSI_RECORDS: join(sys, 'nodes'),
        OPEN_ISCSI_SECONDS: '1',
        PATH: `${join(sys, 'bin')}:${localEnvironment.PATH}`,
      },
    });
  initiator = initiatorFromPattern(pattern, { ...context, host: { name: 'vmm1', run } });
});
afterEach(() => rm(sys, { recursive: true }));

describe('a node record', () => {
  it('is not one that the host logs in by at its next boot, whatever its defaults are', async () => {
    await rm(session(''), { recursive: true });
    const iscsiadm = `#!/bin/sh
record=${sys}/nodes/${spec.target}/192.0.2.1,3260,1
case "$*" in
  *--op\\ new*) mkdir -p "$record" && printf '# BEGIN RECORD\\nnode.startup = automatic\\nnode.conn[0].startup = automatic\\n# END RECORD\\n' > "$record/default" ;;
  *--login*) cp "$record/default" ${sys}/seen; exit 8 ;;
  *--op\\ delete*) rm -r ${sys}/nodes/${spec.target} ;;
esac
`;
    await put(join(sys, 'bin', 'iscsiadm'), iscsiadm);
    await chmod(join(sys, 'bin', 'iscsiadm'), 0o755);
    await expect(initiator.session.make(spec)).rejects.toMatchObject({ message: expect.stringContaining('could not log in') });
    const record = (await readFile(join(sys, 'seen'), 'utf8')).split('\n').filter((line) => line.includes('startup'));
    expect(record.sort()).toEqual(['node.conn[0].startup = manual', 'node.startup = manual']);
    expect(await readdir(join(sys, 'nodes'))).toEqual([]);
  });
});

describe('a session that is logged in', () => {
  it('is present when its disk runs', async () => {
    expect((await initiator.session.look(spec)).value).toEqual({ state: 'present', facts: { devicePath: '/dev/sdz' } });
    expect((await initiator.session.list()).value).toEqual([{ name: spec.target }]);
  });

  it.each(['offline', 'transport-offline', 'blocked', 'quiesce'])(
    'lacks something, and is listed as broken, while its disk is %s',
    async (state) => {
      await put(disk('state'), `${state}\n`);
      expect((await initiator.session.look(spec)).value).toMatchObject({ state: 'partial', missing: 'state' });
      expect((await initiator.session.list()).value).toEqual([{ name: spec.target, isBroken: true }]);
    },
  );

  it('has its disk run again by a make, and by an unmake first of all, and nothing is taken away by that', async () => {
    for (const verb of ['make', 'unmake'] as const) {
      await put(disk('state'), 'offline\n');
      await expect(initiator.session[verb](spec)).rejects.toMatchObject({
        kind: 'unavailable',
        retryable: true,
        message: expect.stringContaining('/dev/sdz was offline, and runs again'),
      });
      expect(await readFile(disk('state'), 'utf8')).toBe('running\n');
      expect((await initiator.session.look(spec)).value.state).toBe('present');
    }
  });

  it('whose disk is used and does not run again is left, and says in which state it is', async () => {
    await rm(disk('state'));
    await symlink('/dev/null', disk('state'));
    await expect(initiator.session.make(spec)).rejects.toMatchObject({
      message: expect.stringMatching(/\/dev\/sdz of .* is still used by dm-7/),
    });
    expect((await initiator.session.look(spec)).value.state).toBe('partial');
  });
});
