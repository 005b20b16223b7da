import type { HostCommand } from './host.ts';
import { localEnvironment } from './local-host.ts';

/** How long a command that was told to end at its time limit has until it is killed, as on this machine. */
export const remoteGraceSeconds = 2;

/**
 * What runs beside every remote command. The marks tell what ssh cannot: whether the command began, and how it ended: ssh exits with 255
 * both for a lost connection and for a program that does. GNU timeout runs the command in a process group of its own and ends all of it.
 */
const wrapper = [
  'mark=$1 limit=$2; shift 2',
  'printf "vbs-begin %s\\n" "$mark"; printf "vbs-begin %s\\n" "$mark" >&2',
  `timeout --kill-after=${remoteGraceSeconds} "$limit" "$@"`,
  'printf "\\nvbs-end %s %s\\n" "$mark" "$?" >&2',
].join('\n');

/** The one line that the remote side's POSIX shell reads, with a mark that nothing else can have written. Nothing of the remote environment is inherited. */
export function remoteCommandLine({ argv, env, timeoutMs }: HostCommand, mark: string): string {
  const environment = Object.entries({ ...localEnvironment, ...env }).map(([name, value]) => `${name}=${value}`);
  const words = ['env', '-i', ...environment, 'sh', '-c', wrapper, 'vbs', mark, String(timeoutMs / 1000), ...argv];
  return `exec ${words.map(quoteForShell).join(' ')}`;
}

/** One word of a POSIX shell. Between single quotes nothing is special but the single quote itself. */
export function quoteForShell(word: string): string {
  if (word.includes('\0')) throw new TypeError('no argument of a command can hold a zero byte');
  return `'${word.replaceAll("'", "'\\''")}'`;
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
  const end = new RegExp(`\\nvbs-end ${mark} (\\d+)\\n`).exec(errors);
  const began = stderr.includes(begin) || stdout.includes(begin);
  if (end === null) return { began, stdout: own(stdout), stderr: began ? errors : stderr };
  return {
    began,
    status: Number(end[1]),
    stdout: own(stdout),
    stderr: errors.slice(0, end.index) + errors.slice(end.index + end[0].length),
  };
}
