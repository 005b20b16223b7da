import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpResolver } from '../../../src/resolvers/http/http-resolver.ts';
import { type CloudServer, startCloudServer } from '../../support/cloud-server.ts';
import { secretFolder } from '../../support/secret-files.ts';
import { ask, built, describeCrowd, describeHttpTroubles, describeResolver, list } from '../resolver-suite.ts';

const instances = [
  { id: 'web', vmmHost: 'vmm1', domain: 'dom-web', name: 'web server', privateIpAddress: '10.0.0.1', publicIpAddress: '192.0.2.1' },
  { id: 'a:b', vmmHost: 'vmm2', domain: 'dom-ab' },
];
const secrets = secretFolder();
let cloud: CloudServer;

beforeAll(async () => {
  cloud = await startCloudServer(({ path, headers }) => {
    if (headers.authorization !== 'Bearer opensesame') return { status: 401 };
    if (path === '/instances') return { body: { instances } };
    const wanted = decodeURIComponent(path.replace('/instances/', ''));
    if (wanted === 'theirs') return { status: 403 };
    if (wanted === 'stopped') return { body: { vmmHost: null, domain: 'dom-stopped' } };
    if (wanted === 'ended') return { body: { vmmHost: null, domain: null, ended: true } };
    if (wanted === 'nonsense') return { body: { vmmHost: 'vmm1', domain: 'dom-nonsense', ended: true } };
    if (wanted === 'null') return { body: 'null' };
    const found = instances.find((instance) => instance.id === wanted);
    return found === undefined ? { status: 404 } : { body: found };
  });
});
afterAll(async () => {
  await cloud.close();
  secrets.remove();
});

const resolver = (token = 'opensesame') =>
  built(httpResolver, {
    url: `${cloud.url}/instances/{id}`,
    listUrl: `${cloud.url}/instances`,
    tokenFile: secrets.file('token', token),
  });

describeResolver('the resolver "http"', {
  resolver: () => resolver(),
  known: [
    ['web', { vmmHost: 'vmm1', domain: 'dom-web' }],
    ['a:b', { vmmHost: 'vmm2', domain: 'dom-ab' }],
  ],
  unknown: ['i-0000000f', 'null'],
  foreign: [],
  listed: ['web', 'a:b'],
  ends: [
    ['ended', 'reported'],
    ['null', 'forgotten'],
    // A wrong address says the same.
    ['i-0000000f', undefined],
  ],
});

describeHttpTroubles('the resolver "http"', (url) => built(httpResolver, { url: `${url}/{id}` }), 'web');

describeCrowd('the resolver "http"', (url) => built(httpResolver, { url: `${url}/{id}` }), 'web', '{"vmmHost": "vmm1", "domain": "a"}');

describe('the resolver "http"', () => {
  it('tells what the service says besides a place', async () => {
    expect(await ask(resolver(), 'theirs')).toMatchObject({ outcome: 'not-authorised' });
    expect(await ask(resolver(), 'stopped')).toMatchObject({ outcome: 'not-placed' });
    await expect(ask(resolver(), 'nonsense')).rejects.toThrow('says that the instance has ended, and where it runs');
    expect((await list(resolver()))[0]).toEqual({
      id: 'web',
      placement: { vmmHost: 'vmm1', domain: 'dom-web' },
      name: 'web server',
      privateIpAddress: '10.0.0.1',
      publicIpAddress: '192.0.2.1',
    });
  });

  it('says that its token is not taken, and takes up a new one from the file', async () => {
    const asker = resolver('wrong');
    await expect(ask(asker, 'web')).rejects.toMatchObject({
      message: 'cloud answered with status 401',
      hint: expect.stringContaining('token'),
    });
    secrets.file('token', 'opensesame');
    expect(await ask(asker, 'web')).toMatchObject({ outcome: 'resolved' });
  });

  it('names a secret that is not there', async () => {
    const asker = built(httpResolver, { url: `${cloud.url}/{id}`, tokenFile: '/no/such/token' });
    await expect(ask(asker, 'web')).rejects.toThrow('the secret in /no/such/token cannot be read (ENOENT)');
  });

  it('lists nothing when the settings name no address for that', async () => {
    expect(await list(built(httpResolver, { url: `${cloud.url}/{id}` }))).toEqual([]);
  });
});
