import { connect } from 'node:net';
import { DriverError } from '../driver-error.ts';
import { basicHeaderBytes, isAnswerToLogin, loginRequest } from './iscsi-login.ts';

const answerTimeoutMs = 3_000;

/**
 * Throws DriverError unless an iSCSI target answers at `ADDRESS:PORT`. QEMU logs in within its main loop, so that the whole VM stands still until a
 * portal that swallows packets has timed out, which takes the kernel two minutes, or one whose daemon hangs. A connection alone says little: the
 * kernel of the volume server accepts it whatever its daemon does. So a login is begun, and left at the first answer.
 */
export function requirePortal(portal: string, initiatorName: string): Promise<void> {
  const colon = portal.lastIndexOf(':');
  const host = portal.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(portal.slice(colon + 1));
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let isConnected = false;
    let received = Buffer.alloc(0);
    const end = (settle: () => void) => {
      clearTimeout(limit);
      socket.destroy();
      settle();
    };
    const fail = (reason: string) =>
      end(() => reject(new DriverError('unavailable', `the portal ${portal} does not answer: ${reason}`, { retryable: true })));
    const limit = setTimeout(
      () =>
        fail(
          isConnected ? `connected, and no answer to an iSCSI login in ${answerTimeoutMs} ms` : `no connection in ${answerTimeoutMs} ms`,
        ),
      answerTimeoutMs,
    );
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => fail('it closed the connection before it answered an iSCSI login'));
    socket.once('connect', () => {
      isConnected = true;
      socket.write(loginRequest(initiatorName));
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < basicHeaderBytes) return;
      if (isAnswerToLogin(received)) end(resolve);
      else fail('what answers there does not speak iSCSI');
    });
  });
}
