import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { DriverError } from '../driver-error.ts';
import type { Clock } from './clock.ts';
import type { CommandResult, Host, HostCommand } from './host.ts';
import { notStarted } from './not-started.ts';

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
  const began = clock.elapsedMs();
  const subprocess = spawn(program, args, {
    stdio: [command.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...localEnvironment, ...command.env },
    // Its own process group, so that a time-out ends the children of a script too.
    detached: true,
  });
  // Whether it was started, which is known before anything else happens to it.
  const { pid } = subprocess;
  if (pid === undefined) {
    const [cause] = (await once(subprocess, 'error')) as [NodeJS.ErrnoException];
    throw notStarted(hostName, program, cause.code, cause);
  }
  // A program that ends without having read what it is given is no error.
  subprocess.stdin?.on('error', () => undefined).end(command.stdin);
  const closeOutput = (): void => {
    subprocess.stdout?.destroy();
    subprocess.stderr?.destroy();
  };
  let stopped: 'timed out' | 'wrote too much' | undefined;
  const stop = (why: NonNullable<typeof stopped>): void => {
    stopped ??= why;
    // A descendant that left the group keeps the pipes open; nobody is going to wait for it.
    void endGroup(clock, pid).then(closeOutput);
  };
  const timer = setTimeout(() => stop('timed out'), command.timeoutMs);
  const stdout = collect(subprocess.stdout, () => stop('wrote too much'));
  const stderr = collect(subprocess.stderr, () => stop('wrote too much'));
  const [exitCode] = (await once(subprocess, 'close').finally(() => clearTimeout(timer))) as [number | null];
  if (stopped === 'wrote too much') {
    throw new DriverError('unknown', `${basename(program)} on ${hostName} wrote more than ${outputLimitBytes} bytes and was ended`);
  }
  const timedOut = stopped === 'timed out';
  return {
    ...(timedOut || exitCode === null ? {} : { exitCode }),
    timedOut,
    stdout: stdout(),
    stderr: stderr(),
    startedAtMs,
    durationMs: Math.round(clock.elapsedMs() - began),
  };
}

/** Gathers what a stream gives; the answer is all of it until then. */
function collect(stream: Readable | null, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > outputLimitBytes) {
      onTooMuch();
    } else {
      chunks.push(chunk);
    }
  });
  return () => Buffer.concat(chunks).toString();
}

/** Ends a process group: asks, waits, then kills. Resolves when no process of it is left or the kill was sent. */
async function endGroup(clock: Clock, pid: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const deadlineMs = clock.elapsedMs() + graceMs;
  while (clock.elapsedMs() < deadlineMs) {
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
