import { createServer, type Socket } from 'node:net';

export interface FakePortal {
  /** `ADDRESS:PORT`. */
  readonly address: string;
  /** `silent`: a daemon that hangs, behind a kernel that accepts connections. */
  behaviour: 'answers' | 'silent' | 'hangs up' | 'other words';
  close(): Promise<void>;
}

/** As much of an iSCSI target as the QEMU driver talks to by itself: it answers a login. */
export async function startFakePortal(): Promise<FakePortal> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (portal.behaviour === 'hangs up') return void socket.destroy();
    socket.once('data', (request) => {
      const response = Buffer.alloc(48);
      response[0] = 0x23;
      const isLogin = (request.readUInt8(0) & 0x3f) === 0x03 && request.includes('InitiatorName=iqn.');
      if (portal.behaviour === 'answers' && isLogin) socket.write(response);
      if (portal.behaviour === 'other words') socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.padEnd(64));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  const portal: FakePortal = {
    address: `127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`,
    behaviour: 'answers',
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return portal;
}
