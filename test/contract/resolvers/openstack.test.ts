import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openstackResolver } from '../../../src/resolvers/openstack/openstack-resolver.ts';
import { type CloudReply, type CloudRequest, type CloudServer, startCloudServer } from '../../support/cloud-server.ts';
import { secretFolder } from '../../support/secret-files.ts';
import { ask, built, describeHttpTroubles, describeResolver, list, type WrongAnswer } from '../resolver-suite.ts';

const uuid = (digit: number) => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;
const server = (digit: number, host: string | null, extra: object = {}) => ({
  id: uuid(digit),
  name: `vm${digit}`,
  status: 'ACTIVE',
  tenant_id: `project-${digit % 2}`,
  metadata: { tenant_id: 'project-9', owner: 'project-9' },
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
let roles: readonly object[] | undefined;
let wrong: WrongAnswer | undefined;
let computeUrl: string | undefined;

function logIn({ body }: CloudRequest, url: string) {
  const { auth } = JSON.parse(body) as { auth: { identity: object; scope?: object } };
  const given = JSON.stringify(auth);
  if (!given.includes('"secret":"s3cret"') && !given.includes('"password":"s3cret"')) return { status: 401 };
  logins += 1;
  const endpoints = [
    { interface: 'public', region_id: 'there', url: 'http://192.0.2.1/' },
    { interface: 'public', region_id: 'here', url: computeUrl ?? `${url}/nova/` },
  ];
  const token = {
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    ...(roles !== undefined && { roles }),
    catalog: [
      { type: 'image', endpoints: [] },
      { type: 'compute', endpoints },
    ],
  };
  return { status: 201, headers: { 'x-subject-token': `token-${logins}` }, body: { token } };
}

/** As Nova words it. */
const noSuchServer = (wanted: string) => ({
  status: 404,
  body: { itemNotFound: { code: 404, message: `Instance ${wanted} could not be found.` } },
});
const forbidden = {
  status: 403,
  body: { forbidden: { code: 403, message: "Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed." } },
};

/** The role admin is what Nova shows other projects' servers for; without it there are only those of the user's own. */
const isAdmin = () => JSON.stringify(roles ?? []).includes('"admin"');
const shown = () => (isAdmin() ? servers : servers.filter(({ tenant_id }) => tenant_id === 'project-1'));

function serversAsTold(): readonly object[] {
  const [first, ...others] = servers;
  return wrong === 'with an owner of another kind' ? [{ ...first, tenant_id: 7 }, ...others] : servers;
}

beforeEach(async () => {
  logins = 0;
  refused = undefined;
  roles = [
    { id: 'a', name: 'member' },
    { id: 'b', name: 'admin' },
  ];
  wrong = undefined;
  computeUrl = undefined;
  cloud = await startCloudServer((request) => {
    const { path, query, headers } = request;
    if (path === '/identity/v3/auth/tokens') return logIn(request, cloud.url);
    const token = String(headers['x-auth-token']);
    if (!token.startsWith('token-') || token === refused) return { status: 401 };
    if (path === '/nova/servers/detail') {
      if (query.get('all_tenants') !== '1') return { body: { servers: [] } };
      if (!isAdmin()) return forbidden;
      const only = query.get('uuid');
      if (only !== null) return { body: { servers: servers.filter(({ id }) => id === only) } };
      const next = [{ rel: 'next', href: `http://nova.internal/servers/detail?all_tenants=1&marker=${uuid(1)}` }];
      const told = serversAsTold();
      return { body: query.get('marker') === null ? { servers: told.slice(0, 1), servers_links: next } : { servers: told.slice(1) } };
    }
    const wanted = path.replace('/nova/servers/', '');
    if (wrong === 'about another instance') return { body: { server: servers[1] } };
    if (wrong === 'with an owner of another kind') return { body: { server: serversAsTold()[0] } };
    if (wanted === uuid(5)) return forbidden;
    if (wanted === uuid(6)) return { body: { server: { id: uuid(6), status: 'ACTIVE' } } };
    const found = shown().find(({ id }) => id === wanted);
    return found === undefined ? noSuchServer(wanted) : { body: { server: found } };
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

const misled = (answer: WrongAnswer) => () => {
  wrong = answer;
  return resolver();
};

describeResolver('the resolver "openstack"', {
  resolver,
  known: [
    [uuid(1), { vmmHost: 'compute1', domain: 'instance-00000001' }, 'project-1'],
    [uuid(2), { vmmHost: 'compute2', domain: 'instance-00000002' }, 'project-0'],
  ],
  misled: {
    'about another instance': misled('about another instance'),
    // Nova answers with one server; a list with two is told of below.
    'that tells of an instance twice': 'cannot be',
    'with an owner of another kind': misled('with an owner of another kind'),
  },
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

describeHttpTroubles(
  'the resolver "openstack", by Nova alone',
  (url) => {
    computeUrl = url;
    return resolver();
  },
  uuid(1),
);

describe('the resolver "openstack"', () => {
  it('tells what Nova says besides a place', async () => {
    expect(await ask(resolver(), uuid(3))).toMatchObject({ outcome: 'not-placed', owner: 'project-1' });
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

  it.each([
    ['without a role', undefined],
    ['with another role', [{ name: 'reader' }]],
    ['with the role of a project that is named like it', [{ name: 'admin2' }]],
  ])('never says that a server is gone %s, for Nova hides those of other projects behind the same words', async (_what, left) => {
    const asker = resolver();
    expect(await ask(asker, uuid(9))).toEqual({ outcome: 'not-known', ended: 'forgotten' });
    roles = left;
    refused = 'token-1';
    // Another project's, which is there.
    expect(await ask(asker, uuid(2))).toMatchObject({ outcome: 'not-authorised', hint: expect.stringContaining('admin') });
    expect(await ask(asker, uuid(9))).toMatchObject({ outcome: 'not-authorised' });
    // One's own is still shown.
    expect(await ask(asker, uuid(1))).toMatchObject({ outcome: 'resolved' });
  });

  /** A Nova that answers for one server and for the list of all by two functions. */
  const novaOf = async (one: () => CloudReply, all: () => CloudReply) => {
    const nova = await startCloudServer(({ path }) => (path === '/servers/detail' ? all() : one()));
    clouds.push(nova);
    computeUrl = nova.url;
    return resolver();
  };
  const none = () => ({ body: { servers: [] } });

  it('never says that a server is gone when Nova refuses to list all projects, or lists it', async () => {
    expect(await ask(await novaOf(() => noSuchServer(uuid(9)), none), uuid(9))).toEqual({ outcome: 'not-known', ended: 'forgotten' });
    const hidden = await novaOf(
      () => noSuchServer(uuid(2)),
      () => forbidden,
    );
    expect(await ask(hidden, uuid(2))).toMatchObject({ outcome: 'not-authorised' });
    const listed = await novaOf(
      () => noSuchServer(uuid(2)),
      () => ({ body: { servers } }),
    );
    await expect(ask(listed, uuid(2))).rejects.toThrow('lists the server all the same');
    const down = await novaOf(
      () => noSuchServer(uuid(2)),
      () => ({ status: 503 }),
    );
    await expect(ask(down, uuid(2))).rejects.toThrow('status 503');
  });

  it('never says that a server is gone when a policy gives the list to a user that is no administrator', async () => {
    const asker = await novaOf(() => noSuchServer(uuid(2)), none);
    roles = [{ name: 'operator' }];
    expect(await ask(asker, uuid(2))).toMatchObject({ outcome: 'not-authorised' });
    // Nor is more asked than has to be.
    expect(clouds.at(-1)?.requests.map(({ path }) => path)).toEqual([`/servers/${uuid(2)}`]);
  });

  it('never says that a server is gone when the role is lost between the two questions', async () => {
    let lists = 0;
    const asker = await novaOf(
      () => noSuchServer(uuid(2)),
      () => {
        lists += 1;
        roles = [{ name: 'operator' }];
        return lists === 1 ? { status: 401 } : none();
      },
    );
    expect(await ask(asker, uuid(2))).toMatchObject({ outcome: 'not-authorised' });
    expect(lists).toBe(2);
  });

  it.each([
    ['of another server', { itemNotFound: { code: 404, message: `Instance ${uuid(8)} could not be found.` } }],
    ['of a cell', { itemNotFound: { code: 404, message: `Cell is not known for instance ${uuid(9)}` } }],
    ['of an address', { itemNotFound: { code: 404, message: 'The resource could not be found.' } }],
    ['of another service', { error: { code: 404, message: `Instance ${uuid(9)} could not be found.`, title: 'Not Found' } }],
    ['that is no object', `Instance ${uuid(9)} could not be found.`],
  ])('takes a status 404 %s for none of an instance', async (_what, body) => {
    const misguided = await novaOf(() => ({ status: 404, body }), none);
    await expect(ask(misguided, uuid(9))).rejects.toMatchObject({ name: 'CloudUnavailable' });
  });

  it('takes only a refusal of Nova for one, and not the page of a proxy that lets nobody through', async () => {
    const refusing = await novaOf(() => ({ status: 403, body: '<html><body>Forbidden</body></html>' }), none);
    await expect(ask(refusing, uuid(1))).rejects.toMatchObject({ hint: expect.stringContaining('words of Nova') });
  });

  it('lists nothing from a list that has a server twice, in two places or with two owners', async () => {
    for (const other of [server(1, 'compute2'), server(1, 'compute1', { tenant_id: 'project-0' })]) {
      const twice = await novaOf(none, () => ({ body: { servers: [...servers, other] } }));
      await expect(list(twice)).rejects.toThrow(`lists ${uuid(1)} twice`);
    }
    const again = await novaOf(none, () => ({ body: { servers: [...servers, servers[0]] } }));
    expect((await list(again)).map(({ id }) => id)).toEqual([uuid(1), uuid(2)]);
  });

  it('lists names and addresses', async () => {
    expect((await list(resolver()))[1]).toMatchObject({ name: 'vm2', privateIpAddress: '10.0.0.2', publicIpAddress: '192.0.2.2' });
  });
});
