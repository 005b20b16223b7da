import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proxmoxResolver } from '../../../src/resolvers/proxmox/proxmox-resolver.ts';
import { type CloudServer, startCloudServer } from '../../support/cloud-server.ts';
import { secretFolder } from '../../support/secret-files.ts';
import { ask, built, describeHttpTroubles, describeResolver } from '../resolver-suite.ts';

const guests = [
  { id: 'qemu/100', type: 'qemu', vmid: 100, node: 'pve1', name: 'web', status: 'running', template: 0, maxmem: 1 },
  { id: 'qemu/101', type: 'qemu', vmid: 101, node: 'pve2', status: 'stopped' },
  { id: 'qemu/900', type: 'qemu', vmid: 900, node: 'pve1', name: 'golden', template: 1 },
  { id: 'lxc/102', type: 'lxc', vmid: 102, node: 'pve1', name: 'container' },
];
const secrets = secretFolder();
let cloud: CloudServer;
let isForbidden = false;
let isEmpty = false;

beforeAll(async () => {
  cloud = await startCloudServer(({ path, query, headers }) => {
    if (headers.authorization !== 'PVEAPIToken=vbs@pve!resolver=0123-4567') return { status: 401, body: { data: null } };
    if (isForbidden) return { status: 403, body: { data: null } };
    return path === '/api2/json/cluster/resources' && query.get('type') === 'vm'
      ? { body: { data: isEmpty ? [] : guests } }
      : { status: 501 };
  });
});
afterAll(async () => {
  await cloud.close();
  secrets.remove();
});

const resolver = (url = cloud.url, secret = '0123-4567') =>
  built(proxmoxResolver, { url: `${url}/`, token: 'vbs@pve!resolver', secretFile: secrets.file(secret, secret) });

describeResolver('the resolver "proxmox"', {
  resolver: () => resolver(),
  known: [
    ['100', { vmmHost: 'pve1', domain: '100' }],
    ['101', { vmmHost: 'pve2', domain: '101' }],
  ],
  unknown: ['99', '102', '900'],
  foreign: ['i-00000001', '0100', 'qemu'],
  listed: ['100', '101'],
  ends: [
    ['99', 'forgotten'],
    ['0100', undefined],
  ],
});

describeHttpTroubles('the resolver "proxmox"', (url) => resolver(url), '100');

describe('the resolver "proxmox"', () => {
  it('tells a token that is not taken from one that may not see VMs', async () => {
    await expect(ask(resolver(cloud.url, 'wrong'), '100')).rejects.toMatchObject({ hint: expect.stringContaining('token') });
    isForbidden = true;
    expect(await ask(resolver(), '100')).toMatchObject({ outcome: 'not-authorised', hint: expect.stringContaining('VM.Audit') });
    isForbidden = false;
  });

  it('takes an empty cluster, which a token without leave is shown, for no sign that a VM has ended', async () => {
    isEmpty = true;
    expect(await ask(resolver(), '100')).toEqual({ outcome: 'not-known' });
    isEmpty = false;
  });
});
