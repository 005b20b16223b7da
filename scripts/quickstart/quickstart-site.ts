import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { z } from 'zod';
import { controlSocketIn } from '../../src/drivers/command/tgt-daemon.ts';
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
    const serviceState = join(stateFolder, 'vbs');
    const cacheFolder = join(repository, '.cache', 'tiny-vm');
    const image = await buildTinyVmImage({ cacheFolder, onProgress: (message) => voice.line(`  ${message}`) });
    const vm = await voice.during('Booting a VM (QEMU, software emulation)', startTinyVm({ folder: socketFolder, name: domain, image }));
    stops.push(async () => endTgtd(serviceState), vm.stop);

    const endpointPort = await freePort(preferredPort);
    const endpoint = `http://127.0.0.1:${endpointPort}`;
    const settingsFile = join(stateFolder, 'vbs.yaml');
    // Volumes and exports are the embedded default: sparse files in the state folder, and a tgtd that the service starts itself.
    const settings = {
      listen: `127.0.0.1:${endpointPort}`,
      state: serviceState,
      region,
      zones: [zone],
      vmmHosts: [{ name: 'here', vmm: { driver: 'qemu', settings: { qmpSocket: join(socketFolder, '{domain}.qmp') } } }],
      instances: [{ id: instanceId, vmmHost: 'here', domain, name: 'quickstart' }],
    };
    await writeFile(
      settingsFile,
      `# Written by scripts/quickstart.sh. config/vbs.example.yaml says what can be set.\n${stringify(settings)}`,
    );

    const program = join(repository, 'bin', 'vbs.js');
    const vbs = async (...words: readonly string[]) => (await execa('node', [program, ...words, '--state', serviceState])).stdout;
    const key = accessKey.parse(JSON.parse(await vbs('credentials', 'add', '--new-state', '--json')));
    const serviceLog = join(stateFolder, 'vbs.log');
    const service = startDaemon(['node', program, 'serve', '--config', settingsFile], serviceLog);
    stops.push(() => endDaemon(service));
    const isHealthy = async () => {
      const answer = await fetch(`${endpoint}/healthz`).catch(() => undefined);
      return answer?.ok ? true : requireRunning(service, 'the service', serviceLog);
    };
    await voice.during(
      `Starting the service at ${endpoint}`,
      until(isHealthy, 20_000, () => `the service is not ready; see ${serviceLog}`),
    );

    const targets = async () => {
      const show = ['--lld', 'iscsi', '--op', 'show', '--mode', 'target'];
      const { stdout } = await execa('tgtadm', show, { env: { TGT_IPC_SOCKET: controlSocketIn(serviceState) } });
      return [...stdout.matchAll(/^Target \d+: (\S+)$/gm)].map(([line]) => line);
    };
    return { endpoint, region, zone, instanceId, ...key, settingsFile, serviceLog, vm, vbs, targets, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Of a process group of its own, so that a Ctrl-C reaches only us; and the kernel ends it when we end, however that is. */
function startDaemon(command: readonly string[], logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  const started = spawn('setpriv', ['--pdeathsig', 'TERM', ...command], { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  return started;
}

async function endDaemon(daemon: ChildProcess): Promise<void> {
  if (hasEnded(daemon)) return;
  const ended = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
  daemon.kill('SIGTERM');
  await ended;
}

function hasEnded(daemon: ChildProcess): boolean {
  return daemon.exitCode !== null || daemon.signalCode !== null;
}

/** The service leaves its tgtd running as long as there are targets, for the VMs that use them; here the VM is gone, and it ignores any gentler signal. */
export function endTgtd(serviceState: string): void {
  try {
    const pid = Number(readFileSync(join(serviceState, 'tgtd', 'tgtd.pid'), 'utf8'));
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('tgtd')) process.kill(pid, 'SIGKILL');
  } catch (error) {
    // No such file, or no such process: it never ran, or has ended.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))) throw error;
  }
}

/** `undefined` as long as it runs; what it said when it does not. */
function requireRunning(daemon: ChildProcess, name: string, logFile: string): undefined {
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
