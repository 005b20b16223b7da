import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { basename, isAbsolute } from 'node:path';
import { DriverError } from '../driver-error.ts';

/**
 * Connects to a monitor's unix socket; `undefined` when the domain surely does not run, because no process listens there.
 * Throws DriverError when that cannot be told.
 */
export async function connectMonitor(socketPath: string): Promise<Socket | undefined> {
  try {
    return await connected(socketPath);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    const nobodyAnswers = code === 'ENOENT' || code === 'ECONNREFUSED';
    if (nobodyAnswers && !isListenedOn(await readFile('/proc/net/unix', 'utf8'), socketPath)) return undefined;
    const reason = nobodyAnswers ? 'a process listens on it, and its file was removed or replaced' : String(cause);
    throw new DriverError('unavailable', `cannot reach the monitor ${socketPath}: ${reason}`, { retryable: !nobodyAnswers, cause });
  }
}

function connected(socketPath: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** SO_ACCEPTCON as /proc/net/unix shows it (linux/net.h). */
const listeningFlag = 0x10000;

/**
 * Whether /proc/net/unix shows a listener at a path. A listener stays there when its file is removed, and shows the path as its process gave
 * it: of a relative one only the file name can be compared, and a match counts, since "it runs" is the careful answer.
 */
export function isListenedOn(procNetUnix: string, socketPath: string): boolean {
  return procNetUnix.split('\n').some((line) => {
    const [, , , flags = '0', , , , ...path] = line.trim().split(/\s+/);
    const bound = path.join(' ');
    const isSame = isAbsolute(bound) ? bound === socketPath : bound !== '' && basename(bound) === basename(socketPath);
    return isSame && (Number.parseInt(flags, 16) & listeningFlag) !== 0;
  });
}
