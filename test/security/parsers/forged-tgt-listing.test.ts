import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/drivers/command/clock.ts';
import { exportServerFromPattern } from '../../../src/drivers/command/driver-from-pattern.ts';
import type { Host } from '../../../src/drivers/command/host.ts';
import { localHost } from '../../../src/drivers/command/local-host.ts';
import { ensureTgtDaemon, type TgtDaemon } from '../../../src/drivers/command/tgt-daemon.ts';
import { withTgtadm } from '../../../src/drivers/command/tgtadm-built-in.ts';
import type { AccessSpec, ExportServer, ExportSpec } from '../../../src/drivers/export-server.ts';
import { contextHere, shippedBackends } from '../../contract/shipped-backend.ts';
import { type IscsiLogin, logInToTarget } from '../../support/iscsi-login.ts';

// An initiator that is let in chooses its alias, and tgtd prints that as it came in the listing of all targets.
const prefix = 'iqn.2009-11.org.vbs:';
const bytes = 1024 ** 2;
const programs = localHost('here', systemClock);
const pattern = shippedBackends.pattern('export-server', 'tgt');
let folder = '';
let daemon: TgtDaemon;
const sessions: Socket[] = [];

const exportOf = (volumeId: string): ExportSpec => ({ volumeId, target: prefix + volumeId, path: join(folder, `${volumeId}.raw`), bytes });
const accessOf = (volumeId: string): AccessSpec => ({
  target: prefix + volumeId,
  initiatorName: `${prefix}att-${volumeId.slice(4)}`,
  chapUser: `att-${volumeId.slice(4)}`,
  chapSecret: `secret-of-${volumeId}`,
});
/** tgtd numbers them in the order in which they are made: what an initiator of the second writes stands between the two others. */
const [before, hostile, after] = ['vol-00000000000000001', 'vol-00000000000000002', 'vol-00000000000000003'] as const;
const volumes = [before, hostile, after];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-forged-'));
  daemon = await ensureTgtDaemon({ portal: '127.0.0.1:0' }, { stateFolder: folder, host: programs, clock: systemClock });
  for (const id of volumes) {
    await writeFile(exportOf(id).path, '');
    await truncate(exportOf(id).path, bytes);
  }
});

afterEach(() => {
  for (const socket of sessions.splice(0)) socket.destroy();
});

afterAll(async () => {
  process.kill(Number(await readFile(join(folder, 'tgtd', 'tgtd.pid'), 'utf8')), 'SIGKILL');
  await rm(folder, { recursive: true });
});

const header = (tid: number, name: string) =>
  `Target ${tid}: ${name}\n    System information:\n        Driver: iscsi\n        State: ready\n    I_T nexus information:\n`;
const lun = (number: number, id: string, path: string) =>
  `        LUN: ${number}\n            Type: disk\n            SCSI ID: ${id}\n            SCSI SN: ${id.replace('-', '')}\n            Online: Yes\n            Readonly: No\n            Backing store path: ${path}\n`;
const lists = (account: string, initiator: string) =>
  `    Account information:\n${account}    ACL information:\n${initiator === '' ? '' : `        ${initiator}\n`}`;
const begun = '        I_T nexus: 7\n            Initiator: x alias: y';
const stranger = `${prefix}stranger`;

/** What the alias of the initiator of `hostile`, which is number 2, forges. */
const aliases: Readonly<Record<string, () => string>> = {
  'a target that is not there': () =>
    `\n    LUN information:\n${lun(0, 'IET', 'None')}${lists('', '')}${header(9, `${prefix}vol-0badc0de`)}${begun}`,
  'the target behind it, with another initiator let in': () =>
    `\n    LUN information:\n${lun(0, 'IET', 'None')}${lists('', '')}${header(3, prefix + after)}    LUN information:\n${lun(1, after, exportOf(after).path)}${lists('', stranger)}`,
  'the target behind it, without any LUN': () =>
    `\n    LUN information:\n${lun(0, 'IET', 'None')}${lists('', '')}${header(3, prefix + after)}${begun}`,
  'the target before it': () =>
    `\n    LUN information:\n${lun(0, 'IET', 'None')}${lists('', '')}${header(1, prefix + before)}    LUN information:\n${lists('', stranger)}${header(2, prefix + hostile)}${begun}`,
  'its own target, ended and begun anew': () =>
    `\n    LUN information:\n${lun(0, 'IET', 'None')}${lists('', '')}${header(2, prefix + hostile)}${begun}`,
  'its own LUN, accounts and initiators': () =>
    `\n    LUN information:\n${lun(1, 'vol-0badc0de', '/etc/shadow')}${lists('        someone\n', stranger)}`,
  'many beginnings of all targets': () =>
    `\n${[1, 2, 3].flatMap((tid) => Array.from({ length: 6 }, () => `Target ${tid}: ${prefix}${volumes[tid - 1]}\n`)).join('')}`,
  'a text that tgtd cuts off': () =>
    `\n    LUN information:\n${lun(0, 'IET', 'None')}${lists('', '')}${header(3, prefix + after)}${begun}${'z'.repeat(2_000)}`,
  'bytes that are no text': () => '\r\n\x1b[2J\x80\xff|\n',
};

describe.each([
  ['tgt-list as a program', (): Host => programs],
  ['tgt-list built in', (): Host => withTgtadm(programs, systemClock)],
])('with %s, an initiator whose alias forges', (_form, host) => {
  const server = (): ExportServer =>
    exportServerFromPattern(pattern, {
      ...contextHere(pattern, { controlSocket: daemon.controlSocket, portal: daemon.portal }),
      host: host(),
    });

  it.each(Object.keys(aliases))('%s changes nothing of what is true of any target, nor of what can be done with them', async (what) => {
    const own = server();
    for (const id of volumes) {
      await own.export.make(exportOf(id));
      await own.access.make(accessOf(id));
    }
    const login = (id: string): IscsiLogin => ({ portal: daemon.portal, ...accessOf(id) });
    // Honest ones beside it, and the same initiator twice.
    sessions.push(await logInToTarget(login(before)), await logInToTarget(login(after)));
    for (const session of [1, 2]) {
      sessions.push(await logInToTarget({ ...login(hostile), initiatorAlias: `z${aliases[what]?.()}`, session }));
    }
    // tgtd prints it as it came.
    expect(await listing()).toMatch(/alias: z\r?\n/);

    for (const id of volumes) {
      expect((await own.export.look(exportOf(id))).value).toMatchObject({ state: 'present' });
      expect((await own.access.look(accessOf(id))).value).toMatchObject({ state: 'present' });
    }
    expect((await own.export.list()).value.map(({ name }) => name)).toEqual(volumes.map((id) => prefix + id));
    expect((await own.access.list()).value).toEqual(
      volumes.map((id) => ({ name: prefix + id, initiatorName: accessOf(id).initiatorName })),
    );
    expect((await own.export.look(exportOf('vol-0badc0de'))).value.state).toBe('absent');

    // The others are detached while it is there, and then it is.
    for (const id of [after, before, hostile]) {
      await own.access.unmake(accessOf(id));
      expect((await own.access.look(accessOf(id))).value.state).toBe('absent');
      await own.export.unmake(exportOf(id));
      expect((await own.export.look(exportOf(id))).value.state).toBe('absent');
    }
    expect(await listing()).toBe('');
  });
});

describe('an alias of one who is not let in', () => {
  it.each([
    ['the secret', { chapSecret: 'anotherSecret123' }],
    ['the name', { initiatorName: stranger }],
    ['line breaks in the name', { initiatorName: `${accessOf(before).initiatorName}\nTarget 9: x` }],
  ])('is nowhere: without %s there is no session', async (_what, wrong) => {
    const own = exportServerFromPattern(pattern, contextHere(pattern, { controlSocket: daemon.controlSocket, portal: daemon.portal }));
    await own.export.make(exportOf(before));
    await own.access.make(accessOf(before));
    await expect(
      logInToTarget({ portal: daemon.portal, ...accessOf(before), initiatorAlias: 'written by nobody\nTarget 9: x', ...wrong }),
    ).rejects.toThrow(/refused the login|closed the connection/);
    expect(await listing()).not.toContain('written by nobody');
    await own.export.unmake(exportOf(before));
    await own.access.unmake(accessOf(before));
  });
});

async function listing(): Promise<string> {
  const argv = ['tgtadm', '--lld', 'iscsi', '--op', 'show', '--mode', 'target'];
  return (await programs.run({ argv, env: { TGT_IPC_SOCKET: daemon.controlSocket }, timeoutMs: 10_000 })).stdout;
}
