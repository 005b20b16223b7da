import { connect } from 'node:net';
import { DriverError } from '../driver-error.ts';

const answerTimeoutMs = 3_000;

/**
 * Throws DriverError unless something answers at `ADDRESS:PORT`. QEMU logs in within its main loop, so that the whole VM stands still until a
 * portal that swallows packets has timed out, which takes the kernel two minutes: only a portal that answers may be given to it.
 */
export function requirePortal(portal: string): Promise<void> {
  const colon = portal.lastIndexOf(':');
  const host = portal.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(portal.slice(colon + 1));
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => {
      socket.destroy();
      reject(new DriverError('unavailable', `the portal ${portal} does not answer: ${reason}`, { retryable: true }));
    };
    const socket = connect({ host, port, timeout: answerTimeoutMs });
    socket.once('timeout', () => fail(`no connection in ${answerTimeoutMs} ms`));
    socket.once('error', (error) => fail(error.message));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
