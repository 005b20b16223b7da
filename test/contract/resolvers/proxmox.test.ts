import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { proxmoxResolver } from '../../../src/resolvers/proxmox/proxmox-resolver.ts';
import { type CloudServer, startCloudServer } from '../../support/cloud-server.ts';
import { secretFolder } from '../../support/secret-files.ts';
import { ask, built, describeHttpTroubles, describeResolver, list, type WrongAnswer } from '../resolver-suite.ts';

const guests = [
  { id: 'qemu/100', type: 'qemu', vmid: 100, node: 'pve1', name: 'web', status: 'running', template: 0, maxmem: 1, pool: 'acme' },
  { id: 'qemu/101', type: 'qemu', vmid: 101, node: 'pve2', status: 'stopped', tags: 'web;vbs-owner-acme;vbs-ownership' },
  // Of a node that does not answer.
  { id: 'qemu/103', type: 'qemu', vmid: 103, node: 'pve3', status: 'unknown', tags: 'vbs-owner-a;vbs-owner-b' },
  { id: 'qemu/900', type: 'qemu', vmid: 900, node: 'pve1', name: 'golden', template: 1 },
  { id: 'lxc/102', type: 'lxc', vmid: 102, node: 'pve1', name: 'container' },
];
const secrets = secretFolder();
let cloud: CloudServer;
let isForbidden = false;
let isEmpty = false;
let wrong: WrongAnswer | undefined;
/** What the token may do with a VM, as Proxmox has it: a privilege that is not passed on is one all the same. */
let privileges: Readonly<Record<string, number>> = {};

function guestsAsTold(): readonly object[] {
  const [first, ...others] = guests;
  switch (wrong) {
    case 'that tells of an instance twice':
      return [...guests, { ...first, node: 'pve2' }];
    case 'with an owner of another kind':
      return [{ ...first, pool: ['acme'] }, ...others];
    default:
      return isEmpty ? [] : guests;
  }
}

beforeAll(async () => {
  cloud = await startCloudServer(({ path, query, headers }) => {
    if (headers.authorization !== 'PVEAPIToken=vbs@pve!resolver=0123-4567') return { status: 401, body: { data: null } };
    if (isForbidden) return { status: 403, body: { data: null } };
    if (path === '/api2/json/access/permissions') {
      const asked = query.get('path') ?? '';
      return { body: { data: Object.keys(privileges).length === 0 ? {} : { [asked]: privileges } } };
    }
    return path === '/api2/json/cluster/resources' && query.get('type') === 'vm' ? { body: { data: guestsAsTold() } } : { status: 501 };
  });
});
beforeEach(() => {
  isForbidden = false;
  isEmpty = false;
  wrong = undefined;
  privileges = { 'VM.Audit': 0, 'Sys.Audit': 1 };
});
afterAll(async () => {
  await cloud.close();
  secrets.remove();
});

const resolver = (url = cloud.url, secret = '0123-4567', settings: object = {}) =>
  built(proxmoxResolver, { url: `${url}/`, token: 'vbs@pve!resolver', secretFile: secrets.file(secret, secret), ...settings });
const misled = (answer: WrongAnswer) => () => {
  wrong = answer;
  return resolver();
};

describeResolver('the resolver "proxmox"', {
  resolver: () => resolver(),
  known: [
    ['100', { vmmHost: 'pve1', domain: '100' }, 'acme'],
    ['101', { vmmHost: 'pve2', domain: '101' }],
    ['103', { vmmHost: 'pve3', domain: '103' }],
  ],
  misled: {
    // It tells of all its VMs; a row that is about two of them is told of below.
    'about another instance': 'cannot be',
    'that tells of an instance twice': misled('that tells of an instance twice'),
    'with an owner of another kind': misled('with an owner of another kind'),
  },
  unknown: ['99', '102', '900'],
  foreign: ['i-00000001', '0100', 'qemu'],
  listed: ['100', '101', '103'],
  ends: [
    ['99', 'forgotten'],
    // They are there, and are no VMs.
    ['102', undefined],
    ['900', undefined],
    ['0100', undefined],
  ],
});

describeHttpTroubles('the resolver "proxmox"', (url) => resolver(url), '100');

describe('the resolver "proxmox"', () => {
  it('tells a token that is not taken from one that may not see VMs', async () => {
    await expect(ask(resolver(cloud.url, 'wrong'), '100')).rejects.toMatchObject({ hint: expect.stringContaining('token') });
    isForbidden = true;
    expect(await ask(resolver(), '100')).toMatchObject({ outcome: 'not-authorised', hint: expect.stringContaining('VM.Audit') });
    await expect(list(resolver())).rejects.toMatchObject({ name: 'CloudUnavailable', hint: expect.stringContaining('VM.Audit') });
  });

  it('takes an empty cluster, which a token without leave is shown, for no sign that a VM has ended', async () => {
    isEmpty = true;
    expect(await ask(resolver(), '100')).toEqual({ outcome: 'not-known' });
  });

  it('takes a VM that is not listed for hidden, and not for gone, when the token may not see it', async () => {
    for (const left of [{}, { 'Sys.Audit': 1 }, { 'VM.PowerMgmt': 1 }]) {
      privileges = left;
      expect(await ask(resolver(), '99')).toMatchObject({ outcome: 'not-authorised', hint: expect.stringContaining('VM.Audit on /vms') });
    }
  });

  it('believes no row that is about two VMs', async () => {
    const cluster = await startCloudServer(() => ({ body: { data: [{ ...guests[0], vmid: 101 }] } }));
    await expect(ask(resolver(cluster.url), '101')).rejects.toThrow('tells of qemu/100 as VM 101');
    await expect(list(resolver(cluster.url))).rejects.toThrow('tells of qemu/100 as VM 101');
    await cluster.close();
  });

  it('takes a tag for the owner when it is told so, and several for none', async () => {
    const tagged = resolver(undefined, undefined, { owner: { tagPrefix: 'vbs-owner-' } });
    expect(await ask(tagged, '101')).toMatchObject({ outcome: 'resolved', owner: 'acme' });
    for (const instanceId of ['100', '103']) expect(await ask(tagged, instanceId)).not.toHaveProperty('owner');
    expect((await list(tagged)).map(({ owner }) => owner)).toEqual([undefined, 'acme', undefined]);
  });
});
