import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainOperation } from '../../src/composition/explain-operation.ts';
import { prepareBackend, volumeServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import { ensureAbsent, ensurePresent } from '../../src/drivers/engine.ts';
import type { CommandRecord } from '../../src/drivers/thing.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';

const volumeId = 'vol-0123456789abcdef0';
const bytes = 1024 ** 3;

let folder = '';
let config = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-explain-'));
  config = join(folder, 'vbs.yaml');
  const ssh = { identityFile: 'id', knownHostsFile: 'known_hosts' };
  const settings = {
    volumeServers: [
      {
        name: 'vs1',
        volumes: { driver: 'file', settings: { stateFolder: join(folder, 'data') } },
        exports: { driver: 'lio', settings: { portal: '192.0.2.1:3260' } },
      },
    ],
    vmmHosts: [
      { name: 'xen1', ssh: { ...ssh, host: 'xen1.invalid' }, vmm: { driver: 'xen-xl' }, initiator: { driver: 'open-iscsi' } },
      { name: 'kvm1', vmm: { driver: 'qemu' } },
    ],
    instances: [{ id: 'i-00000001', vmmHost: 'xen1', domain: 'web' }],
  };
  await writeFile(config, JSON.stringify(settings));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const explained = async (request: Parameters<typeof explainOperation>[0]) => (await explainOperation({ config, ...request })).commands;

describe('what is explained', () => {
  it('has the volumes of the embedded default where the server with these settings would have them', async () => {
    const embedded = join(folder, 'embedded.yaml');
    await writeFile(embedded, 'state: kept\n');
    const { commands } = await explainOperation({ operation: 'create-volume', sizeGiB: 1, config: embedded });
    const words = commands.flatMap(({ argv }) => argv);
    expect(words.filter((word) => word.includes(join(folder, 'kept', 'data')))).not.toEqual([]);
    expect(words.filter((word) => word.includes('/var/lib/vbs/data'))).toEqual([]);
  });

  it('is what really runs', async () => {
    const pattern = shippedBackends.pattern('volume-server', 'file');
    const context = contextHere(pattern, { stateFolder: join(folder, 'data') });
    await prepareBackend(pattern, context);
    const storageId = (await context.storage?.id()) ?? '';
    const { volume } = volumeServerFromPattern(pattern, context);
    const records: CommandRecord[] = [];
    const engine = {
      record: (commands: readonly CommandRecord[]) => void records.push(...commands),
      sleep: async (milliseconds: number) => void (await sleep(milliseconds)),
      attempts: 1,
      backoffMs: 1,
      settleMs: 0,
    };
    const argvs = () => records.splice(0).map(({ argv }) => argv.map((word) => word.replace(storageId, '<storageId>')));
    await ensurePresent(volume, { volumeId, bytes }, engine);
    const made = argvs().map((argv) => argv.map((word) => word.replace(volumeId, '<volume-id>')));
    await ensureAbsent(volume, { volumeId, bytes }, engine);
    const removed = argvs();

    const create = (await explained({ operation: 'create-volume', sizeGiB: 1 })).filter(({ verb }) => verb !== 'volume.free');
    expect(create.map(({ argv }) => argv)).toEqual(made);
    expect((await explained({ operation: 'delete-volume', volumeId })).map(({ argv }) => argv)).toEqual(removed);
  });

  it('names every host and step of an attach and of a detach in their order, and no secret', async () => {
    const request = { volumeId, instanceId: 'i-00000001', device: '/dev/sdf' };
    const attach = await explained({ operation: 'attach-volume', ...request });
    expect(attach.filter(({ verb }) => verb.endsWith('.make')).map(({ host, verb }) => `${host} ${verb}`)).toEqual([
      'vs1 export.make',
      'vs1 access.make',
      'xen1 session.make',
      'xen1 disk.make',
    ]);
    expect(attach.find(({ verb }) => verb === 'session.make')).toMatchObject({
      argv: expect.arrayContaining(['login', `iqn.2009-11.org.vbs:${volumeId}`, '192.0.2.1:3260', 'vol0123456789abcdef0', String(bytes)]),
      stdin: '<chapSecret>\n',
    });
    expect(attach.find(({ verb }) => verb === 'disk.make')?.argv).toEqual(
      expect.arrayContaining(['attach', 'web', volumeId, '/dev/sdf', '<found>']),
    );
    const detach = await explained({ operation: 'detach-volume', ...request });
    expect(detach.filter(({ verb }) => verb.endsWith('.unmake')).map(({ verb }) => verb)).toEqual([
      'disk.unmake',
      'session.unmake',
      'access.unmake',
      'export.unmake',
    ]);
  });

  it('holds for a hypervisor that is told by QMP', async () => {
    const commands = await explained({ operation: 'attach-volume', volumeId, instanceId: 'kvm1/web', device: '/dev/sdf' });
    expect(commands.filter(({ verb }) => verb === 'disk.make').map(({ argv }) => argv.slice(0, 3))).toEqual([
      ['qmp', '/run/vbs/web.qmp', 'object-add'],
      ['qmp', '/run/vbs/web.qmp', 'blockdev-add'],
      ['qmp', '/run/vbs/web.qmp', 'device_add'],
    ]);
  });

  it('tells how an attached volume grows, or why it does not', async () => {
    const grow = await explained({ operation: 'modify-volume', volumeId, instanceId: 'i-00000001', sizeGiB: 3 });
    expect(grow.filter(({ verb }) => verb.endsWith('.grow')).map(({ verb }) => verb)).toEqual([
      'volume.grow',
      'volume.grow',
      'export.grow',
      'session.grow',
      'disk.grow',
    ]);
    await expect(explained({ operation: 'modify-volume', volumeId, instanceId: 'kvm1/web', sizeGiB: 3 })).rejects.toThrow(
      `The volume ${volumeId} is attached, and its hypervisor would not notice that it has grown.`,
    );
  });

  it('is refused for an instance that the settings do not have', async () => {
    await expect(explained({ operation: 'attach-volume', volumeId, instanceId: 'i-00000009', device: '/dev/sdf' })).rejects.toThrow(
      /i-00000009/,
    );
  });
});
