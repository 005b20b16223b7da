import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { DriverError } from '../driver-error.ts';
import type { Clock } from './clock.ts';
import type { CommandResult, HostCommand } from './host.ts';
import { localEnvironment } from './local-host.ts';
import { notStarted } from './not-started.ts';
import type { BootedHost } from './prepared-host.ts';
import { makePrivateFolder } from './private-folder.ts';
import { readRemoteOutcome, remoteCommandLine, remoteGraceSeconds } from './ssh-command-line.ts';

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
/** How long the shared connection outlives its last command. It outlives the service as long, with whatever still runs on the machine. */
const persistSeconds = 60;
/** So long after a command the connection is taken to be there: well below what it persists. */
const trustConnectionMs = 30_000;
/** What the connection may take on top of a command's own time limit: until a dead one is noticed, and a new one made. */
const connectionSlackMs = (connectTimeoutSeconds + aliveEverySeconds * (aliveAttempts + 1)) * 1_000;
const outputLimitBytes = 16 * 1024 * 1024;
/** What sockaddr_un holds on Linux (unix(7)), without the closing zero byte, less what ssh appends while it makes the socket. */
const socketPathLimitBytes = 107 - '.0123456789abcdef'.length;

/**
 * A machine that is reached by the system's ssh. All commands share one connection, which is made before the first of them: so a machine
 * that cannot be reached is `unavailable` with certainty, and a connection that is lost later leaves what ran *unknown*.
 * At the time limit the command is ended on the machine itself; what a lost connection left running ends there as well.
 */
export function sshHost(name: string, address: SshAddress, { stateFolder, clock, newMark }: SshHostContext): BootedHost {
  const socket = controlSocketOf(stateFolder, address);
  const options = [...sshOptions(address, socket), '-l', address.user, '-p', String(address.port)];
  let connected: { readonly bootId: string; readonly atMs: number } | undefined;
  let connecting: Promise<string> | undefined;

  const ssh = (args: readonly string[], timeoutMs: number, input?: string) =>
    execa('ssh', args, {
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      env: localEnvironment,
      extendEnv: false,
      reject: false,
      stripFinalNewline: false,
      maxBuffer: outputLimitBytes,
      timeout: timeoutMs,
      // The service's own end is not that of a command: what runs on the machine is found again by looking.
      cleanup: false,
    });

  async function connect(): Promise<string> {
    await makePrivateFolder(dirname(socket));
    const result = await ssh([...options, '--', address.host, 'exec cat /proc/sys/kernel/random/boot_id'], connectTimeoutSeconds * 2_000);
    if (result.exitCode === undefined && !result.timedOut && result.code === 'ENOENT') throw notStarted(name, 'ssh', result.code);
    if (result.exitCode !== 0) {
      const said = result.stderr.trim().split('\n').at(-1) ?? '';
      const reason = said === '' ? `no answer within ${connectTimeoutSeconds} s` : said;
      throw new DriverError('unavailable', `${name} cannot be reached at ${address.user}@${address.host} port ${address.port}: ${reason}`, {
        retryable: true,
      });
    }
    const bootId = result.stdout.trim();
    connected = { bootId, atMs: clock.nowMs() };
    return bootId;
  }

  /** Throws DriverError `unavailable` when the machine cannot be reached; nothing was run then. */
  async function ensureConnected(): Promise<string> {
    if (connected !== undefined && clock.nowMs() - connected.atMs < trustConnectionMs) return connected.bootId;
    connecting ??= connect().finally(() => {
      connecting = undefined;
    });
    return connecting;
  }

  async function run(command: HostCommand): Promise<CommandResult> {
    const [program] = command.argv;
    if (program === undefined) throw new TypeError('a command needs at least the name of a program');
    const bootId = await ensureConnected();
    const mark = newMark();
    const startedAtMs = clock.nowMs();
    const result = await ssh(
      [...options, '--', address.host, remoteCommandLine(command, mark)],
      command.timeoutMs + remoteGraceSeconds * 1_000 + connectionSlackMs,
      command.stdin,
    );
    if (result.isMaxBuffer) {
      throw new DriverError('unknown', `${basename(program)} on ${name} wrote more than ${outputLimitBytes} bytes and was cut off`);
    }
    const durationMs = clock.nowMs() - startedAtMs;
    const { began, status, stdout, stderr } = readRemoteOutcome(result.stdout ?? '', result.stderr ?? '', mark);
    const seen = { stdout, stderr, startedAtMs, durationMs };
    if (status === undefined) {
      connected = undefined;
      if (result.timedOut) return { ...seen, timedOut: true };
      const when = began ? 'while it ran' : 'as it was to begin';
      throw new DriverError('unknown', `the connection to ${name} was lost ${when}: ${lastLineOf(stderr)}`);
    }
    connected = { bootId, atMs: clock.nowMs() };
    const missing = startFailureOf(status, stderr);
    if (missing !== undefined) throw notStarted(name, program, missing);
    const timedOut = timeoutStatuses.has(status) && durationMs >= command.timeoutMs;
    return { ...seen, ...(timedOut || isSignal(status) ? {} : { exitCode: status }), timedOut };
  }

  return { name, run, bootId: ensureConnected };
}

/** What GNU timeout exits with when it ended the command, and when it had to kill it. */
const timeoutStatuses: ReadonlySet<number> = new Set([124, 137]);

/** 128 and the number of the signal, of which Linux has 64. A program that exits with such a number itself cannot be told apart, and is as unclear. */
function isSignal(status: number): boolean {
  return status > 128 && status <= 192;
}

/** Why GNU timeout could not start the program; it says 127 when there is none, and 126 when it may not be run. */
function startFailureOf(status: number, stderr: string): string | undefined {
  if ((status !== 126 && status !== 127) || !stderr.startsWith('timeout: failed to run command')) return undefined;
  return status === 127 ? 'ENOENT' : 'EACCES';
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
