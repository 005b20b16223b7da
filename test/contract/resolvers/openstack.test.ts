import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openstackResolver } from '../../../src/resolvers/openstack/openstack-resolver.ts';
import { type CloudRequest, type CloudServer, startCloudServer } from '../../support/cloud-server.ts';
import { secretFolder } from '../../support/secret-files.ts';
import { ask, built, describeHttpTroubles, describeResolver, list } from '../resolver-suite.ts';

const uuid = (digit: number) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;
const server = (digit: number, host: string | null, extra: object = {}) => ({
  id: uuid(digit),
  name: `vm${digit}`,
  status: 'ACTIVE',
  'OS-EXT-SRV-ATTR:host': host,
  'OS-EXT-SRV-ATTR:hypervisor_hostname': host === null ? null : `${host}.example.org`,
  'OS-EXT-SRV-ATTR:instance_name': `instance-0000000${digit}`,
  addresses: {
    net: [
      { addr: `10.0.0.${digit}`, 'OS-EXT-IPS:type': 'fixed' },
      { addr: `192.0.2.${digit}`, 'OS-EXT-IPS:type': 'floating' },
    ],
  },
  ...extra,
});
const servers = [
  server(1, 'compute1'),
  server(2, 'compute2'),
  server(3, null),
  server(4, 'compute1', { status: 'SOFT_DELETED' }),
  server(7, 'compute1', { status: 'DELETED' }),
];
const secrets = secretFolder();
const clouds: CloudServer[] = [];
let cloud: CloudServer;
let logins = 0;
let refused: string | undefined;

function logIn({ body }: CloudRequest, url: string) {
  const { auth } = JSON.parse(body) as { auth: { identity: object; scope?: object } };
  const given = JSON.stringify(auth);
  if (!given.includes('"secret":"s3cret"') && !given.includes('"password":"s3cret"')) return { status: 401 };
  logins += 1;
  const endpoints = [
    { interface: 'public', region_id: 'there', url: 'http://192.0.2.1/' },
    { interface: 'public', region_id: 'here', url: `${url}/nova/` },
  ];
  const token = {
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    catalog: [
      { type: 'image', endpoints: [] },
      { type: 'compute', endpoints },
    ],
  };
  return { status: 201, headers: { 'x-subject-token': `token-${logins}` }, body: { token } };
}

beforeEach(async () => {
  logins = 0;
  refused = undefined;
  cloud = await startCloudServer((request) => {
    const { path, query, headers } = request;
    if (path === '/identity/v3/auth/tokens') return logIn(request, cloud.url);
    const token = String(headers['x-auth-token']);
    if (!token.startsWith('token-') || token === refused) return { status: 401 };
    if (path === '/nova/servers/detail') {
      if (query.get('all_tenants') !== '1') return { body: { servers: [] } };
      const next = [{ rel: 'next', href: `http://nova.internal/servers/detail?all_tenants=1&marker=${uuid(1)}` }];
      return { body: query.get('marker') === null ? { servers: servers.slice(0, 1), servers_links: next } : { servers: servers.slice(1) } };
    }
    const wanted = path.replace('/nova/servers/', '');
    if (wanted === uuid(5)) return { status: 403 };
    if (wanted === uuid(6)) return { body: { server: { id: uuid(6), status: 'ACTIVE' } } };
    const found = servers.find(({ id }) => id === wanted);
    return found === undefined ? { status: 404 } : { body: { server: found } };
  });
  clouds.push(cloud);
});
afterAll(async () => {
  await Promise.all(clouds.map((one) => one.close()));
  secrets.remove();
});

const login = () => ({ by: 'application-credential', id: 'abc', secretFile: secrets.file('secret', 's3cret') });
const resolver = (settings: object = {}) =>
  built(openstackResolver, { authUrl: `${cloud.url}/identity/v3`, login: login(), region: 'here', ...settings });

describeResolver('the resolver "openstack"', {
  resolver,
  known: [
    [uuid(1), { vmmHost: 'compute1', domain: 'instance-00000001' }],
    [uuid(2), { vmmHost: 'compute2', domain: 'instance-00000002' }],
  ],
  unknown: [uuid(9), uuid(4), uuid(7)],
  foreign: ['i-00000001', '42'],
  listed: [uuid(1), uuid(2)],
  ends: [
    [uuid(7), 'reported'],
    [uuid(4), undefined],
    [uuid(9), 'forgotten'],
  ],
});

describeHttpTroubles('the resolver "openstack"', (url) => resolver({ authUrl: `${url}/v3` }), uuid(1));

describe('the resolver "openstack"', () => {
  it('tells what Nova says besides a place', async () => {
    expect(await ask(resolver(), uuid(3))).toMatchObject({ outcome: 'not-placed' });
    expect(await ask(resolver(), uuid(5))).toMatchObject({ outcome: 'not-authorised' });
    expect(await ask(resolver(), uuid(6))).toMatchObject({ outcome: 'not-authorised', hint: expect.stringContaining('administrators') });
  });

  it('logs in once for many questions, and anew when its token is no longer taken', async () => {
    const asker = resolver();
    await Promise.all([1, 2, 3].map((digit) => ask(asker, uuid(digit))));
    expect(logins).toBe(1);
    refused = 'token-1';
    expect(await ask(asker, uuid(1))).toMatchObject({ outcome: 'resolved' });
    expect(logins).toBe(2);
  });

  it('logs in by a password too, and says when it is not taken', async () => {
    const password = { by: 'password', user: 'vbs', project: 'service', secretFile: secrets.file('secret', 's3cret') };
    expect(await ask(resolver({ login: password, hostAttribute: 'hypervisor_hostname' }), uuid(1))).toMatchObject({
      placement: { vmmHost: 'compute1.example.org' },
    });
    const wrong = { ...password, secretFile: secrets.file('wrong', 'guessed') };
    await expect(ask(resolver({ login: wrong }), uuid(1))).rejects.toMatchObject({ hint: expect.stringContaining('credential') });
    await expect(ask(resolver({ region: 'nowhere' }), uuid(1))).rejects.toThrow('no public endpoint of Nova in nowhere');
  });

  it('lists names and addresses', async () => {
    expect((await list(resolver()))[1]).toMatchObject({ name: 'vm2', privateIpAddress: '10.0.0.2', publicIpAddress: '192.0.2.2' });
  });
});
