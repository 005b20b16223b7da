import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DriverError } from '../driver-error.ts';
import type { Clock } from './clock.ts';
import { boundDaemonLog } from './daemon-log.ts';
import { debianPackageOf } from './debian-package.ts';
import type { CommandResult, Host } from './host.ts';
import { localEnvironment } from './local-host.ts';
import { makePrivateFolder } from './private-folder.ts';
import { descriptorsOf } from './tgtd-descriptors.ts';

/** A tgtd of our own: in user space, apart from any that the distribution runs. */
export interface TgtDaemon {
  /** For the backend's setting of that name: tgtd appends a number to it. */
  readonly controlSocket: string;
  /** `ADDRESS:PORT` that it listens on. */
  readonly portal: string;
  /** Whether this call started it, so that it has no targets yet. */
  readonly started: boolean;
}

export interface TgtDaemonContext {
  /** Absolute. Everything of the daemon's is in its folder `tgtd`, but the control socket where that path is too long for one. */
  readonly stateFolder: string;
  /** Runs tgtadm. The daemon itself is started on this machine. */
  readonly host: Host;
  readonly clock: Clock;
}

const readyWithinMs = 10_000;
const stopWithinMs = 5_000;
const pollMs = 50;
/** What sockaddr_un holds on Linux (unix(7)), without the closing zero byte. */
const socketPathLimitBytes = 107;
/** How tgtadm exits when there is no daemon behind the socket (ENOTCONN; seen with tgt 1.0.85). */
const noDaemonExit = 107;

/**
 * Finds our tgtd, or starts it. It outlives the service on purpose: VMs keep their disks while VBS restarts.
 * With port 0 a free port is chosen once and kept in the state folder, since initiators reconnect to the port they know.
 * Throws DriverError: `unavailable` when tgtd is not installed or does not start, `conflict` when the portal is taken or ours listens elsewhere.
 */
export async function ensureTgtDaemon(wanted: { readonly portal: string }, context: TgtDaemonContext): Promise<TgtDaemon> {
  const files = filesIn(context.stateFolder);
  await makePrivateFolder(files.folder);
  await makePrivateFolder(files.socketFolder);
  const portal = await keptPortal(wanted.portal, files.portal);
  const { controlSocket } = files;
  // First, since one that has no descriptor left answers nothing until it has.
  await raiseLimit(controlSocket, context.host);
  const portals = await portalsOf(controlSocket, context.host);
  if (portals === undefined) {
    await start(portal, files, context);
    await raiseLimit(controlSocket, context.host);
    return { controlSocket, portal, started: true };
  }
  if (portals.length === 1 && portals[0] === portal) return { controlSocket, portal, started: false };
  throw new DriverError(
    'conflict',
    `the tgtd of ${files.folder} listens on ${portals.join(' and ')}, not on ${portal}: detach all volumes and stop it, or set that portal`,
  );
}

/** Stops our tgtd, unless it has targets: a VM may be using them. */
export async function stopTgtDaemon({ stateFolder, host, clock }: TgtDaemonContext): Promise<'stopped' | 'in use' | 'not running'> {
  const { controlSocket } = filesIn(stateFolder);
  const targets = await ask(['--lld', 'iscsi', '--op', 'show', '--mode', 'target'], controlSocket, host);
  if (targets === undefined) return 'not running';
  if (targets.stdout.trim() !== '') return 'in use';
  // tgtd takes no notice of SIGTERM (tgt 1.0.85). This it refuses while there is a target, so one made meanwhile is safe.
  const deleted = await ask(['--op', 'delete', '--mode', 'system'], controlSocket, host);
  if (deleted === undefined) return 'stopped';
  const gone = await poll(clock, stopWithinMs, async () => (await portalsOf(controlSocket, host)) === undefined);
  if (!gone) throw new DriverError('unknown', `tgtd was told to end and still answers after ${stopWithinMs} ms`);
  return 'stopped';
}

/**
 * Bounds the log of our tgtd, whether tgtd answers or not; to be called every second: with no descriptor left for a connection it writes some 40 MB
 * between two. Needs no tgtd that runs.
 */
export async function boundTgtLog({ stateFolder }: Pick<TgtDaemonContext, 'stateFolder'>): Promise<void> {
  await boundDaemonLog(filesIn(stateFolder).log);
}

/** Where our tgtd's control socket is, for whoever wants to ask it with tgtadm (TGT_IPC_SOCKET). */
export function controlSocketIn(stateFolder: string): string {
  return filesIn(stateFolder).controlSocket;
}

interface DaemonFiles {
  readonly folder: string;
  readonly socketFolder: string;
  readonly controlSocket: string;
  readonly portal: string;
  readonly log: string;
  readonly pid: string;
}

function filesIn(stateFolder: string): DaemonFiles {
  const folder = join(stateFolder, 'tgtd');
  const besides = join(folder, 'control');
  // tgtd cuts a longer path without a word, and its control socket is then somewhere else.
  const isShort = Buffer.byteLength(`${besides}.0`) <= socketPathLimitBytes;
  const socketFolder = isShort ? folder : join(tmpdir(), `vbs-tgtd-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  return {
    folder,
    socketFolder,
    controlSocket: join(socketFolder, 'control'),
    portal: join(folder, 'portal'),
    log: join(folder, 'tgtd.log'),
    pid: join(folder, 'tgtd.pid'),
  };
}

async function keptPortal(wanted: string, file: string): Promise<string> {
  const { address, port } = partsOf(wanted);
  if (port !== 0) return wanted;
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined && partsOf(kept.trim()).address === address) return kept.trim();
  const chosen = `${address}:${await listenBriefly(address, 0)}`;
  await writeFile(file, `${chosen}\n`, { mode: 0o600 });
  return chosen;
}

function partsOf(portal: string): { readonly address: string; readonly port: number } {
  const colon = portal.lastIndexOf(':');
  return { address: portal.slice(0, colon), port: Number(portal.slice(colon + 1)) };
}

/** Answers with the port. Rejects with the system's error when it is taken or the address is not this machine's. */
async function listenBriefly(address: string, port: number): Promise<number> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address.replace(/^\[|\]$/g, ''), port }, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : port));
    });
  });
}

async function start(portal: string, files: DaemonFiles, { host, clock }: TgtDaemonContext): Promise<void> {
  const { address, port } = partsOf(portal);
  // Asked first, because tgtd does not end when it cannot have its portal: it listens on 0.0.0.0:3260 instead (seen with tgt 1.0.85).
  await listenBriefly(address, port).catch((cause: unknown) => {
    throw new DriverError(
      'conflict',
      `tgtd cannot listen on ${portal}: ${reasonOf(cause)}; see ss -ltnp for who does, or set another portal`,
      { cause },
    );
  });
  const log = await open(files.log, 'a', 0o600);
  try {
    const daemon = spawn('tgtd', ['-f', '-C', '0', '--iscsi', `portal=${portal}`], {
      env: { ...localEnvironment, TGT_IPC_SOCKET: files.controlSocket },
      cwd: '/',
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
    });
    const failure = new Promise<unknown>((resolve) => {
      daemon.once('error', resolve);
    });
    let ended = false;
    daemon.once('exit', () => {
      ended = true;
    });
    const { pid } = daemon;
    if (pid === undefined) {
      const cause = await failure;
      throw new DriverError('unavailable', `tgtd cannot be started (${reasonOf(cause)}): apt-get install ${debianPackageOf('tgtd')}`, {
        cause,
      });
    }
    daemon.unref();
    await writeFile(files.pid, `${pid}\n`, { mode: 0o600 });
    await waitUntilReady(portal, files, { host, clock, hasEnded: () => ended, pid });
  } finally {
    await log.close();
  }
}

async function waitUntilReady(
  portal: string,
  files: DaemonFiles,
  { host, clock, hasEnded, pid }: { host: Host; clock: Clock; hasEnded: () => boolean; pid: number },
): Promise<void> {
  let portals: readonly string[] | undefined;
  await poll(clock, readyWithinMs, async () => {
    portals = await portalsOf(files.controlSocket, host);
    return hasEnded() || (portals !== undefined && portals.length > 0);
  });
  if (portals?.length === 1 && portals[0] === portal) return;
  // Whatever it listens on instead of our portal, it must not go on.
  if (!hasEnded()) process.kill(pid, 'SIGKILL');
  const lines = (await readFile(files.log, 'utf8')).trimEnd().split('\n').slice(-5).join('; ');
  const instead = portals === undefined || portals.length === 0 ? 'did not come up' : `listened on ${portals.join(' and ')} and was ended`;
  throw new DriverError('unavailable', `tgtd was to listen on ${portal} and ${instead}; the end of ${files.log}: ${lines}`);
}

/**
 * Gives our tgtd all descriptors that it may have: an export takes one, a session another, and without one left it ends. Where that cannot be done
 * exports are refused before that (tgtadm-built-in.ts), and `vbs doctor` tells.
 */
async function raiseLimit(controlSocket: string, host: Host): Promise<void> {
  const descriptors = descriptorsOf(controlSocket);
  if (descriptors === undefined || descriptors.limit >= descriptors.hardLimit) return;
  const argv = ['prlimit', '--pid', String(descriptors.pid), `--nofile=${descriptors.hardLimit}:`];
  await host.run({ argv, timeoutMs: 10_000 }).catch((cause: unknown) => {
    if (!(cause instanceof DriverError)) throw cause;
  });
}

/** What the daemon behind the socket listens on, `undefined` when there is none. */
async function portalsOf(controlSocket: string, host: Host): Promise<readonly string[] | undefined> {
  const answer = await ask(['--lld', 'iscsi', '--op', 'show', '--mode', 'portal'], controlSocket, host);
  return answer === undefined ? undefined : [...answer.stdout.matchAll(/^Portal: (\S+),\d+$/gm)].flatMap(([, portal]) => portal ?? []);
}

async function ask(args: readonly string[], controlSocket: string, host: Host): Promise<CommandResult | undefined> {
  const result = await host.run({ argv: ['tgtadm', ...args], env: { TGT_IPC_SOCKET: controlSocket }, timeoutMs: 10_000 });
  if (result.exitCode === noDaemonExit) return undefined;
  if (result.exitCode === 0) return result;
  const what = result.timedOut ? 'gave no answer' : `exited with ${result.exitCode}: ${result.stderr.trim()}`;
  throw new DriverError('unknown', `tgtadm ${args.join(' ')} ${what} (control socket ${controlSocket})`);
}

async function poll(clock: Clock, withinMs: number, isDone: () => Promise<boolean>): Promise<boolean> {
  const deadlineMs = clock.elapsedMs() + withinMs;
  while (!(await isDone())) {
    if (clock.elapsedMs() >= deadlineMs) return false;
    await clock.waitMs(pollMs);
  }
  return true;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
