import { execFile, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTinyVm } from '../../scripts/tiny-vm/tiny-vm.ts';
import { buildTinyVmImage } from '../../scripts/tiny-vm/tiny-vm-image.ts';
import type { Cleanup } from './cleanup.ts';
import { untilHealthy } from './filled-service.ts';
import { fillState } from './filled-state.ts';
import { createQueryClient, type QueryClient } from './query-client.ts';
import { freePort, spawnService } from './service-process.ts';
import { until } from './until.ts';

/** A tgtd, a VM, and the service between them, with nothing in them yet. */
export interface AttachSite {
  readonly portal: string;
  readonly qmpSocket: string;
  readonly instanceId: string;
  readonly client: QueryClient;
  readonly folder: string;
  readonly stateFolder: string;
  /** Runs tgtadm as somebody would who types it. */
  tgtadm(...words: readonly string[]): Promise<string>;
}

const domain = 'tiny';
const instanceId = 'i-00000001';
const cacheFolder = fileURLToPath(new URL('../../.cache/tiny-vm/', import.meta.url));

export async function startAttachSite(cleanup: Cleanup, onProgress: (message: string) => void): Promise<AttachSite> {
  const folder = cleanup.folder();
  const image = await buildTinyVmImage({ cacheFolder, onProgress });
  const vm = await startTinyVm({ folder, name: domain, image });
  cleanup.add(vm.stop);
  const { portal, tgtadm, environment } = await startTgtd(folder, cleanup);

  const stateFolder = join(folder, 'state');
  await mkdir(stateFolder, { recursive: true });
  const { key } = fillState(stateFolder, 0);
  const settingsFile = join(folder, 'vbs.yaml');
  const settings = {
    volumeServers: [
      {
        name: 'disks',
        volumes: { driver: 'file', settings: { stateFolder: join(folder, 'data') } },
        exports: { driver: 'tgt', settings: { controlSocket: environment.TGT_IPC_SOCKET, portal } },
      },
    ],
    vmmHosts: [{ name: 'here', vmm: { driver: 'qemu', settings: { qmpSocket: join(folder, '{domain}.qmp') } } }],
    instances: [{ id: instanceId, vmmHost: 'here', domain }],
  };
  // JSON is YAML.
  writeFileSync(settingsFile, JSON.stringify(settings));
  const service = await spawnService(stateFolder, ['--config', settingsFile], cleanup);
  const client = createQueryClient(service, key);
  cleanup.add(() => client.close());
  await untilHealthy(service, client, 5);
  return { portal, qmpSocket: vm.qmpSocket, instanceId, client, folder, stateFolder, tgtadm };
}

async function startTgtd(folder: string, cleanup: Cleanup) {
  const portal = `127.0.0.1:${await freePort()}`;
  const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', TGT_IPC_SOCKET: join(folder, 'tgtd') };
  // However this process ends, the kernel ends tgtd with it.
  const tgtd = spawn('setpriv', ['--pdeathsig', 'KILL', 'tgtd', '-f', '--iscsi', `portal=${portal}`], {
    env: environment,
    stdio: 'ignore',
  });
  // It takes no notice of SIGTERM while it has targets.
  cleanup.add(() => void tgtd.kill('SIGKILL'));
  const run = promisify(execFile);
  const tgtadm: AttachSite['tgtadm'] = async (...words) => (await run('tgtadm', ['--lld', 'iscsi', ...words], { env: environment })).stdout;
  await until(
    async () => {
      const portals = await tgtadm('--op', 'show', '--mode', 'portal').catch(() => '');
      return portals.includes(`Portal: ${portal},`) ? true : undefined;
    },
    { everyMs: 20, timeoutMs: 10_000, describe: () => 'tgtd does not answer; is it installed?' },
  );
  return { portal, environment, tgtadm };
}
