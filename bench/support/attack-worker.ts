import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AttackOrder, AttackTarget, ConnectionsOrder, RequestProof, RequestsOrder } from './attack-orders.ts';
import { wireBytes } from './load-client.ts';
import { createQueryClient } from './query-client.ts';

/**
 * A process of the attacker's. It reads its order from the first line of its standard input, says `begun` when it is under way, is passive from
 * the second line on (it lets its connections be as they are), and ends with the input, after a line of what it has counted.
 */
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { order, target } = JSON.parse((await lines.next()).value ?? '') as { readonly order: AttackOrder; readonly target: AttackTarget };
const counts: Record<string, number> = {};
const count = (what: string) => {
  counts[what] = (counts[what] ?? 0) + 1;
};
let isPassive = false;
const begun = () => void process.stdout.write('begun\n');
const working = order.kind === 'requests' ? sendRequests(order, begun) : holdConnections(order);
// What a number of requests leaves behind is there when they are answered; of anything else it is enough that it is under way.
if (order.kind !== 'requests' || order.count === undefined) begun();
await lines.next();
isPassive = true;
await lines.next();
await Promise.race([working, sleep(100)]);
process.stdout.write(`${JSON.stringify({ counts })}\n`, () => process.exit(0));

async function sendRequests({ bodies, proof, connections, perSecond, count: most }: RequestsOrder, onAnswered: () => void): Promise<void> {
  const key = proof.version === 4 ? proof.key : { accessKeyId: 'AKIANOBODYHASTHISKEY', secretAccessKey: 'none' };
  const client = createQueryClient(target, key, { localAddress: target.localAddress, connections });
  const startedAtMs = performance.now();
  let underWay = 0;
  for (let sent = 0; sent < (most ?? Number.POSITIVE_INFINITY) && !isPassive; ) {
    const dueAtMs = startedAtMs + (sent * 1_000) / perSecond;
    if (underWay >= connections || performance.now() < dueAtMs) {
      await sleep(Math.min(5, Math.max(1, dueAtMs - performance.now())));
      continue;
    }
    const body = bodies[sent % bodies.length] ?? '';
    sent += 1;
    underWay += 1;
    client
      .status(prepare(client, proof, body))
      .then((status) => count(String(status)))
      .catch(() => count('failed'))
      .finally(() => {
        underWay -= 1;
      });
  }
  while (most !== undefined && underWay > 0) await sleep(10);
  if (most !== undefined) onAnswered();
  while (!isPassive) await sleep(50);
  // Whoever has asked and been answered may keep a connection for the next question; that is no attack.
  client.close();
}

function prepare(client: ReturnType<typeof createQueryClient>, proof: RequestProof, body: string) {
  if (proof.version === 4) return client.prepareBody(body);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  if (proof.version === 'none') return { headers, body };
  const about = 'AWSAccessKeyId=AKIANOBODYHASTHISKEY&SignatureVersion=2&SignatureMethod=HmacSHA256&Signature=bm9uZQ%3D%3D';
  const signed = `${body}&${about}&Timestamp=${encodeURIComponent(new Date().toISOString())}&Filler=`;
  return { headers, body: signed + ' é'.repeat(Math.max(0, Math.floor((proof.bytes - signed.length) / 3))) };
}

async function holdConnections({ count: wanted, opening, trickle, reads }: ConnectionsOrder): Promise<void> {
  const first = 'text' in opening ? Buffer.from(opening.text) : repeated(opening);
  const sockets: Socket[] = [];
  for (let opened = 0; opened < wanted && !isPassive; opened += 1) {
    const socket = connect({ ...target, allowHalfOpen: true });
    sockets.push(socket);
    socket.on('connect', () => {
      count('opened');
      if (first.length > 0) socket.write(first);
    });
    socket.on('error', () => count('failed'));
    socket.on('close', () => count('closed'));
    // One who does not read leaves the answers in the buffers of both sides.
    if (reads) socket.resume();
    else socket.pause();
    if (opened % 50 === 49) await sleep(10);
  }
  while (trickle !== undefined && !isPassive) {
    await sleep(trickle.everyMs);
    for (const socket of sockets) if (!socket.destroyed) socket.write(trickle.text);
  }
}

function repeated({ body, times, key }: Exclude<ConnectionsOrder['opening'], { readonly text: string }>): Buffer {
  const request = wireBytes(createQueryClient(target, key).prepareBody(body));
  return Buffer.concat(Array.from({ length: times }, () => request));
}
