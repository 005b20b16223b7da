import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DriverError } from '../driver-error.ts';
import type { Clock } from './clock.ts';
import type { CommandResult, HostCommand } from './host.ts';
import { notStarted } from './not-started.ts';
import type { BootedHost } from './prepared-host.ts';
import { makePrivateFolder } from './private-folder.ts';
import { openRemoteShell, outputLimit, type RemoteShell } from './remote-shell.ts';
import {
  greeting,
  isRemoteEnd,
  readGreeting,
  readRemoteOutcome,
  remoteGraceSeconds,
  remoteScript,
  remoteShellLine,
  startFailureOf,
} from './ssh-command-line.ts';

/** How a machine is reached. Nothing else is heeded: no ssh_config, no agent, no password. */
export interface SshAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A private key without a passphrase. */
  readonly identityFile: string;
  /** Host keys in OpenSSH's form. A host that is not in it, or has another key, is not spoken to. */
  readonly knownHostsFile: string;
}

export interface SshHostContext {
  /** Absolute. The shared connection's socket is in its folder `ssh`, unless that path is too long for one. */
  readonly stateFolder: string;
  readonly clock: Clock;
  /** A text of letters and digits that nobody can guess. */
  readonly newMark: () => string;
}

const connectTimeoutSeconds = 15;
const aliveEverySeconds = 5;
const aliveAttempts = 3;
/** How long the shared connection outlives its last shell. It outlives the service as long, with whatever still runs on the machine. */
const persistSeconds = 60;
/** How many shells wait for a command, and how long. sshd allows ten on one connection (MaxSessions); more of them bring their own. */
const mostIdleShells = 2;
const idleMs = 600_000;
/** What the connection may take on top of a command's own time limit: until a dead one is noticed, and a new one made. */
const connectionSlackMs = (connectTimeoutSeconds + aliveEverySeconds * (aliveAttempts + 1)) * 1_000;
/** What sockaddr_un holds on Linux (unix(7)), without the closing zero byte, less what ssh appends while it makes the socket. */
const socketPathLimitBytes = 107 - '.0123456789abcdef'.length;

/** A shell on the machine that is ready for a command. */
interface ReadyShell {
  readonly shell: RemoteShell;
  readonly bootId: string;
}

/**
 * A machine that is reached by the system's ssh. Each command is read by a shell there, which was greeted before: so a machine that cannot be
 * reached is `unavailable` with certainty, and a connection that is lost later leaves what ran *unknown*. A shell serves one command after the other,
 * and all of them share one connection.
 * At the time limit the command is ended on the machine itself; what a lost connection left running ends there as well.
 */
export function sshHost(name: string, address: SshAddress, { stateFolder, clock, newMark }: SshHostContext): BootedHost {
  const socket = controlSocketOf(stateFolder, address);
  const args = [...sshOptions(address, socket), '-l', address.user, '-p', String(address.port), '--', address.host, remoteShellLine()];
  const idle: (ReadyShell & { readonly closing: NodeJS.Timeout })[] = [];
  /** The latest one to be greeted, or to wait for another command. */
  let latest: ReadyShell | undefined;
  let connecting: Promise<ReadyShell> | undefined;

  /** A shell ends with its connection, and that with the machine's boot: at the latest when the connection is found to be dead. */
  const openLatest = (): ReadyShell | undefined => (latest?.shell.isOpen() ? latest : undefined);

  /** Throws DriverError `unavailable` when the machine cannot be reached; nothing was run then. */
  async function openShell(): Promise<ReadyShell> {
    await makePrivateFolder(dirname(socket));
    const mark = newMark();
    const shell = openRemoteShell('ssh', args);
    const hasAnswered = (stdout: string) => readGreeting(stdout, mark) !== undefined;
    const { stdout, stderr, startFailure } = await shell.run(greeting(mark), hasAnswered, connectTimeoutSeconds * 2_000);
    const bootId = readGreeting(stdout, mark);
    if (bootId !== undefined) {
      latest = { shell, bootId };
      return latest;
    }
    shell.close();
    if (startFailure !== undefined) throw notStarted(name, 'ssh', startFailure);
    const said = lastLineOf(stderr);
    const reason = said === '' ? `no answer within ${connectTimeoutSeconds} s` : said;
    throw new DriverError('unavailable', `${name} cannot be reached at ${address.user}@${address.host} port ${address.port}: ${reason}`, {
      retryable: true,
    });
  }

  async function takeShell(): Promise<ReadyShell> {
    for (let ready = idle.pop(); ready !== undefined; ready = idle.pop()) {
      clearTimeout(ready.closing);
      if (ready.shell.isOpen()) return ready;
    }
    if (openLatest() !== undefined) return openShell();
    if (connecting === undefined) {
      connecting = openShell().finally(() => {
        connecting = undefined;
      });
      return connecting;
    }
    // The first makes the connection that the others share.
    await connecting;
    return openShell();
  }

  function putBack({ shell, bootId }: ReadyShell): void {
    if (idle.length >= mostIdleShells) {
      shell.close();
      return;
    }
    latest = { shell, bootId };
    idle.push({ shell, bootId, closing: setTimeout(shell.close, idleMs).unref() });
  }

  async function run(command: HostCommand): Promise<CommandResult> {
    const [program] = command.argv;
    if (program === undefined) throw new TypeError('a command needs at least the name of a program');
    const mark = newMark();
    const script = remoteScript(command, mark);
    const ready = await takeShell();
    const startedAtMs = clock.nowMs();
    const askedAtMs = clock.elapsedMs();
    const limitMs = command.timeoutMs + remoteGraceSeconds * 1_000 + connectionSlackMs;
    const output = await ready.shell.run(script, (stdout, stderr) => isRemoteEnd(stdout, stderr, mark), limitMs);
    const durationMs = Math.round(clock.elapsedMs() - askedAtMs);
    if (output.ending === 'wrote too much') {
      throw new DriverError('unknown', `${basename(program)} on ${name} wrote more than ${outputLimit} characters and was cut off`);
    }
    const { began, status, stdout, stderr } = readRemoteOutcome(output.stdout, output.stderr, mark);
    const seen = { stdout, stderr, startedAtMs, durationMs };
    if (output.ending !== 'over' || status === undefined) {
      if (output.ending === 'timed out') return { ...seen, timedOut: true };
      const when = began ? 'while it ran' : 'as it was to begin';
      throw new DriverError('unknown', `the connection to ${name} was lost ${when}: ${lastLineOf(stderr)}`);
    }
    putBack(ready);
    const missing = startFailureOf(status, stderr);
    if (missing !== undefined) throw notStarted(name, program, missing);
    const timedOut = timeoutStatuses.has(status) && durationMs >= command.timeoutMs;
    return { ...seen, ...(timedOut || isSignal(status) ? {} : { exitCode: status }), timedOut };
  }

  async function bootId(): Promise<string> {
    const open = openLatest();
    if (open !== undefined) return open.bootId;
    const ready = await takeShell();
    putBack(ready);
    return ready.bootId;
  }

  return { name, run, bootId };
}

/** What GNU timeout exits with when it ended the command, and when it had to kill it. */
const timeoutStatuses: ReadonlySet<number> = new Set([124, 137]);

/** 128 and the number of the signal, of which Linux has 64. A program that exits with such a number itself cannot be told apart, and is as unclear. */
function isSignal(status: number): boolean {
  return status > 128 && status <= 192;
}

function sshOptions({ identityFile, knownHostsFile }: SshAddress, socket: string): readonly string[] {
  const settings = {
    BatchMode: 'yes',
    PreferredAuthentications: 'publickey',
    IdentityFile: quoteForConfig(identityFile),
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: quoteForConfig(knownHostsFile),
    GlobalKnownHostsFile: 'none',
    ConnectTimeout: String(connectTimeoutSeconds),
    ServerAliveInterval: String(aliveEverySeconds),
    ServerAliveCountMax: String(aliveAttempts),
    ControlMaster: 'auto',
    ControlPersist: String(persistSeconds),
    ControlPath: quoteForConfig(socket),
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    ForwardX11: 'no',
    LogLevel: 'ERROR',
  };
  return ['-F', 'none', '-T', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

/** ssh splits values at spaces and takes `%` for tokens of its own. It has no way to write a double quote, which the settings refuse. */
function quoteForConfig(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

/** One for each way to reach a machine, so that a change of the settings never goes on over an old connection. */
function controlSocketOf(stateFolder: string, address: SshAddress): string {
  const file = hashOf(JSON.stringify(address));
  const folder = join(stateFolder, 'ssh');
  const isShort = Buffer.byteLength(join(folder, file)) <= socketPathLimitBytes;
  return isShort ? join(folder, file) : join(tmpdir(), `vbs-ssh-${hashOf(folder)}`, file);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
