import type { HostCommand } from './host.ts';
import { localEnvironment } from './local-host.ts';

/** How long a command that was told to end at its time limit has until it is killed, as on this machine. */
export const remoteGraceSeconds = 2;

/** The one line that the remote side's login shell reads: it becomes a POSIX shell that inherits nothing of the environment there. */
export function remoteShellLine(): string {
  const environment = Object.entries(localEnvironment).map(([name, value]) => `${name}=${value}`);
  return `exec ${['env', '-i', ...environment, 'sh'].map(quoteForShell).join(' ')}`;
}

/** Asks a shell whether it is ready, and which boot its machine is in. One whose `printf` is a program would show in /proc what a command is to read. */
export function greeting(mark: string): string {
  return [
    '{',
    '[ "$(command -v printf)" = printf ] || { echo "the shell there has no printf of its own" >&2; exit 1; }',
    `printf 'vbs-ready %s %s\\n' ${quoteForShell(mark)} "$(cat /proc/sys/kernel/random/boot_id)"`,
    '}\n',
  ].join('\n');
}

/** What a shell that was greeted answers: the id of the boot. `undefined`: it has not answered. */
export function readGreeting(stdout: string, mark: string): string | undefined {
  return new RegExp(`vbs-ready ${mark} (\\S+)\\n`).exec(stdout)?.[1];
}

/**
 * What such a shell reads to run one command, with a mark that nothing else can have written. The marks tell what ssh cannot: whether the command
 * began, what it wrote, and how it ended. GNU timeout runs the command in a process group of its own and ends all of it.
 * In braces, so that a shell that got only a part of it does nothing.
 */
export function remoteScript({ argv, env = {}, stdin, timeoutMs }: HostCommand, mark: string): string {
  const own = quoteForShell(mark);
  const assignments = Object.entries(env).map(([name, value]) => `${requireVariable(name)}=${quoteForShell(value)}`);
  const words = [...assignments, 'timeout', `--kill-after=${remoteGraceSeconds}`, String(timeoutMs / 1000), ...argv.map(quoteForShell)];
  const command = words.join(' ');
  return [
    '{',
    `printf 'vbs-begin %s\\n' ${own}; printf 'vbs-begin %s\\n' ${own} >&2`,
    // A command that ends without having read what it is given is no error.
    stdin === undefined ? `${command} </dev/null` : `printf %s ${quoteForShell(stdin)} 2>/dev/null | ${command}`,
    `printf '\\nvbs-end %s %s\\n' ${own} "$?" >&2; printf '\\nvbs-end %s\\n' ${own}`,
    '}\n',
  ].join('\n');
}

/** One word of a POSIX shell. Between single quotes nothing is special but the single quote itself. */
export function quoteForShell(word: string): string {
  if (word.includes('\0')) throw new TypeError('nothing that a command is given can hold a zero byte');
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function requireVariable(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new TypeError(`${name} cannot be the name of a variable`);
  return name;
}

/** Whether both streams, of which the latest is enough, have come to the end of the command. */
export function isRemoteEnd(stdout: string, stderr: string, mark: string): boolean {
  return stdout.includes(outputEndOf(mark)) && errorsEndOf(mark).test(stderr);
}

export interface RemoteOutcome {
  /** Whether the command began for sure. */
  readonly began: boolean;
  /** The status that the remote shell saw: 128 and the number for a signal. `undefined`: the end was not seen. */
  readonly status?: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Takes the marks out again. What stands before the first (a login shell's greeting, ssh's own words) is none of the command's. */
export function readRemoteOutcome(stdout: string, stderr: string, mark: string): RemoteOutcome {
  const begin = `vbs-begin ${mark}\n`;
  const own = (text: string): string => (text.includes(begin) ? text.slice(text.indexOf(begin) + begin.length) : '');
  const errors = own(stderr);
  const end = errorsEndOf(mark).exec(errors);
  const began = stderr.includes(begin) || stdout.includes(begin);
  const output = own(stdout);
  const outputEnd = output.lastIndexOf(outputEndOf(mark));
  const seenOutput = outputEnd < 0 ? output : output.slice(0, outputEnd);
  if (end === null) return { began, stdout: seenOutput, stderr: began ? errors : stderr };
  return { began, status: Number(end[1]), stdout: seenOutput, stderr: errors.slice(0, end.index) };
}

function outputEndOf(mark: string): string {
  return `\nvbs-end ${mark}\n`;
}

function errorsEndOf(mark: string): RegExp {
  return new RegExp(`\\nvbs-end ${mark} (\\d+)\\n`);
}

/**
 * Why GNU timeout could not start the program; it says 127 when there is none, and 126 when it may not be run. ssh and the machine's libraries may have
 * said something before.
 */
export function startFailureOf(status: number, stderr: string): string | undefined {
  if ((status !== 126 && status !== 127) || !/^timeout: failed to run command/m.test(stderr)) return undefined;
  return status === 127 ? 'ENOENT' : 'EACCES';
}
