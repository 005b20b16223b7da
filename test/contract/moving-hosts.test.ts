import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BuiltSite } from '../../src/composition/built-site.ts';
import { realSite } from '../../src/composition/real-site.ts';
import { openStateFolder } from '../../src/composition/state-folder.ts';
import { localEnvironment } from '../../src/drivers/command/local-host.ts';
import { isCommandLine, type Pattern } from '../../src/drivers/command/pattern.ts';
import { parsePatternFile } from '../../src/drivers/command/pattern-file.ts';
import type { InstanceId } from '../../src/model/ids.ts';
import { readSettings } from '../../src/settings/read-settings.ts';
import type { Log } from '../../src/telemetry/log.ts';
import { createSagaRig } from '../support/saga-rig.ts';
import { attach, createVolume, detach } from '../support/scenarios.ts';
import { shippedBackends } from './shipped-backend.ts';

const fakes = fileURLToPath(new URL('fakes', import.meta.url));
const uuid = '6f1e7a3c-0b4d-4e58-9a6b-3c2d1e0f9a8b';
const instanceId = 'i-0123456789abcdef0' as InstanceId;
const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const xenStore = `/local/domain/0/name = Domain-0\n/local/domain/0/vm = /vm/00000000-0000-0000-0000-000000000000\n/local/domain/3/name = web\n/local/domain/3/vm = /vm/${uuid}\n`;
const proxmoxMachine = `name web\nstatus running\nuuid ${uuid}\ncur scsi0: local-lvm:vm-100-disk-0,size=4G\n`;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vbs-moving-'));
  for (const name of ['exports', 'access', 'sessions', 'links', 'block']) await mkdir(join(folder, name));
  await writeFile(join(folder, 'mood'), '');
  await writeFile(join(folder, 'store'), xenStore);
  await writeFile(join(folder, '100.conf'), proxmoxMachine);
});
afterEach(() => rm(folder, { recursive: true }));

/** Exports and sessions that are links to the volume's file: what is between the hypervisor and the volume is the same on every host. */
const links = (kind: 'export' | 'access' | 'session', place: string, source: string, facts: string) => `
${kind}:
  overlaps: none-per-thing
  look:
    commands: [{ argv: [find, '{folder:path}/${place}', -type, l, -printf, '%f %l\\n'] }]
    rows: { lines: '^(?<name>\\S+) (?<source>\\S+)$' }
    is: { name: '{target:iqn}' }
    facts: ${facts}
  make: { commands: [{ argv: [ln, --symbolic, '${source}', '{folder:path}/${place}/{target:iqn}'] }] }
  unmake: { commands: [{ argv: [rm, --force, '{folder:path}/${place}/{target:iqn}'] }] }
  list:
    commands: [{ argv: [find, '{folder:path}/${place}', -type, l, -printf, '%f %l\\n'] }]
    rows: { lines: '^(?<name>\\S+) (?<source>\\S+)$' }
    name: '{name:iqn}'
`;
const head = (kind: string) =>
  `kind: ${kind}\nname: links\ndescribes: links\nsettings: { folder: { type: path, describes: where links are } }\n`;

function patterns(): readonly Pattern[] {
  // The stand-ins of the hypervisors' tools in the place of the tools; the files are the shipped ones.
  const environment = {
    PATH: `${fakes}:${localEnvironment.PATH}`,
    XEN_STATE: folder,
    XEN_LINKS: join(folder, 'links'),
    XEN_BLOCK_DEVICES: join(folder, 'block'),
    XEN_GUEST_SECONDS: '5',
    QM_STATE: folder,
    PROXMOX_GUEST_SECONDS: '5',
    PROXMOX_BLOCK_DEVICES: join(folder, 'block'),
    PROXMOX_LINKS: join(folder, 'links'),
  };
  const shipped = ['xen-xl', 'xen-xm', 'proxmox'].map((name) => {
    const pattern = shippedBackends.pattern('vmm', name);
    if (!isCommandLine(pattern)) throw new Error(`${name} is no command line`);
    return { ...pattern, environment: { ...pattern.environment, ...environment } };
  });
  const exportServer = `${head('export-server')}capabilities: { endsSessions: true }
${links('export', 'exports', '{path:path}', "{ portal: '127.0.0.1:3260', lun: '0' }")}${links('access', 'access', '{target:iqn}', '{}')}`;
  const initiator = `${head('initiator')}${links('session', 'sessions', '{folder:path}/exports/{target:iqn}', "{ devicePath: '{folder:path}/sessions/{target:iqn}' }")}`;
  return [...shipped, parsePatternFile('links.yaml', exportServer), parsePatternFile('links.yaml', initiator)];
}

/** The settings of a site with one VMM host; what its hypervisor is stands in two lines. */
const settingsWith = (vmm: string, domain: string) => `
volumeServers:
  - name: vs1
    volumes: { driver: file, settings: { stateFolder: ${join(folder, 'data')} } }
    exports: { driver: links, settings: { folder: ${folder} } }
vmmHosts:
  - name: node1
    vmm: { driver: ${vmm} }
    initiator: { driver: links, settings: { folder: ${folder} } }
instances:
  - { id: ${instanceId}, vmmHost: node1, domain: '${domain}' }
`;

/** The life of a volume by the same calls on whatever host there is, and what the host had while the volume was attached. */
async function live(
  settings: string,
  shown: () => Promise<string>,
): Promise<{ readonly states: readonly unknown[]; readonly seen: string }> {
  const config = join(folder, 'vbs.yaml');
  await writeFile(config, settings);
  const built: BuiltSite = await realSite(readSettings(config), openStateFolder(join(folder, 'state')), silent, { patterns: patterns() });
  const rig = createSagaRig({ built });
  const service = await rig.start();
  const states: unknown[] = [];
  const volumeId = await createVolume(service);
  const look = async () => {
    await service.settle();
    const [volume] = await service.store.operations({ limit: 1 });
    states.push([volume?.kind, volume?.state, volume?.failure]);
    if (volume?.state !== 'done') throw new Error(JSON.stringify(states));
  };
  await look();
  // What the kernel of a Xen host would say of the device, whose name is a path here.
  const [file = ''] = await filesBelow(join(folder, 'data'));
  const device = join(folder, 'block', file.replaceAll('/', '!'));
  await mkdir(device);
  await writeFile(join(device, 'dev'), '8:16\n');
  await writeFile(join(device, 'size'), `${2 ** 40}\n`);
  await attach(service, volumeId, instanceId);
  await look();
  const seen = (await shown()).replaceAll(volumeId, 'VOLUME').replaceAll(volumeId.replace('-', ''), 'SERIAL');
  await detach(service, volumeId);
  await look();
  await rig.close();
  await built.close();
  await rm(device, { recursive: true });
  for (const name of ['exports', 'access', 'sessions', 'links']) expect(await readdir(join(folder, name))).toEqual([]);
  return { states, seen };
}

async function filesBelow(place: string): Promise<readonly string[]> {
  const found = await readdir(place, { recursive: true, withFileTypes: true });
  return found.filter((each) => each.isFile() && each.name.startsWith('vol-')).map((each) => join(each.parentPath, each.name));
}

it('takes other settings and nothing else to move a VMM host from Xen to Proxmox', async () => {
  const store = () => readFile(join(folder, 'store'), 'utf8');
  const machine = () => readFile(join(folder, '100.conf'), 'utf8');
  const onXen = await live(settingsWith('xen-xl', 'web'), store);
  const onOlderXen = await live(settingsWith('xen-xm', 'web'), store);
  const onProxmox = await live(settingsWith('proxmox', '100'), machine);

  const done = ['create-volume', 'attach-volume', 'detach-volume'].map((kind) => [kind, 'done', undefined]);
  expect(onXen.states).toEqual(done);
  expect(onOlderXen.states).toEqual(done);
  expect(onProxmox.states).toEqual(done);
  expect(onXen.seen).toContain('/local/domain/0/backend/vbd/3/51792/state = 4');
  expect(onOlderXen.seen).toContain('/local/domain/0/backend/vbd/3/51792/state = 4');
  expect(onProxmox.seen).toMatch(/^cur scsi1: \S*\/links\/VOLUME,serial=SERIAL,backup=0$/m);
  expect(await store()).toBe(xenStore);
  expect(await machine()).toBe(proxmoxMachine);
});
