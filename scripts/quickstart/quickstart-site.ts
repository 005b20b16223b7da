import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { z } from 'zod';
import { startTinyVm, type TinyVm } from '../tiny-vm/tiny-vm.ts';
import { buildTinyVmImage } from '../tiny-vm/tiny-vm-image.ts';
import { until, type Voice } from './voice.ts';

export interface QuickstartSite {
  readonly endpoint: string;
  readonly region: string;
  readonly zone: string;
  readonly instanceId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly settingsFile: string;
  readonly serviceLog: string;
  readonly vm: TinyVm;
  /** Runs the `vbs` command; answers its standard output. */
  vbs(...words: readonly string[]): Promise<string>;
  /** The iSCSI targets that are there. */
  targets(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface QuickstartFolders {
  readonly repository: string;
  readonly stateFolder: string;
  /** Apart from the state: the path of a socket must be short, and the repository's may be long. */
  readonly socketFolder: string;
}

const region = 'us-east-1';
const zone = 'us-east-1a';
const instanceId = 'i-00000001';
const domain = 'tiny';
const preferredPort = 8773;

const accessKey = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

/** Starts everything that a site has, all on this machine and without root: tgtd, a VM, and the service between them. */
export async function startQuickstartSite({
  repository,
  stateFolder,
  socketFolder,
  voice,
}: QuickstartFolders & { readonly voice: Voice }): Promise<QuickstartSite> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    await mkdir(stateFolder, { recursive: true });
    const cacheFolder = join(repository, '.cache', 'tiny-vm');
    const image = await buildTinyVmImage({ cacheFolder, onProgress: (message) => voice.line(`  ${message}`) });
    const vm = await voice.during('Booting a VM (QEMU, software emulation)', startTinyVm({ folder: socketFolder, name: domain, image }));
    stops.push(vm.stop);

    const portal = `127.0.0.1:${await freePort()}`;
    const controlSocket = join(socketFolder, 'tgtd');
    const tgtadm = (...words: readonly string[]) =>
      execa('tgtadm', ['--lld', 'iscsi', ...words], { env: { TGT_IPC_SOCKET: controlSocket } });
    const tgtdLog = join(stateFolder, 'tgtd.log');
    // tgtd ignores SIGTERM while it has targets.
    const tgtd = startDaemon(['tgtd', '-f', '--iscsi', `portal=${portal}`], { TGT_IPC_SOCKET: controlSocket }, 'KILL', tgtdLog);
    stops.push(() => endDaemon(tgtd));
    // tgtd listens somewhere else, without a word, when its portal is taken.
    const isUp = async () => {
      const portals = await tgtadm('--op', 'show', '--mode', 'portal').then(
        ({ stdout }) => stdout,
        () => '',
      );
      return portals.includes(`Portal: ${portal},`) ? true : requireRunning(tgtd, 'tgtd', tgtdLog);
    };
    await voice.during(
      `Starting tgtd, an iSCSI target server, at ${portal}`,
      until(isUp, 10_000, () => `tgtd does not answer; see ${tgtdLog}`),
    );

    const endpointPort = await freePort(preferredPort);
    const endpoint = `http://127.0.0.1:${endpointPort}`;
    const serviceState = join(stateFolder, 'vbs');
    const settingsFile = join(stateFolder, 'vbs.yaml');
    const settings = {
      listen: `127.0.0.1:${endpointPort}`,
      state: serviceState,
      region,
      zones: [zone],
      volumeServers: [
        {
          name: 'disks',
          volumes: { driver: 'file', settings: { stateFolder: join(stateFolder, 'data') } },
          exports: { driver: 'tgt', settings: { controlSocket, portal } },
        },
      ],
      vmmHosts: [{ name: 'here', vmm: { driver: 'qemu', settings: { qmpSocket: join(socketFolder, '{domain}.qmp') } } }],
      instances: [{ id: instanceId, vmmHost: 'here', domain, name: 'quickstart' }],
    };
    await writeFile(
      settingsFile,
      `# Written by scripts/quickstart.sh. config/vbs.example.yaml says what can be set.\n${stringify(settings)}`,
    );

    const program = join(repository, 'bin', 'vbs.js');
    const vbs = async (...words: readonly string[]) => (await execa('node', [program, ...words, '--state', serviceState])).stdout;
    const key = accessKey.parse(JSON.parse(await vbs('credentials', 'add', '--json')));
    const serviceLog = join(stateFolder, 'vbs.log');
    const service = startDaemon(['node', program, 'serve', '--config', settingsFile], {}, 'TERM', serviceLog);
    stops.push(() => endDaemon(service));
    const isHealthy = async () => {
      const answer = await fetch(`${endpoint}/healthz`).catch(() => undefined);
      return answer?.ok ? true : requireRunning(service, 'the service', serviceLog);
    };
    await voice.during(
      `Starting the service at ${endpoint}`,
      until(isHealthy, 20_000, () => `the service is not ready; see ${serviceLog}`),
    );

    const targets = async () =>
      [...(await tgtadm('--op', 'show', '--mode', 'target')).stdout.matchAll(/^Target \d+: (\S+)$/gm)].map(([line]) => line);
    return { endpoint, region, zone, instanceId, ...key, settingsFile, serviceLog, vm, vbs, targets, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Daemon {
  readonly process: ChildProcess;
  readonly endSignal: 'TERM' | 'KILL';
}

/** Of a process group of its own, so that a Ctrl-C reaches only us; and the kernel ends it when we end, however that is. */
function startDaemon(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  endSignal: Daemon['endSignal'],
  logFile: string,
): Daemon {
  const log = openSync(logFile, 'a');
  const started = spawn('setpriv', ['--pdeathsig', endSignal, ...command], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  return { process: started, endSignal };
}

async function endDaemon(daemon: Daemon): Promise<void> {
  if (hasEnded(daemon)) return;
  const ended = new Promise<void>((resolve) => daemon.process.once('exit', () => resolve()));
  daemon.process.kill(`SIG${daemon.endSignal}`);
  await ended;
}

function hasEnded({ process: daemon }: Daemon): boolean {
  return daemon.exitCode !== null || daemon.signalCode !== null;
}

/** `undefined` as long as it runs; what it said when it does not. */
function requireRunning(daemon: Daemon, name: string, logFile: string): undefined {
  if (hasEnded(daemon)) throw new Error(`${name} ended at once; it said:\n${readFileSync(logFile, 'utf8').trim()}`);
  return undefined;
}

/** A port that nobody listens at: the preferred one if it is free. */
async function freePort(preferred = 0): Promise<number> {
  const server = createServer();
  const listening = new Promise<number | undefined>((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen(preferred, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : undefined);
    });
  });
  const port = await listening;
  if (port === undefined) return freePort();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
