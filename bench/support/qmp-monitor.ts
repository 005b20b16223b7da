import { once } from 'node:events';
import { connect } from 'node:net';

/** A VM's QEMU as somebody has it who types commands into its monitor. A monitor serves one client at a time, so it is to be closed soon. */
export interface QmpMonitor {
  /** Rejects with what QEMU says against it. */
  execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown>;
  close(): void;
}

interface Message {
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

export async function openMonitor(socketPath: string): Promise<QmpMonitor> {
  const socket = connect(socketPath);
  await once(socket, 'connect');
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let unfinished = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    const lines = `${unfinished}${chunk}`.split('\n');
    unfinished = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as Message;
      const asked = waiting.get(message.id ?? 0);
      waiting.delete(message.id ?? 0);
      if (message.error !== undefined) {
        asked?.reject(new Error(message.error.desc));
      } else {
        asked?.resolve(message.return);
      }
    }
  });
  const fail = () => {
    for (const { reject } of waiting.values()) {
      reject(new Error('the monitor closed the connection'));
    }
  };
  socket.on('error', fail);
  socket.on('close', fail);
  let lastId = 0;
  const execute: QmpMonitor['execute'] = (command, parameters = {}) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      socket.write(`${JSON.stringify({ execute: command, arguments: parameters, id: lastId })}\n`);
    });
  await execute('qmp_capabilities');
  return { execute, close: () => void socket.destroy() };
}
