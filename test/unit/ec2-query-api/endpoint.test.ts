import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { DescribeRegionsCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, expect, test } from 'vitest';
import { createEndpoint } from '../../../src/ec2-query-api/endpoint.ts';
import { credentials, type FakeService, fakeDependencies, startFakeService } from './support/fake-service.ts';

const started: FakeService[] = [];

async function start(...args: Parameters<typeof startFakeService>): Promise<FakeService> {
  const service = await startFakeService(...args);
  started.push(service);
  return service;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.close()));
});

/** Sends bytes as they are and reads everything until the service closes the connection. */
async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(bytes);
  return text(socket);
}

test('the health check answers without a signature', async () => {
  const { endpoint } = await start();
  const response = await fetch(`${endpoint}/healthz`);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('ok');
});

test('no header tells what the service is built with', async () => {
  const { endpoint } = await start();
  const response = await fetch(endpoint, { method: 'POST', body: 'Action=DescribeVolumes' });
  expect(response.status).toBe(403);
  expect(response.headers.get('x-powered-by')).toBeNull();
  expect(response.headers.get('etag')).toBeNull();
  expect(response.headers.get('x-amzn-requestid')).toBe('request-1');
});

test('the endpoint that DescribeRegions names is the one that was used', async () => {
  const { endpoint, port } = await start();
  const client = new EC2Client({ endpoint, region: 'here-1', credentials });
  const { Regions: regions } = await client.send(new DescribeRegionsCommand({}));
  expect(regions).toMatchObject([{ RegionName: 'here-1', Endpoint: `127.0.0.1:${port}` }]);
  client.destroy();
});

test('head and body of an answer arrive in one piece, at once', async () => {
  const { port } = await start();
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const durationsMs: number[] = [];
  // A client that delays its acknowledgements by 40 ms would see that in every answer but the first.
  for (let run = 0; run < 20; run += 1) {
    const askedAtMs = performance.now();
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\r\nAction=DescribeVolumes');
    const [piece] = (await once(socket, 'data')) as [Buffer];
    durationsMs.push(performance.now() - askedAtMs);
    expect(piece.toString()).toMatch(/^HTTP\/1\.1 403 [\s\S]*<\/Response>$/);
  }
  expect(Math.min(...durationsMs)).toBeLessThan(40);
  socket.destroy();
});

test('other methods are refused in EC2’s form', async () => {
  const { endpoint } = await start();
  for (const method of ['PUT', 'DELETE', 'OPTIONS']) {
    const response = await fetch(endpoint, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
    expect(await response.text()).toContain('<Code>MethodNotAllowed</Code>');
  }
});

test('a body over the limit is refused in EC2’s form', async () => {
  const { endpoint } = await start({ bodyBytes: 1_000 });
  const response = await fetch(endpoint, { method: 'POST', body: 'a'.repeat(1_001) });
  expect(response.status).toBe(413);
  expect(await response.text()).toContain(
    '<Code>RequestEntityTooLarge</Code><Message>The request body is larger than 1000 bytes.</Message>',
  );
});

test('a compressed body is refused, since its bytes are not those that mean something', async () => {
  const { endpoint } = await start();
  const response = await fetch(endpoint, { method: 'POST', body: 'x', headers: { 'content-encoding': 'gzip' } });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('<Code>MalformedQueryString</Code>');
});

test('a body that comes in pieces without its length is read whole, up to the limit', async () => {
  const { endpoint } = await start({ bodyBytes: 1_000 });
  const post = (pieces: readonly string[]) =>
    fetch(endpoint, { method: 'POST', body: new Blob([...pieces]).stream(), duplex: 'half' } as RequestInit & { readonly duplex: 'half' });
  expect((await post(['Action=', 'DescribeVolumes'])).status).toBe(403);
  expect((await post(['a'.repeat(600), 'b'.repeat(600)])).status).toBe(413);
});

test('what is not HTTP is refused in EC2’s form', async () => {
  const { port } = await start();
  const answer = await raw(port, 'NONSENSE\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('<Code>MalformedQueryString</Code>');
});

test('headers over the limit are refused in EC2’s form', async () => {
  const { port } = await start({ headerBytes: 2_000 });
  const answer = await raw(port, `GET /?${'a'.repeat(4_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('<Code>RequestEntityTooLarge</Code>');
});

test('a client that does not finish its headers is let go', async () => {
  const { port } = await start({ headersTimeoutMs: 100, requestTimeoutMs: 200 });
  const answer = await raw(port, 'GET / HTTP/1.1\r\nHost: x\r\nSlow: ');
  expect(answer).toContain('<Code>RequestExpired</Code>');
});

test('a taken port is told with what to do', async () => {
  const { port } = await start();
  const second = createEndpoint(fakeDependencies());
  await expect(second.listen('127.0.0.1', port)).rejects.toThrow(
    `127.0.0.1:${port} is in use by another process: stop it, or set another port.`,
  );
});

test('an address of another machine is told with what to do', async () => {
  await expect(createEndpoint(fakeDependencies()).listen('192.0.2.1', 0)).rejects.toThrow(/192\.0\.2\.1 is no address of this machine/);
});

test('closing lets the request under way finish, and accepts no other', async () => {
  const service = await start();
  const held = holdListing(service);
  const client = new EC2Client({ endpoint: service.endpoint, region: 'here-1', credentials, maxAttempts: 1 });
  const answer = client.send(new DescribeVolumesCommand({}));
  await held.asked;
  const closed = service.close();
  await expect(fetch(`${service.endpoint}/healthz`)).rejects.toThrow();
  held.finish();
  await expect(answer).resolves.toMatchObject({ Volumes: [] });
  await closed;
  client.destroy();
});

test('closing does not wait for connections that idle', async () => {
  const service = await start({ closeTimeoutMs: 60_000 });
  const socket = connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'data');
  const ended = once(socket, 'close');
  await service.close();
  await ended;
});

test('closing waits no longer than its limit', async () => {
  const service = await start({ closeTimeoutMs: 50 });
  const held = holdListing(service);
  const client = new EC2Client({ endpoint: service.endpoint, region: 'here-1', credentials, maxAttempts: 1 });
  const answer = client.send(new DescribeVolumesCommand({}));
  const cut = expect(answer).rejects.toThrow();
  await held.asked;
  await service.close();
  await cut;
  client.destroy();
});

/** Keeps the listing of volumes from answering until it is told to. */
function holdListing({ deps }: FakeService): { readonly asked: Promise<void>; finish(): void } {
  const gate = new EventEmitter();
  deps.blockstore.volumes.list = async () => {
    gate.emit('asked');
    await once(gate, 'finish');
    return [];
  };
  return {
    asked: once(gate, 'asked').then(() => undefined),
    finish: () => {
      gate.emit('finish');
    },
  };
}
