import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpResolver } from '../../../src/resolvers/http/http-resolver.ts';
import { type CloudServer, startCloudServer } from '../../support/cloud-server.ts';
import { secretFolder } from '../../support/secret-files.ts';
import { ask, built, describeCrowd, describeHttpTroubles, describeResolver, list, type WrongAnswer } from '../resolver-suite.ts';

const instances = [
  { id: 'web', vmmHost: 'vmm1', domain: 'dom-web', name: 'web server', privateIpAddress: '10.0.0.1', publicIpAddress: '192.0.2.1' },
  { id: 'a:b', vmmHost: 'vmm2', domain: 'dom-ab', owner: 'project-7' },
];
const secrets = secretFolder();
let cloud: CloudServer;
let wrong: WrongAnswer | undefined;

beforeAll(async () => {
  cloud = await startCloudServer(({ path, headers }) => {
    if (headers.authorization !== 'Bearer opensesame') return { status: 401 };
    const ownedByNumber = instances.map((instance) => ({ ...instance, owner: 7 }));
    if (path === '/instances') return { body: { instances: wrong === 'with an owner of another kind' ? ownedByNumber : instances } };
    const wanted = decodeURIComponent(path.replace('/instances/', ''));
    if (wrong === 'about another instance') return { body: instances[1] };
    if (wrong === 'with an owner of another kind') return { body: ownedByNumber[0] };
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

const resolver = (token = 'opensesame', answer?: WrongAnswer) => {
  wrong = answer;
  return built(httpResolver, {
    url: `${cloud.url}/instances/{id}`,
    listUrl: `${cloud.url}/instances`,
    tokenFile: secrets.file('token', token),
  });
};

describeResolver('the resolver "http"', {
  resolver: () => resolver(),
  known: [
    ['web', { vmmHost: 'vmm1', domain: 'dom-web' }],
    ['a:b', { vmmHost: 'vmm2', domain: 'dom-ab' }, 'project-7'],
  ],
  misled: {
    'about another instance': () => resolver(undefined, 'about another instance'),
    // It is asked for one, and answers with one; how its list is read is told below.
    'that tells of an instance twice': 'cannot be',
    'with an owner of another kind': () => resolver(undefined, 'with an owner of another kind'),
  },
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

  it.each([
    ['two places', { vmmHost: 'vmm2' }],
    ['two owners', { owner: 'project-8' }],
  ])('lists nothing that is in the list twice, with %s', async (_what, other) => {
    const body = { instances: [...instances, { ...instances[0], ...other }] };
    const contradictory = await startCloudServer(() => ({ body }));
    const listing = list(built(httpResolver, { url: `${contradictory.url}/{id}`, listUrl: contradictory.url }));
    await expect(listing).rejects.toThrow('lists web twice');
    await contradictory.close();
  });

  it.each([[''], [7], [['project-7']], [{}]])('takes %j for no owner, and for no absence of one', async (owner) => {
    const cloudOfOwners = await startCloudServer(() => ({ body: { ...instances[0], owner } }));
    await expect(ask(built(httpResolver, { url: `${cloudOfOwners.url}/{id}` }), 'web')).rejects.toThrow('another shape at owner');
    await cloudOfOwners.close();
  });

  it('tells the owner of one that is nowhere, and takes `null` for nobody', async () => {
    const answer = { id: 'web', vmmHost: null, domain: null, owner: 'project-7' };
    const cloudOfOwners = await startCloudServer(({ path }) => ({
      body: path === '/web' ? answer : { ...instances[0], id: 'x', owner: null },
    }));
    const asker = built(httpResolver, { url: `${cloudOfOwners.url}/{id}` });
    expect(await ask(asker, 'web')).toMatchObject({ outcome: 'not-placed', owner: 'project-7' });
    expect(await ask(asker, 'x')).toEqual({ outcome: 'resolved', placement: { vmmHost: 'vmm1', domain: 'dom-web' } });
    await cloudOfOwners.close();
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
