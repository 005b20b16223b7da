import { basename } from 'node:path';
import { execa } from 'execa';
import { DriverError } from '../driver-error.ts';
import type { Clock } from './clock.ts';
import { debianPackageOf } from './debian-package.ts';
import type { CommandResult, Host, HostCommand } from './host.ts';

/** A listing longer than this is a runaway command: a cut listing must not be taken for a whole one, so it is an error and not cut. */
const outputLimitBytes = 16 * 1024 * 1024;
/** How long a process group has to end by itself after SIGTERM; storage tools (LVM above all) leave locks behind when killed outright. */
const graceMs = 2_000;
/** How often a dying process group is looked at. */
const pollMs = 20;

/**
 * The environment of every command. Nothing is inherited: LC_ALL makes texts comparable, and PATH names the sbin folders, which Debian
 * leaves out for ordinary users although tgtadm, lvs and iscsiadm live there.
 */
export const localEnvironment = { LC_ALL: 'C', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

/** The machine that VBS runs on. */
export function localHost(name: string, clock: Clock): Host {
  return { name, run: (command) => runHere(name, clock, command) };
}

async function runHere(hostName: string, clock: Clock, command: HostCommand): Promise<CommandResult> {
  const [program, ...args] = command.argv;
  if (program === undefined) throw new TypeError('a command needs at least the name of a program');
  const startedAtMs = clock.nowMs();
  // Its own process group (detached), so that a time-out ends the children of a script too.
  const subprocess = execa(program, args, {
    ...(command.stdin === undefined ? { stdin: 'ignore' as const } : { input: command.stdin }),
    env: { ...localEnvironment, ...command.env },
    extendEnv: false,
    reject: false,
    detached: true,
    cleanup: false,
    stripFinalNewline: false,
    maxBuffer: outputLimitBytes,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void endGroup(clock, subprocess.pid).then(() => {
      // A descendant that left the group keeps the pipes open; nobody is going to wait for it.
      subprocess.stdout?.destroy();
      subprocess.stderr?.destroy();
    });
  }, command.timeoutMs);
  const result = await subprocess.finally(() => clearTimeout(timer));
  if (subprocess.pid === undefined) throw notStarted(hostName, program, result.code, result.cause);
  if (result.isMaxBuffer) {
    await endGroup(clock, subprocess.pid);
    throw new DriverError('unknown', `${basename(program)} on ${hostName} wrote more than ${outputLimitBytes} bytes and was ended`);
  }
  return {
    ...(timedOut || result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
    timedOut,
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    startedAtMs,
    durationMs: clock.nowMs() - startedAtMs,
  };
}

/** Ends a process group: asks, waits, then kills. Resolves when no process of it is left or the kill was sent. */
async function endGroup(clock: Clock, pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  const deadlineMs = clock.nowMs() + graceMs;
  while (clock.nowMs() < deadlineMs) {
    if (!signalGroup(pid, 0)) return;
    await clock.waitMs(pollMs);
  }
  signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    // ESRCH: the group has ended.
    return false;
  }
}

function notStarted(hostName: string, program: string, code: string | undefined, cause: unknown): DriverError {
  const debianPackage = debianPackageOf(basename(program));
  const mend = debianPackage === undefined ? '' : `: install it with apt-get install ${debianPackage}`;
  const reason = code === 'ENOENT' ? `is not installed on ${hostName}${mend}` : `cannot be started on ${hostName} (${code ?? 'no code'})`;
  return new DriverError('unavailable', `${program} ${reason}`, { cause });
}
