import { connect, type Socket } from 'node:net';
import { type Distribution, distributionOf } from './distribution.ts';
import type { PreparedRequest } from './query-client.ts';

export interface Load {
  readonly host: string;
  readonly port: number;
  /** How many connections there are; each has one request under way at a time, and is kept. */
  readonly connections: number;
  /** Each is sent once, in this order, by whichever connection is free. */
  readonly requests: readonly Buffer[];
  /** Throws when an answer is not what was asked for: a fast wrong answer is no figure. */
  readonly check: (answer: Answer, index: number) => void;
}

export interface Answer {
  readonly status: number;
  /** Valid only during the call. */
  readonly body: Buffer;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly durationMs: number;
  readonly latencies: Distribution;
}

/** The bytes of a request as they go over the wire. */
export function wireBytes({ headers, body }: PreparedRequest): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

/**
 * Sends requests as fast as they are answered, over plain sockets: a general HTTP client takes about as long for a request as the service does, and
 * the machine has few processors.
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  let next = 0;
  const takeNext = () => {
    const index = next;
    next += 1;
    return index < load.requests.length ? index : undefined;
  };
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load)));
  try {
    const startedAtMs = performance.now();
    await Promise.all(sockets.map((socket) => work(socket, load, takeNext, latenciesMs)));
    const durationMs = performance.now() - startedAtMs;
    return { perSecond: (load.requests.length / durationMs) * 1_000, durationMs, latencies: distributionOf(latenciesMs) };
  } finally {
    for (const socket of sockets) {
      socket.destroy();
    }
  }
}

function open({ host, port }: Load): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

function work(socket: Socket, load: Load, takeNext: () => number | undefined, latenciesMs: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let index = 0;
    let sentAtMs = 0;
    let received: Buffer | undefined;
    const send = () => {
      const taken = takeNext();
      const bytes = taken === undefined ? undefined : load.requests[taken];
      if (taken === undefined || bytes === undefined) {
        resolve();
        return;
      }
      index = taken;
      sentAtMs = performance.now();
      socket.write(bytes);
    };
    socket.on('data', (chunk) => {
      received = received === undefined ? chunk : Buffer.concat([received, chunk]);
      const answer = readAnswer(received);
      if (answer === undefined) {
        return;
      }
      latenciesMs.push(performance.now() - sentAtMs);
      received = undefined;
      try {
        load.check(answer, index);
      } catch (cause) {
        reject(cause);
        return;
      }
      send();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the service closed a connection')));
    send();
  });
}

const statusStart = 'HTTP/1.1 '.length;

/** `undefined` as long as some of it is missing. The service states the length of every answer. */
function readAnswer(received: Buffer): Answer | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) {
    return undefined;
  }
  const head = received.toString('latin1', 0, headEnd);
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) {
    throw new Error(`an answer without its length: ${head}`);
  }
  const bodyStart = headEnd + 4;
  const bodyEnd = bodyStart + Number(length);
  if (received.length < bodyEnd) {
    return undefined;
  }
  return { status: Number(head.slice(statusStart, statusStart + 3)), body: received.subarray(bodyStart, bodyEnd) };
}
