import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { capturedWorkspaces } from '../scripts/stand-in-nimbus/nimbus-workspace.ts';
import { answerSoap } from '../scripts/stand-in-nimbus/workspace-services.ts';
import type { InstanceId } from '../src/model/ids.ts';
import type { InstanceResolver } from '../src/resolvers/cloud-resolver.ts';
import { guardResolver } from '../src/resolvers/guard-resolver.ts';
import { resolverKinds } from '../src/resolvers/kinds.ts';
import { withCleanup } from './support/cleanup.ts';
import { distributionOf, timed } from './support/distribution.ts';
import { distributionRow, distributionTitles, figure, type Report } from './support/report.ts';

const runs = 500;
const warmUps = 100;
/** What the remote takes by itself; without it there would be nothing that overhead is beyond. */
const remoteMs = 20;
const concurrent = 1_000;
const rounds = 5;
const limitMs = 5;

interface Remote {
  readonly kind: string;
  readonly settings: (url: string) => object;
  readonly instanceId: string;
  answer(
    path: string,
    body: string,
    url: string,
  ): { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly text: string };
}

const owner = capturedWorkspaces[0]?.owner;
const nimbusAnswer: Remote['answer'] = (path, body) =>
  answerSoap({ path, body, caller: owner, now: new Date().toISOString() }, capturedWorkspaces, { isPatched: true, tellsHost: true });
const vm = '<VM><ID>1</ID><STATE>3</STATE><HISTORY_RECORDS><HISTORY><HOSTNAME>vmm1</HOSTNAME></HISTORY></HISTORY_RECORDS></VM>'.replaceAll(
  '<',
  '&lt;',
);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const serverId = '6695eb01-f6a4-8304-79aa-97f2502e193f';
const novaServer = { id: serverId, status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': 'vmm1', 'OS-EXT-SRV-ATTR:instance_name': 'instance-1' };
const tokenOf = (url: string) => ({
  expires_at: new Date(Date.now() + 3_600_000).toISOString(),
  catalog: [{ type: 'compute', endpoints: [{ interface: 'public', region_id: 'here', url }] }],
});

const remotes: readonly Remote[] = [
  {
    kind: 'http',
    settings: (url) => ({ url: `${url}/{id}` }),
    instanceId: 'web',
    answer: () => ({ status: 200, text: '{"vmmHost":"vmm1","domain":"web"}' }),
  },
  { kind: 'nimbus', settings: (url) => ({ mode: 'rp-query', url }), instanceId: '1', answer: nimbusAnswer },
  {
    kind: 'proxmox',
    settings: (url) => ({ url, token: 'a@pve!b', secretFile: '/etc/hostname' }),
    instanceId: '100',
    answer: () => ({ status: 200, text: '{"data":[{"type":"qemu","vmid":100,"node":"vmm1"}]}' }),
  },
  {
    kind: 'opennebula',
    settings: (url) => ({ url, user: 'a', passwordFile: '/etc/hostname' }),
    instanceId: '1',
    answer: () => ({
      status: 200,
      text: `<methodResponse><params><param><value><array><data><value><boolean>1</boolean></value><value><string>${vm}</string></value><value><i4>0</i4></value></data></array></value></param></params></methodResponse>`,
    }),
  },
  {
    kind: 'ec2',
    settings: (url) => ({
      ...{ url, accessKeyId: 'a', secretKeyFile: '/etc/hostname' },
      rules: [{ from: 'id', vmmHost: 'vmm1', domain: '{id}' }],
    }),
    instanceId: 'i-00000001',
    answer: () => ({
      status: 200,
      text: '<DescribeInstancesResponse><reservationSet><item><instancesSet><item><instanceId>i-00000001</instanceId><instanceState><name>running</name></instanceState></item></instancesSet></item></reservationSet></DescribeInstancesResponse>',
    }),
  },
  {
    kind: 'openstack',
    settings: (url) => ({
      authUrl: `${url}/v3`,
      login: { by: 'application-credential', id: 'a', secretFile: '/etc/hostname' },
    }),
    instanceId: serverId,
    answer: (path, _body, url) =>
      path === '/v3/auth/tokens'
        ? { status: 201, headers: { 'x-subject-token': 'a' }, text: JSON.stringify({ token: tokenOf(url) }) }
        : { status: 200, text: JSON.stringify({ server: novaServer }) },
  },
];

/** What VBS adds to the time that a cloud takes to say where an instance is, and what is left of a thousand questions at once. */
export async function benchmarkResolve(report: Report): Promise<void> {
  report.heading(`Resolving an instance, with a remote that takes ${remoteMs} ms`);
  await withCleanup(async (cleanup) => {
    const measured = [];
    for (const remote of remotes) {
      const { server, url, spentMs } = await startRemote(remote);
      cleanup.add(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      const resolver = resolverOf(remote, url);
      const overheadsMs: number[] = [];
      for (let run = -warmUps; run < runs; run += 1) {
        const before = spentMs();
        const durationMs = await timed(() => resolveOnce(resolver, remote));
        if (run >= 0) overheadsMs.push(durationMs - (spentMs() - before));
      }
      measured.push({ remote, overhead: distributionOf(overheadsMs), leak: await leakOf(resolver, remote, server) });
    }
    report.table(
      distributionTitles,
      measured.map(({ remote, overhead }) => distributionRow(`beyond the remote's own, ${remote.kind}`, overhead)),
    );
    for (const { remote, overhead, leak } of measured) {
      report.target(`median beyond the remote's own, ${remote.kind}`, overhead.median, limitMs, 'ms');
      report.line(
        `  ${remote.kind}: after ${rounds} times ${concurrent} at once, ${leak.connections} connections are open, ${figure(leak.grownMiB)} MiB more are held`,
      );
    }
  });
}

/** Its own time is measured where it passes, so that a timer's inaccuracy is not taken for the resolver's. */
async function startRemote({ answer }: Remote): Promise<{ server: Server; url: string; spentMs(): number }> {
  let spent = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const beganAtMs = performance.now();
      const url = `http://${request.headers.host}`;
      const { status, headers, text } = answer(request.url ?? '', Buffer.concat(chunks).toString('utf8'), url);
      setTimeout(() => {
        spent += performance.now() - beganAtMs;
        response.writeHead(status, headers).end(text);
      }, remoteMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spentMs: () => spent };
}

function resolverOf({ kind, settings }: Remote, url: string): InstanceResolver {
  const built = resolverKinds.get(kind)?.build(settings(url), { name: kind, vmmHosts: [], host: () => undefined });
  if (built === undefined) throw new Error(`there is no kind ${kind}`);
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  return guardResolver(
    built,
    { timeoutMs: 60_000, cacheMs: 10_000, cacheEntries: 10_000, breaker: { failures: 3, pauseMs: 1_000 }, ids: /./, hosts: {} },
    { clock: Date.now, log: silent },
  );
}

async function resolveOnce(resolver: InstanceResolver, { instanceId }: Remote): Promise<void> {
  const resolution = await resolver.resolve(instanceId as InstanceId, { fresh: true });
  if (resolution.outcome !== 'resolved') throw new Error(`${resolver.name}: ${JSON.stringify(resolution)}`);
}

async function leakOf(resolver: InstanceResolver, remote: Remote, server: Server): Promise<{ connections: number; grownMiB: number }> {
  const once = () => Promise.all(Array.from({ length: concurrent }, () => resolveOnce(resolver, remote)));
  // The first round fills pools and caches, which stay as they are from then on.
  await once();
  const beforeBytes = heldBytes();
  for (let round = 1; round < rounds; round += 1) await once();
  const grownMiB = (heldBytes() - beforeBytes) / 1024 ** 2;
  const connections = await new Promise<number>((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
  return { connections, grownMiB };
}

/** What nobody refers to any more does not count. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
