import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shippedBackends } from '../../src/composition/package-folder.ts';
import { startService } from '../../src/composition/serve.ts';
import { type Catalogue, loadCatalogue } from '../../src/drivers/command/catalogue.ts';
import { isCommandLine, type Pattern } from '../../src/drivers/command/pattern.ts';

const silent = { write: () => undefined, writeError: () => undefined, line: () => undefined, error: () => undefined };

describe('a service whose hosts are all in a bad state', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vbs-ill-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('starts, and tells the log what is wrong with each', async () => {
    const config = join(folder, 'vbs.yaml');
    const log = join(folder, 'vbs.log');
    const nowhere = { host: '127.0.0.1', port: 1, identityFile: join(folder, 'key'), knownHostsFile: join(folder, 'hosts') };
    const exports = { driver: 'lio', settings: { portal: '127.0.0.1:3260' } };
    const settings = {
      log: { file: log },
      volumeServers: [
        { name: 'missing-group', volumes: { driver: 'lvm-thin', settings: { volumeGroup: 'no-such-group', pool: 'pool' } }, exports },
        { name: 'unreachable', ssh: nowhere, volumes: { driver: 'lvm-thick', settings: { volumeGroup: 'vbs' } }, exports },
      ],
      vmmHosts: [{ name: 'unreachable-vmm', ssh: nowhere, vmm: { driver: 'xen-xl' }, initiator: { driver: 'open-iscsi' } }],
    };
    writeFileSync(config, JSON.stringify(settings));
    const service = await startService({ config, listen: '127.0.0.1:0', state: join(folder, 'state') }, silent);
    try {
      const health = await fetch(`http://${service.host}:${service.port}/healthz`);
      expect(health.status).toBe(200);
      const told = () =>
        readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => line.includes('a host could not be prepared'));
      await expect.poll(() => told().some((line) => line.includes('"host":"missing-group"'))).toBe(true);
      await expect.poll(() => told().some((line) => line.includes('"host":"unreachable"'))).toBe(true);
    } finally {
      await service.stop();
    }
  });

  it('answers while the first connection to each still hangs, whatever their drivers', async () => {
    const connections: Socket[] = [];
    const silentHost = createServer((connection) => void connections.push(connection.on('error', () => undefined)));
    await once(silentHost.listen(0, '127.0.0.1'), 'listening');
    const silentVm = createServer((connection) => void connections.push(connection.on('error', () => undefined)));
    await once(silentVm.listen(join(folder, 'web.qmp')), 'listening');
    const ssh = {
      host: '127.0.0.1',
      port: (silentHost.address() as AddressInfo).port,
      identityFile: join(folder, 'key'),
      knownHostsFile: join(folder, 'hosts'),
    };
    const log = join(folder, 'vbs.log');
    const catalogue = await loadCatalogue(shippedBackends, []);
    const hosts = hostsOfEveryDriver(catalogue, ssh, join(folder, '{domain}.qmp'));
    const kinds = ['volume-server', 'export-server', 'initiator', 'vmm'] as const;
    const used = JSON.stringify(hosts);
    expect(kinds.flatMap((kind) => catalogue.names(kind)).filter((driver) => !used.includes(`"driver":"${driver}"`))).toEqual([]);
    const config = join(folder, 'vbs.yaml');
    writeFileSync(
      config,
      JSON.stringify({ log: { file: log }, ...hosts, instances: [{ id: 'i-0000000a', vmmHost: 'vmm-qemu', domain: 'web' }] }),
    );
    const service = await startService({ config, listen: '127.0.0.1:0', state: join(folder, 'state') }, silent);
    try {
      expect((await fetch(`http://${service.host}:${service.port}/healthz`)).status).toBe(200);
      // ssh has reached them, waits for their first word, and no driver has been told that it is in vain.
      const machines = hosts.volumeServers.length + hosts.vmmHosts.filter((host) => 'ssh' in host).length;
      await expect.poll(() => connections.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(machines);
      expect(connections.filter((connection) => connection.closed)).toEqual([]);
      expect(readFileSync(log, 'utf8')).not.toContain('a host could not be prepared');
      expect((await fetch(`http://${service.host}:${service.port}/healthz`)).status).toBe(200);
    } finally {
      for (const connection of connections) connection.destroy();
      silentHost.close();
      silentVm.close();
      await service.stop();
    }
  }, 30_000);
});

/** A host for each backend that is shipped, so that a new one is among them. */
function hostsOfEveryDriver(catalogue: Catalogue, ssh: object, qmpSocket: string) {
  const backend = (kind: Pattern['kind'], driver: string) => ({ driver, settings: neededSettings(catalogue.pattern(kind, driver)) });
  const openToNetwork = (driver: string) => catalogue.pattern('export-server', driver).capabilities.openToNetwork;
  const initiators = catalogue.names('initiator');
  let used = 0;
  const nextInitiator = () => initiators[used++ % initiators.length] ?? '';
  const volumeDrivers = catalogue.names('volume-server');
  return {
    volumeServers: catalogue.names('export-server').map((driver, index) => ({
      name: `server-${driver}`,
      ssh,
      volumes: backend('volume-server', volumeDrivers[index % volumeDrivers.length] ?? ''),
      exports: { ...backend('export-server', driver), ...(openToNetwork(driver) && { openToNetwork: true }) },
    })),
    vmmHosts: catalogue.names('vmm').map((driver) => {
      const takesNoCommands = !isCommandLine(catalogue.pattern('vmm', driver));
      if (takesNoCommands) return { name: `vmm-${driver}`, vmm: { driver, settings: { qmpSocket } } };
      return { name: `vmm-${driver}`, ssh, vmm: backend('vmm', driver), initiator: backend('initiator', nextInitiator()) };
    }),
  };
}

const examples = { path: '/srv/vbs', int: 1, seconds: 1, portal: '127.0.0.1:3260', word: 'vbs', text: 'vbs' };

function neededSettings({ settings }: Pattern) {
  const needed = Object.entries(settings).filter(([, { default: given }]) => given === undefined);
  return Object.fromEntries(needed.map(([name, { type }]) => [name, examples[type]]));
}
