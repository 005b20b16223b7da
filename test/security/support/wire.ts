import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { WireRequest } from './signed-requests.ts';

export interface WireAnswer {
  readonly status: number;
  readonly text: string;
  /** Of EC2's error, or nothing when it is none. */
  readonly code: string | undefined;
}

export function bytesOf({ method, path, query, headers, body }: WireRequest): string {
  const target = query === '' ? path : `${path}?${query}`;
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** One connection, and one request after another on it. */
export interface Wire {
  readonly socket: Socket;
  /** Sends bytes as they are, and resolves with the next answer. Rejects when the connection ends before it. */
  ask(bytes: string): Promise<WireAnswer>;
  close(): void;
}

export async function openWire(port: number, isHalfOpen = false): Promise<Wire> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: isHalfOpen });
  await once(socket, 'connect');
  socket.on('error', () => undefined).setMaxListeners(0);
  return {
    socket,
    async ask(bytes) {
      socket.write(bytes);
      let received = '';
      for (;;) {
        const piece = socket.read() as Buffer | null;
        received += piece?.toString('latin1') ?? '';
        const answer = readAnswer(received);
        if (answer !== undefined) return answer;
        if (socket.readableEnded || socket.destroyed) throw new Error(`the connection ended after: ${received}`);
        const seen = new AbortController();
        await Promise.race(['readable', 'end', 'close'].map((event) => once(socket, event, seen).catch(() => undefined)));
        seen.abort();
      }
    },
    close: () => socket.destroy(),
  };
}

function readAnswer(received: string): WireAnswer | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = received.slice(0, headEnd);
  const text = received.slice(headEnd + 4);
  if (text.length < Number(/content-length: (\d+)/i.exec(head)?.[1])) return undefined;
  return { status: Number(head.split(' ')[1]), text, code: /<Code>([^<]+)<\/Code>/.exec(text)?.[1] };
}
