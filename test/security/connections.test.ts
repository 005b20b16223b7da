import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, test } from 'vitest';
import { type ConnectionLimits, createConnectionTable, defaultConnectionLimits } from '../../src/http-server/connection-table.ts';
import type { Origin } from '../../src/http-server/origin.ts';
import { type MetricsEndpoint, serveMetrics } from '../../src/telemetry/metrics-endpoint.ts';
import { recordingLog } from '../support/recording-log.ts';
import { fakeVolume } from '../unit/ec2-query-api/support/fake-blockstore.ts';
import { type FakeService, startFakeService } from '../unit/ec2-query-api/support/fake-service.ts';
import { signedInHeader } from './support/signed-requests.ts';
import { bytesOf, openWire, type Wire } from './support/wire.ts';

const patience = { timeout: 30_000, interval: 50 };
const wires: Wire[] = [];
let service: FakeService | undefined;
let metrics: MetricsEndpoint | undefined;

afterEach(async () => {
  for (const wire of wires.splice(0)) wire.close();
  await service?.close();
  await metrics?.close();
  service = undefined;
  metrics = undefined;
});

async function start(limits: Parameters<typeof startFakeService>[0]): Promise<number> {
  service = await startFakeService(limits);
  return service.port;
}

async function open(port: number, isHalfOpen = false): Promise<Wire> {
  const wire = await openWire(port, isHalfOpen);
  wires.push(wire);
  return wire;
}

/** How many connections the service holds. The clients' ends are in this process too, and are told of nothing while they do not read. */
function heldByService(): number {
  const sockets = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  return sockets - wires.filter(({ socket }) => !socket.destroyed).length;
}

/** Why the service has ended connections, each reason once. */
const droppedFor = () => service?.deps.log.entries.map(({ fields }) => ('code' in fields ? fields.code : undefined));

const listing = () => bytesOf(signedInHeader({ method: 'POST', path: '/', query: [], body: [['Action', 'DescribeVolumes']] }));
const health = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('a client that does not get on is let go, even if it never ends its own side', () => {
  test.each([
    ['that says nothing', ''],
    ['that does not finish its headers', 'POST / HTTP/1.1\r\nHost: x\r\nSlow: '],
    ['that does not finish its body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nAction='],
    ['that says what is no HTTP', 'NONSENSE\r\n\r\n'],
  ])('one %s', async (_what, bytes) => {
    const port = await start({ headersTimeoutMs: 200, requestTimeoutMs: 400 });
    const wire = await open(port, true);
    wire.socket.write(bytes);
    // Its own end stays open: it takes what it is told, and says nothing to that.
    await once(wire.socket, 'readable');
    await expect.poll(heldByService, patience).toBe(0);
  });

  test('one whose body stands still, long before a request may take as long', async () => {
    const port = await start({ requestTimeoutMs: 600_000, stillTimeoutMs: 200 });
    const wire = await open(port);
    wire.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nAction=');
    await expect.poll(heldByService, patience).toBe(1);
    await expect.poll(heldByService, patience).toBe(0);
    expect(droppedFor()).toContain('the request did not come whole');
  });

  test('one that idles after an answer', async () => {
    const wire = await open(await start({ keepAliveTimeoutMs: 200 }), true);
    expect((await wire.ask(health)).status).toBe(200);
    await expect.poll(heldByService, patience).toBe(0);
  });

  test('one that does not read its answer', async () => {
    const port = await start({ answerTimeoutMs: 300 });
    fill(20_000);
    const wire = await open(port);
    wire.socket.write(listing());
    wire.socket.pause();
    await expect.poll(heldByService, patience).toBe(1);
    await expect.poll(heldByService, patience).toBe(0);
  });

  test('one that measures', async () => {
    const about = { measurements: [], describeHealth: () => [], hostNames: [], log: recordingLog() };
    metrics = await serveMetrics({ host: '127.0.0.1', port: 0 }, { ...about, limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    const { socket } = await open(metrics.port, true);
    await once(socket, 'readable');
    await expect.poll(heldByService, patience).toBe(0);
  });
});

/** An answer with all of them has to be larger than what the system itself takes for a reader who does not read, some six megabytes. */
function fill(volumes: number): void {
  if (service !== undefined) service.deps.blockstore.held.volumes = Array.from({ length: volumes }, (_, index) => fakeVolume(index + 1));
}

describe('answers that are not read', () => {
  test('a request is not begun before the answers to those before it have left', async () => {
    const port = await start({});
    fill(20_000);
    let lists = 0;
    const { volumes } = service?.deps.blockstore ?? { volumes: undefined };
    if (service === undefined || volumes === undefined) throw new Error('no service');
    const list = volumes.list.bind(volumes);
    service.deps.blockstore.volumes.list = (...args) => {
      lists += 1;
      return list(...args);
    };
    const wire = await open(port);
    wire.socket.pause();
    wire.socket.write(listing().repeat(5));
    await expect.poll(() => lists, patience).toBe(1);
    // What would have been begun has had its time once somebody else is answered.
    const other = await open(port);
    expect((await other.ask(health)).status).toBe(200);
    expect(lists).toBe(1);
    wire.socket.resume();
    await expect.poll(() => lists, patience).toBe(5);
  });

  test('ever more requests on one connection end it', async () => {
    const port = await start({});
    fill(20_000);
    const wire = await open(port);
    wire.socket.pause();
    wire.socket.write(listing().repeat(50));
    await expect.poll(droppedFor, patience).toContain('too many requests at once');
    await expect.poll(heldByService, patience).toBe(0);
  });

  test('those who do not read lose their connections first when too much is held, and others are answered', async () => {
    const heldBytes = 16 * 1_024 * 1_024;
    const port = await start({ heldBytes });
    fill(24_000);
    const before = process.memoryUsage().arrayBuffers;
    const silent = await Promise.all(Array.from({ length: 20 }, () => open(port)));
    for (const { socket } of silent) {
      socket.pause();
      socket.write(listing());
    }
    const reader = await open(port);
    expect((await reader.ask(health)).status).toBe(200);
    await expect.poll(droppedFor, patience).toContain('too much was held');
    await expect.poll(heldByService, patience).toBeLessThan(10);
    // What was let go is V8's to take away, which waits for a reason. All twenty answers would be four times as much as this, and more is reserved
    // for each than is written.
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    const grownBytes = () => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers - before;
    };
    await expect.poll(grownBytes, patience).toBeLessThan(6 * heldBytes);
    expect((await reader.ask(health)).status).toBe(200);
  });

  test('bodies that do not come to their end count too', async () => {
    const port = await start({ heldBytes: 4 * 1_024 * 1_024, requestTimeoutMs: 60_000 });
    const { method, path, headers } = signedInHeader({ method: 'POST', path: '/', query: [], body: [] });
    const lines = Object.entries({ ...headers, 'content-length': 1_000_000 }).map(([name, value]) => `${name}: ${value}\r\n`);
    const slow = await Promise.all(Array.from({ length: 10 }, () => open(port)));
    for (const { socket } of slow) socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${'a'.repeat(900_000)}`);
    await expect.poll(droppedFor, patience).toContain('too much was held');
    await expect.poll(heldByService, patience).toBeLessThan(5);
  });
});

describe('the number of connections', () => {
  test('one more than may be takes the place of the one that has idled longest', async () => {
    const port = await start({ connections: 3 });
    const [, ...others] = [await open(port, true), await open(port), await open(port)];
    const newest = await open(port);
    expect((await newest.ask(health)).status).toBe(200);
    expect(droppedFor()).toEqual(['too many connections']);
    await expect.poll(heldByService, patience).toBe(3);
    for (const other of others) expect((await other.ask(health)).status).toBe(200);
  });

  /** A table whose connections are of whatever address is wanted, which sockets of this machine are not. */
  function tableOf(limits: Partial<ConnectionLimits>) {
    const table = createConnectionTable({ ...defaultConnectionLimits, ...limits }, { clock: Date.now, onDropped: () => undefined });
    const admit = (network: string, isShared = false) => {
      const socket = Object.assign(new EventEmitter(), {
        destroyed: false,
        destroy() {
          socket.destroyed = true;
        },
      });
      const origin: Origin = { address: network, network, isShared };
      const connection = table.admit(socket as unknown as Socket, origin);
      return { connection, isGone: () => socket.destroyed, work: () => connection?.inTurn({ complete: true }, () => undefined) };
    };
    return { table, admit };
  }

  test('who holds all of them makes room for an address that has none: idle ones first, and then what is under way', () => {
    const { table, admit } = tableOf({ connections: 4 });
    const [working, idle, ...more] = [admit('a'), admit('a'), admit('a'), admit('a')];
    for (const each of [working, ...more]) each?.work();
    expect(admit('b').connection).toBeDefined();
    expect([working, idle, ...more].map((each) => each?.isGone())).toEqual([false, true, false, false]);
    expect(admit('c').connection).toBeDefined();
    expect(working?.isGone()).toBe(true);
    expect(table.size).toBe(4);
  });

  test('who holds most takes nothing from others when all is taken', () => {
    const { admit } = tableOf({ connections: 3 });
    const other = admit('b');
    const own = [admit('a'), admit('a')];
    for (const each of own) each.work();
    expect(admit('a').connection).toBeUndefined();
    expect([other, ...own].some((each) => each.isGone())).toBe(false);
  });

  test('an address has a limit of its own, which proxies and this machine have not', () => {
    const { admit } = tableOf({ connectionsPerAddress: 2 });
    const [first, second] = [admit('a'), admit('a')];
    expect(admit('a').connection).toBeDefined();
    expect([first.isGone(), second.isGone()]).toEqual([true, false]);
    const busy = [admit('b'), admit('b')];
    for (const each of busy) each.work();
    expect(admit('b').connection).toBeUndefined();
    for (let count = 0; count < 5; count += 1) expect(admit('proxy', true).isGone()).toBe(false);
  });
});
