import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, startService } from '../../src/composition/serve.ts';
import { signedInHeader } from './support/signed-requests.ts';
import { bytesOf, openWire, type WireAnswer } from './support/wire.ts';

const silent = { write: () => undefined, writeError: () => undefined, line: () => undefined, error: () => undefined };

let folder: string;
let service: Service;
let metricsPort: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-host-names-'));
  const config = join(folder, 'vbs.yaml');
  writeFileSync(
    config,
    `log: { level: error, file: ${join(folder, 'vbs.log')} }
metrics: { listen: '127.0.0.1:0' }
publicEndpoint: EC2.cloud.example:443
hostNames: [monitored.example]
resolvers:
  - { kind: command, name: our-cloud, ids: ^x, argv: [sh, -c, "exit 7", "{id}"] }
`,
  );
  service = await startService({ config, simulate: true, listen: '127.0.0.1:0', state: join(folder, 'state') }, silent);
  metricsPort = Number(new URL(service.metricsUrl ?? '').port);
});

afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

async function ask(port: number, path: string, host: string): Promise<WireAnswer> {
  const wire = await openWire(port);
  try {
    return await wire.ask(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  } finally {
    wire.close();
  }
}

const ours = [
  '127.0.0.1:8773',
  '[::1]:8773',
  '192.0.2.1',
  'localhost',
  'LocalHost:80',
  'ec2.cloud.example',
  'monitored.example:9464',
  hostname(),
];
const others = [
  'attacker.example',
  'localhost.attacker.example',
  'attacker.example:8773',
  'ec2.cloud.example.attacker.example',
  '',
  'a b',
  '127.0.0.1.attacker.example',
];

test.each(ours)('what is told anybody is told who asks by %s', async (host) => {
  for (const [port, path] of [
    [service.port, '/healthz'],
    [metricsPort, '/healthz'],
    [metricsPort, '/metrics'],
  ] as const) {
    expect((await ask(port, path, host)).status).toBe(200);
  }
});

test.each(others)('a page that has let its name "%s" point here reads nothing', async (host) => {
  for (const [port, path] of [
    [service.port, '/healthz'],
    [metricsPort, '/healthz'],
    [metricsPort, '/metrics'],
  ] as const) {
    const { status, text } = await ask(port, path, host);
    expect(status).toBe(421);
    expect(text).not.toMatch(/ok|vbs_|our-cloud/);
  }
});

test('at the address of the API anybody learns that it runs, and at that of the metrics how the clouds do', async () => {
  expect((await ask(service.port, '/healthz', 'localhost')).text).toBe('ok');
  expect((await ask(metricsPort, '/healthz', 'localhost')).text).toBe('ok\nThe resolver our-cloud is asked; none of 0 questions failed.');
});

test('a signed request may name whatever host its client knows, as the signature binds it', async () => {
  const request = signedInHeader({ method: 'GET', path: '/', query: [['Action', 'DescribeRegions']], body: [] });
  const wire = await openWire(service.port);
  // The key is not one of this service; what counts is that it is this that is said.
  expect((await wire.ask(bytesOf({ ...request, headers: { ...request.headers, host: 'anything.example' } }))).code).toBe('AuthFailure');
  wire.close();
});
