import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SimulatedService, startSimulatedService } from '../support/simulated-service.ts';

const program = fileURLToPath(new URL('../../bin/vbs.js', import.meta.url));

describe('vbs serve says what is wrong and how to mend it, and does not start, when', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vbs-start-'));
  });
  afterEach(() => {
    // A start that was refused has made nothing but, at the most, its own state folder.
    expect(readdirSync(folder).filter((name) => !['state', 'vbs.yaml', 'drivers'].includes(name))).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  const vbsServe = async (...words: readonly string[]) => {
    const { exitCode, stdout, stderr, ...ended } = await execa(process.execPath, [program, 'serve', ...words], {
      reject: false,
      timeout: 120_000,
    });
    if (exitCode === undefined) {
      throw new Error(`vbs serve did not end by itself: ${ended.originalMessage}`, { cause: ended.cause });
    }
    return { exitCode, stdout, stderr };
  };
  const serve = (...words: readonly string[]) => vbsServe('--simulate', ...words);
  const withSettings = (text: string) => {
    writeFileSync(join(folder, 'vbs.yaml'), text);
    return vbsServe('--config', join(folder, 'vbs.yaml'), '--state', join(folder, 'state'));
  };

  it('the port is taken', async () => {
    const server: Server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const { exitCode, stderr, stdout } = await serve('--listen', `127.0.0.1:${port}`, '--state', join(folder, 'state'));
    server.close();
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^vbs: 127\\.0\\.0\\.1:${port} is in use by another process.*--listen`));
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('faults are asked for on a real site', async () => {
    const { exitCode, stderr } = await vbsServe('--faults', '7', '--listen', '127.0.0.1:0', '--state', join(folder, 'state'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: 'vbs: --faults is for a simulated site; add --simulate' });
  });

  it('the address to listen on is none', async () => {
    const { exitCode, stderr } = await serve('--listen', 'nowhere', '--state', join(folder, 'state'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: 'vbs: --listen nowhere: must be HOST:PORT, as 127.0.0.1:8773' });
  });

  it('the state folder cannot be written', async () => {
    const { exitCode, stderr } = await serve('--listen', '127.0.0.1:0', '--state', '/proc/vbs/state');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^vbs: the state folder \/proc\/vbs\/state cannot be written \(E\w+\); make it yours, or name another with --state$/,
    );
  });

  it('another server uses the state folder', async () => {
    const other: SimulatedService = await startSimulatedService();
    const { exitCode, stderr } = await serve('--listen', '127.0.0.1:0', '--state', other.stateFolder);
    await other.close();
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('another server uses the state folder') });
  });

  it('there is no such settings file', async () => {
    const { exitCode, stderr } = await serve('--config', join(folder, 'none.yaml'));
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/none\.yaml: there is no such file; .*vbs\.example\.yaml/),
    });
  });

  it.each([
    [
      'a setting that there is not',
      'region: us-east-1\nport: 8773\n',
      /vbs\.yaml:2: "port" is not known here; see config\/vbs\.example\.yaml/,
    ],
    ['YAML that is none', 'region: [\n', /vbs\.yaml:\d+: /],
    ['a value of the wrong form', 'listen: 8773\n', /vbs\.yaml:1: listen: /],
    [
      'an instance on a host that there is not',
      'instances:\n  - id: i-1\n    vmmHost: vmm9\n    domain: d\n',
      /vbs\.yaml:3: there is no VMM host "vmm9" below vmmHosts/,
    ],
    [
      'a driver that there is not',
      'vmmHosts:\n  - name: vmm1\n    vmm: { driver: vmware }\n',
      /vbs\.yaml:3: there is no vmm named "vmware"; there are .*qemu/,
    ],
    [
      'a setting that the driver has not',
      'vmmHosts:\n  - name: vmm1\n    vmm:\n      driver: qemu\n      settings: { socket: /run/x }\n',
      /vbs\.yaml:5: qemu has no setting "socket"; did you mean "qmpSocket"\? it has qmpSocket/,
    ],
    [
      'an export server without authentication that nobody said he wants',
      'volumeServers:\n  - name: vs1\n    volumes: { driver: file, settings: { stateFolder: /nowhere } }\n    exports:\n      driver: vblade\n      settings: { interface: eth1 }\n',
      /vbs\.yaml:5: vblade has no authentication: .*say "openToNetwork: true"/,
    ],
    [
      'port 0 for a daemon that the service does not start',
      "volumeServers:\n  - name: vs1\n    volumes: { driver: file, settings: { stateFolder: /nowhere } }\n    exports:\n      driver: tgt\n      settings: { portal: '127.0.0.1:0' }\n",
      /vbs\.yaml:6: port 0 chooses a free one .*say "daemon: managed"/,
    ],
    [
      'a folder that tgtadm would take apart',
      "volumeServers:\n  - name: vs1\n    volumes: { driver: file, settings: { stateFolder: '/vol,umes' } }\n    exports: { driver: tgt, settings: { portal: '127.0.0.1:3260' } }\n",
      /vbs\.yaml:3: file: the setting "stateFolder" is not an absolute path .*without commas/,
    ],
  ])('the settings have %s', async (_, text, message) => {
    const { exitCode, stderr } = await withSettings(text);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(message) });
  });

  it('a backend file has a mistake', async () => {
    const drivers = join(folder, 'drivers');
    mkdirSync(drivers);
    writeFileSync(join(drivers, 'mine.yaml'), 'kind: initiator\nname: mine\ndescribes: mine\ncolour: blue\n');
    const { exitCode, stderr } = await withSettings(`driverFolders: [${drivers}]\n`);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/mine\.yaml:4: "colour" is not known here; see docs\/adding-a-driver\.md/);
  });
});
