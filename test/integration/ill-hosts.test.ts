import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startService } from '../../src/composition/serve.ts';

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
});
