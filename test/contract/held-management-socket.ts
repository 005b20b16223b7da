import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A management socket before that of a tgtd, which lets a request about an account wait until it is told to go on. */
export interface HeldManagementSocket {
  /** As in the backend's setting: without the number that tgtd appends. */
  readonly controlSocket: string;
  close(): Promise<void>;
}

/** tgtadm's number for `--mode account`, the first of a request's header. */
const accountMode = 7;

/** `whileHeld` is run with each request about an account, before tgtd gets it and while its sender waits for the answer. */
export async function holdManagementSocket(
  controlSocket: string,
  tgtdSocket: string,
  whileHeld: () => Promise<void>,
): Promise<HeldManagementSocket> {
  const sockets = new Set<Socket>();
  const server = createServer(async (client) => {
    const daemon = connect(`${tgtdSocket}.0`);
    for (const socket of [client, daemon]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    const [request] = (await once(client, 'data')) as [Buffer];
    client.pause();
    if (request.readUInt32LE(0) === accountMode) {
      await whileHeld();
    }
    daemon.write(request);
    client.pipe(daemon);
    daemon.pipe(client);
  });
  server.listen(`${controlSocket}.0`);
  await once(server, 'listening');
  return {
    controlSocket,
    async close() {
      for (const socket of sockets) {
        socket.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}
