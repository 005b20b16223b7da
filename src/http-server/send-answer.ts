import type { ServerResponse } from 'node:http';
import type { Connection } from './connection-table.ts';

/** How much is given to the socket at a time: whoever takes so much within the time limit gets on. */
const sliceBytes = 262_144;

/**
 * Sends the body of an answer whose head is written, counted as held until it has left. Head and body of a short one leave in one write: `end` corks the socket
 * around both. `onGone` is called once, when the last byte was given to the system or the connection is gone.
 */
export function sendAnswer(response: ServerResponse, body: Buffer, connection: Connection, onGone: () => void): void {
  const gone = () => {
    onGone();
    connection.answered();
  };
  if (response.closed) {
    gone();
    return;
  }
  response.once('close', gone);
  connection.sending();
  if (!connection.hold(body.length)) response.destroy();
  else if (body.length <= sliceBytes) response.end(body);
  else sendSlices(response, body, connection);
}

function sendSlices(response: ServerResponse, body: Buffer, connection: Connection): void {
  let sent = 0;
  const sendNext = (): void => {
    connection.progress();
    const slice = body.subarray(sent, sent + sliceBytes);
    sent += slice.length;
    if (sent === body.length) response.end(slice);
    else if (response.write(slice)) setImmediate(sendNext);
    else response.once('drain', sendNext);
  };
  sendNext();
}
