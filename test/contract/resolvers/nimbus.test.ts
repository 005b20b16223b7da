import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, makeAuthority } from '../../../scripts/stand-in-nimbus/certificates.ts';
import { alice, capturedWorkspaces, mallory, type NimbusWorkspace } from '../../../scripts/stand-in-nimbus/nimbus-workspace.ts';
import { type StandInNimbus, type StandInNimbusOptions, startStandInNimbus } from '../../../scripts/stand-in-nimbus/stand-in-nimbus.ts';
import { systemClock } from '../../../src/drivers/command/clock.ts';
import { localHost } from '../../../src/drivers/command/local-host.ts';
import { nimbusResolver } from '../../../src/resolvers/nimbus/nimbus-resolver.ts';
import { type CloudServer, startCloudServer } from '../../support/cloud-server.ts';
import {
  ask,
  built,
  describeHttpTroubles,
  describeResolver,
  list,
  neverMisled,
  scriptedHost,
  type WrongAnswer,
} from '../resolver-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbs-nimbus-'));
const elasticDb = join(folder, 'elastic.db');
const secretKeyFile = join(folder, 'ec2-secret');
const key = { accessKeyId: 'AliceAccessKey', secretAccessKey: 'of/the+tests', owner: alice };
const [first, second] = capturedWorkspaces as [NimbusWorkspace, NimbusWorkspace];
const { vmm: _placed, ...firstEarly } = first;
const unplaced: NimbusWorkspace = { ...firstEarly, id: 3, state: 'Unpropagated', elasticId: 'i-00000003', nics: [] };
const theirs: NimbusWorkspace = { ...first, id: 4, owner: mallory, elasticId: 'i-00000004', nics: [] };
const workspaces = [first, second, unplaced, theirs];

const here = localHost('here', systemClock);
let authority: Authority;
let serverCertificate: { readonly cert: string; readonly key: string };
let aliceCertificate: { readonly cert: string; readonly key: string };
const started: (StandInNimbus | CloudServer)[] = [];

beforeAll(async () => {
  authority = await makeAuthority(join(folder, 'ca'));
  serverCertificate = await authority.issue('server', '/O=Grid/CN=nimbus', { hosts: ['127.0.0.1'] });
  aliceCertificate = await authority.issue('alice', alice);
  const database = new Database(elasticDb);
  database.exec('CREATE TABLE instances (elastic_id TEXT, manager_id TEXT, reservation_id TEXT, sshkey TEXT)');
  const insert = database.prepare('INSERT INTO instances VALUES (?, ?, ?, NULL)');
  for (const { elasticId, id, reservationId } of workspaces) insert.run(elasticId, String(id), reservationId);
  database.close();
  writeFileSync(secretKeyFile, `${key.secretAccessKey}\n`);
});
afterAll(async () => {
  await Promise.all(started.map((one) => one.close()));
  rmSync(folder, { recursive: true });
});

async function start(options: Partial<StandInNimbusOptions> = {}): Promise<StandInNimbus> {
  const nimbus = await startStandInNimbus({ workspaces, plainCaller: alice, keys: [key], ...options });
  started.push(nimbus);
  return nimbus;
}

const resolver = (settings: object, host = here) => built(nimbusResolver, settings, { host: () => host });
const one = { vmmHost: 'vmm1.example.org', domain: 'wrksp-1' };
const two = { vmmHost: 'vmm2.example.org', domain: 'wrksp-2' };

/** Whoever asks for a workspace is told of the second. */
const mixedUp = { 'about another instance': { isPatched: true, tellsOf: 2 } } as const;
const twice = { 'that tells of an instance twice': { workspaces: [...workspaces, { ...first, vmm: 'vmm2.example.org' }] } } as const;

/** Each mode, each way to i-… ids, over plain HTTP and TLS: what is the same in all. And how the stand-in can mislead in that mode. */
const ways: readonly (readonly [
  string,
  (nimbus: StandInNimbus) => object,
  Partial<StandInNimbusOptions>,
  Partial<Record<WrongAnswer, Partial<StandInNimbusOptions>>>,
])[] = [
  ['mode rp-query, elastic.db', () => ({ mode: 'rp-query', elasticDb: { file: elasticDb } }), { isPatched: true }, mixedUp],
  [
    'mode rp-query by XPath, EC2 front end',
    ({ ec2Url }) => ({ mode: 'rp-query', query: 'xpath', ec2: front(ec2Url) }),
    { isPatched: true },
    mixedUp,
  ],
  ['mode status, elastic.db', () => ({ mode: 'status', elasticDb: { file: elasticDb } }), {}, twice],
  ['mode status, EC2 front end', ({ ec2Url }) => ({ mode: 'status', ec2: front(ec2Url) }), {}, twice],
];
const front = (url: string, tls?: object) => ({ url, accessKeyId: key.accessKeyId, secretKeyFile, ...(tls && { tls }) });

for (const [title, settingsFor, options, misleading] of ways) {
  for (const transport of ['plain HTTP', 'TLS with a client certificate']) {
    let nimbus: StandInNimbus;
    const misled = new Map<string, StandInNimbus>();
    const plainly = (asked: StandInNimbus) => resolver({ url: asked.url, caller: alice, ...settingsFor(asked) });
    const tls = () => ({ ca: authority.ca, ...aliceCertificate });
    beforeAll(async () => {
      nimbus = await start(transport === 'plain HTTP' ? options : { ...options, tls: { ca: authority.ca, ...serverCertificate } });
      for (const [wrong, by] of Object.entries(misleading)) misled.set(wrong, await start(by));
    });
    describeResolver(`the resolver "nimbus", ${title}, ${transport}`, {
      resolver: () => {
        const settings = settingsFor(nimbus);
        if (transport === 'plain HTTP') return plainly(nimbus);
        const ec2 = 'ec2' in settings ? { ec2: front(nimbus.ec2Url, { ca: authority.ca }) } : {};
        return resolver({ url: nimbus.url, tls: tls(), ...settings, ...ec2 });
      },
      // Nimbus shows its own to a caller, so that the owner is who asks: in the certificate, or said in the settings.
      known: [
        ['1', one, alice],
        ['2', two, alice],
        ['i-5566b1b7', one, alice],
        ['i-e8d60ed1', two, alice],
      ],
      misled: {
        ...neverMisled,
        ...Object.fromEntries(Object.keys(misleading).map((wrong) => [wrong, () => plainly(misled.get(wrong) ?? nimbus)])),
      },
      unknown: ['999', 'i-ffffffff'],
      foreign: ['i-5566b1b7c0ffee000', 'wrksp-1', 'vmm1/a', '01'],
      listed: ['i-5566b1b7', 'i-e8d60ed1'],
      ends: [
        ['999', 'forgotten'],
        // Its front end leaves out what it does not know, and what is another owner's.
        ['i-ffffffff', undefined],
        ['wrksp-1', undefined],
      ],
    });
  }
}

describe('the resolver "nimbus", mode admin', () => {
  const listing = `[{"id":"1","node":"vmm1.example.org","creator":"/O\\u003dGrid/CN\\u003dAlice","state":"Run\nning"},\n{"id":2,"node":"vmm2.example.org"},{"id":"3","node":null}]`;
  const admin = (stdout: string, settings: object = {}) =>
    resolver({ mode: 'admin', elasticDb: { file: elasticDb }, ...settings }, adminHost(stdout));
  const adminHost = (stdout: string) =>
    scriptedHost('nimbus', (command) => (command.argv[0] === 'nimbus-admin' ? { stdout } : here.run(command)));

  describeResolver('as any resolver', {
    resolver: () => admin(listing),
    misled: {
      'about another instance': 'cannot be',
      'that tells of an instance twice': () => admin(listing.replace('"id":2', '"id":1')),
      'with an owner of another kind': () => admin(listing.replace(/"creator":"[^"]*"/, '"creator":["/O=Grid/CN=Alice"]')),
    },
    known: [
      ['1', one, '/O=Grid/CN=Alice'],
      ['i-e8d60ed1', two],
    ],
    unknown: ['999', 'i-ffffffff'],
    foreign: ['wrksp-1'],
    listed: ['i-5566b1b7', 'i-e8d60ed1'],
    // That the tool does not list a workspace is not Nimbus' word that there is none.
    ends: [
      ['999', undefined],
      ['wrksp-1', undefined],
    ],
  });

  it('asks Nimbus itself whether a workspace that is not listed has ended, when it is told where', async () => {
    const { url } = await start();
    expect(await ask(admin(listing, { url }), '999')).toEqual({ outcome: 'not-known', ended: 'forgotten' });
    await expect(ask(admin('[{"id":"2","node":"vmm2"}]', { url }), '1')).rejects.toThrow('lists no workspace 1, which Nimbus has');
    // Another owner's: Nimbus has it, and tells nothing of it.
    await expect(ask(admin(listing, { url }), '4')).rejects.toThrow('lists no workspace 4, which Nimbus has');
  });

  it.each(['{}', '[1]', '[{"id":null}]', '[{"id":"1x"}]', '[{"id":1.5}]', '[{"id":{"a":1}}]'])('reads no listing of %s', async (text) => {
    await expect(ask(admin(text), '1')).rejects.toThrow('another shape');
  });

  it('sees the workspaces of all owners, as the stand-in prints them', async () => {
    const nimbus = await start();
    expect(await ask(admin(nimbus.adminListing()), '4')).toMatchObject({ placement: { domain: 'wrksp-4' }, owner: mallory });
    expect(await ask(admin(nimbus.adminListing()), '3')).toMatchObject({ outcome: 'not-placed', owner: alice });
  });

  it('takes an empty listing for no sign that a workspace has ended', async () => {
    expect(await ask(admin('[]'), '1')).toEqual({ outcome: 'not-known', reason: 'cloud lists no such workspace' });
  });

  it('says what it got when that is no listing', async () => {
    await expect(ask(admin('ERROR: cannot connect'), '1')).rejects.toThrow('not JSON');
    await expect(ask(admin('[{"node":7}]'), '1')).rejects.toThrow('another shape');
  });
});

describeHttpTroubles('the resolver "nimbus", mode rp-query', (url) => resolver({ mode: 'rp-query', url }), '1');
describeHttpTroubles('the resolver "nimbus", mode status', (url) => resolver({ mode: 'status', url }), '1');

describe('the resolver "nimbus"', () => {
  it('tells an unknown workspace from one of another owner, and both from one without a host', async () => {
    const { url } = await start({ isPatched: true });
    const property = resolver({ mode: 'rp-query', url });
    expect(await ask(property, '999')).toEqual({ outcome: 'not-known', ended: 'forgotten' });
    expect(await ask(property, '4')).toMatchObject({
      outcome: 'not-authorised',
      reason: `cloud does not let ${alice} see the workspace`,
      hint: expect.stringContaining('owner'),
    });
    // It has no NIC that could say so.
    await expect(ask(property, '3')).rejects.toThrow('does not say in the networking of workspace 3');
    const status = resolver({ mode: 'status', url });
    expect(await ask(status, '4')).toMatchObject({ outcome: 'not-authorised', hint: expect.stringContaining('owner') });
    expect(await ask(status, '3')).toMatchObject({ outcome: 'not-placed' });
    const early = await start({ isPatched: true, workspaces: [{ ...firstEarly, state: 'Unpropagated' }] });
    expect(await ask(resolver({ mode: 'rp-query', url: early.url }), '1')).toMatchObject({ outcome: 'not-placed' });
  });

  it('names what an unpatched Nimbus, or one that keeps its hosts to itself, lacks', async () => {
    const { url } = await start({ tellsHost: false });
    await expect(ask(resolver({ mode: 'rp-query', url }), '1')).rejects.toMatchObject({
      hint: expect.stringContaining('mode status needs no change'),
    });
    await expect(ask(resolver({ mode: 'status', url }), '1')).rejects.toMatchObject({
      hint: expect.stringContaining('details.hostname=true'),
    });
  });

  it('reads the answers that a real Nimbus gave, and calls its faults by their names', async () => {
    let answer = '';
    const replay = await startCloudServer(() => ({ status: answer.includes('Fault>') ? 500 : 200, body: answer }));
    started.push(replay);
    const property = resolver({ mode: 'rp-query', url: replay.url });
    const replayed = (name: string, asker = property, instanceId = '1') => {
      answer = readFileSync(`test/fixtures/nimbus/${name}-answer.xml`, 'utf8');
      return ask(asker, instanceId);
    };
    expect(await replayed('patched-getrp-logistics')).toEqual({ outcome: 'resolved', placement: one });
    expect(await replayed('patched-query-all')).toEqual({ outcome: 'resolved', placement: one });
    expect(await replayed('status', resolver({ mode: 'status', url: replay.url }))).toEqual({ outcome: 'resolved', placement: one });
    await expect(replayed('getrp-logistics')).rejects.toMatchObject({ name: 'CloudUnavailable' });
    for (const name of ['getrp-unknown', 'denied-unknown']) {
      expect(await replayed(name, property, '999')).toEqual({ outcome: 'not-known', ended: 'forgotten' });
      // The end of 999 is none of 1.
      await expect(replayed(name)).rejects.toThrow('was asked for workspace 1, and answered about 999');
    }
    for (const name of ['patched-getrp-logistics', 'patched-query-all', 'getrp-badqname']) {
      await expect(replayed(name, property, '3')).rejects.toThrow('was asked for workspace 3, and answered about 1');
    }
    expect(await replayed('denied')).toMatchObject({ outcome: 'not-authorised', reason: expect.stringContaining('/O=Grid/CN=Mallory') });
    await expect(replayed('anon')).rejects.toMatchObject({ hint: expect.stringContaining('client certificate') });
    await expect(replayed('getrp-nokey')).rejects.toMatchObject({ hint: expect.stringContaining('SOAP header') });
    await expect(replayed('getrp-badqname')).rejects.toMatchObject({ message: expect.stringContaining('no property "logistics"') });
  });

  it.each([
    ['another separator', { network: 'vmm7.example.org@wrksp-1' }, String.raw`(?<host>[^@]+)@(?<domain>wrksp-\d+)`],
    ['another field', { association: 'wrksp-1 vmm7.example.org' }, undefined],
  ])('finds domain and host by %s', async (_what, leaf, pattern) => {
    const [[name, text]] = Object.entries(leaf) as [[string, string]];
    const networking = `<networking><nic><name>eth0</name><${name}>${text}</${name}></nic></networking>`;
    const body = `<Envelope><Body><GetResourcePropertyResponse><logistics>${networking}</logistics></GetResourcePropertyResponse></Body></Envelope>`;
    const cloud = await startCloudServer(() => ({ body }));
    started.push(cloud);
    const asker = resolver({ mode: 'rp-query', url: cloud.url, ...(pattern !== undefined && { pattern }) });
    expect(await ask(asker, '1')).toEqual({ outcome: 'resolved', placement: { vmmHost: 'vmm7.example.org', domain: 'wrksp-1' } });
  });

  const networkOf = (text: string) => `<logistics><networking><nic><network>${text}</network></nic></networking></logistics>`;
  const keyOf = (key: string) => `<From><ReferenceProperties><WorkspaceKey>${key}</WorkspaceKey></ReferenceProperties></From>`;

  it.each([
    ['the key of another', keyOf('2'), networkOf('wrksp-3;vmm1'), /was asked for workspace 3, and answered about 2/],
    ['the domain of another', keyOf('3'), networkOf('wrksp-2;vmm1'), /was asked for workspace 3, and answered about 2/],
    ['two keys', `${keyOf('3')}${keyOf('2')}`, networkOf('wrksp-3;vmm1'), /answered about 2/],
    ['a key that is no number', keyOf('3 or so'), networkOf('wrksp-3;vmm1'), /answered about 3 or so/],
    ['two descriptions', keyOf('3'), `${networkOf('wrksp-3;vmm1')}${networkOf('wrksp-3;vmm2')}`, /more than once/],
  ])('believes no answer with %s', async (_what, header, answer, reason) => {
    const body = `<Envelope><Header>${header}</Header><Body><x>${answer}</x></Body></Envelope>`;
    const cloud = await startCloudServer(() => ({ body }));
    started.push(cloud);
    await expect(ask(resolver({ mode: 'rp-query', url: cloud.url }), '3')).rejects.toThrow(reason);
  });

  const unknownFault = (described: string) =>
    `<Envelope><Body><Fault><detail><x.ResourceUnknownFaultType>${described}</x.ResourceUnknownFaultType></detail></Fault></Body></Envelope>`;
  it.each([
    ['of another workspace', unknownFault("<Description>unknown workspace: '2'</Description>"), /answered about 2/],
    [
      'of two',
      unknownFault("<Description>unknown workspace: '3'</Description><Description>unknown workspace: '2'</Description>"),
      /about 2/,
    ],
    ['of another resource', unknownFault("<Description>unknown group: '3'</Description>"), /fault: unknown group/],
    ['of nothing', unknownFault(''), /fault/],
  ])('takes the fault of an unknown resource %s for no end', async (_what, body, reason) => {
    const cloud = await startCloudServer(() => ({ status: 500, body }));
    started.push(cloud);
    await expect(ask(resolver({ mode: 'rp-query', url: cloud.url }), '3')).rejects.toThrow(reason);
  });

  /** A status service that lists rows of keys, texts in the network and hosts. */
  const listing = async (...rows: readonly (readonly [key: string, network: string, host: string])[]) => {
    const entries = rows.map(
      ([key, network, host]) =>
        `<oneCurrentWorkspace><epr><ReferenceProperties><WorkspaceKey>${key}</WorkspaceKey></ReferenceProperties></epr>` +
        `${networkOf(network)}<details>VMM=${host}</details></oneCurrentWorkspace>`,
    );
    const body = `<Envelope><Body><currentWorkspaces>${entries.join('')}</currentWorkspaces></Body></Envelope>`;
    const cloud = await startCloudServer(() => ({ body }));
    started.push(cloud);
    return cloud.url;
  };

  it('lists nothing from rows that bear two workspaces, or that are about the same one', async () => {
    const swapped = await listing(['1', 'wrksp-2;vmm2', 'vmm1'], ['2', 'wrksp-1;vmm1', 'vmm2']);
    await expect(list(resolver({ mode: 'rp-query', url: swapped }))).rejects.toThrow('was asked for workspace 1, and answered about 2');
    const doubled = await listing(['1', 'wrksp-1;vmm1', 'vmm1'], ['1', 'wrksp-1;vmm2', 'vmm2']);
    for (const mode of ['rp-query', 'status']) {
      await expect(list(resolver({ mode, url: doubled }))).rejects.toThrow('lists 1 twice');
    }
    const nameless = await listing(['one', 'wrksp-1;vmm1', 'vmm1']);
    await expect(ask(resolver({ mode: 'status', url: nameless }), '1')).rejects.toThrow('without its key');
  });

  it('does not say of a workspace that has ended what a list that is shorter today says', async () => {
    // The list lacks it, and the service that knows all says that it is there.
    const { url } = await start({ lists: [2] });
    await expect(ask(resolver({ mode: 'status', url }), '1')).rejects.toThrow('lists no workspace 1, which Nimbus has');
  });

  it.each([
    [
      'one id for two workspaces',
      [
        ['i-0000000a', '1'],
        ['i-0000000a', '2'],
      ],
    ],
    [
      'two ids for one workspace',
      [
        ['i-0000000a', '1'],
        ['i-0000000b', '1'],
      ],
    ],
  ])('believes no database with %s', async (_what, rows) => {
    const stdout = rows.map((row) => row.join('|')).join('\n');
    const admin = '[{"id":"1","node":"vmm1"},{"id":"2","node":"vmm2"}]';
    const host = scriptedHost('here', ({ argv }) => ({ stdout: argv[0] === 'sqlite3' ? stdout : admin }));
    const asker = resolver({ mode: 'admin', elasticDb: { file: elasticDb } }, host);
    await expect(ask(asker, 'i-0000000a')).rejects.toThrow(/(i-0000000a|workspace 1) more than once/);
    await expect(list(asker)).rejects.toThrow('more than once');
  });

  it('believes no front end whose instance has the addresses of two workspaces', async () => {
    const [publicNic, privateNic] = second.nics;
    if (publicNic === undefined || privateNic === undefined) throw new Error('the captured workspace has two cards');
    const { url } = await start({
      workspaces: [
        { ...first, nics: [publicNic] },
        { ...second, nics: [privateNic] },
      ],
    });
    const { ec2Url } = await start();
    const asker = resolver({ mode: 'status', url, ec2: front(ec2Url) });
    await expect(ask(asker, 'i-e8d60ed1')).rejects.toThrow('addresses of several workspaces');
  });

  it('takes a front end that refuses for one that could not be asked', async () => {
    const { url } = await start();
    const body = '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>';
    const refusing = await startCloudServer(() => ({ status: 403, body }));
    started.push(refusing);
    const asker = resolver({ mode: 'status', url, ec2: front(refusing.url) });
    await expect(ask(asker, 'i-e8d60ed1')).rejects.toMatchObject({ name: 'CloudUnavailable', hint: expect.stringContaining('ec2') });
    await expect(list(asker)).rejects.toMatchObject({ name: 'CloudUnavailable' });
  });

  it('knows no owner where the caller is not told, and not by a certificate that another one stands behind', async () => {
    const { url } = await start();
    expect(await ask(resolver({ mode: 'status', url }), '1')).toEqual({ outcome: 'resolved', placement: one });
    expect(await ask(resolver({ mode: 'status', url }), '3')).not.toHaveProperty('owner');
    expect(await ask(resolver({ mode: 'status', url, caller: alice }), '3')).toMatchObject({ outcome: 'not-placed', owner: alice });
    // The certificate is not shown over plain HTTP.
    expect(await ask(resolver({ mode: 'status', url, tls: aliceCertificate }), '1')).not.toHaveProperty('owner');
  });

  it('believes no answer that contradicts itself', async () => {
    const nic = (host: string) => `<nic><network>wrksp-1;${host}</network></nic>`;
    const body = `<Envelope><Body><x><networking>${nic('vmm1')}${nic('vmm2')}</networking></x></Body></Envelope>`;
    const cloud = await startCloudServer(() => ({ body }));
    started.push(cloud);
    await expect(ask(resolver({ mode: 'rp-query', url: cloud.url }), '1')).rejects.toThrow('says different things');
  });

  it.each([
    ['entities', '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>', /document type or entities/],
    ['a file of the machine', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', /document type or entities/],
    ['depth', '<a>'.repeat(100_000), /nests deeper than 64/],
    ['a truncated envelope', '<Envelope><Body><x>', /cannot be read/],
    ['an undeclared entity', '<Envelope><Body>&bomb;</Body></Envelope>', /cannot be read/],
    ['an unfinished attribute', '<a b="'.repeat(10_000), /ends in its middle/],
    ['no envelope', '<a/>', /no SOAP envelope/],
  ])('refuses XML with %s', async (_what, body, reason) => {
    const cloud = await startCloudServer(() => ({ body }));
    started.push(cloud);
    await expect(ask(resolver({ mode: 'status', url: cloud.url }), '1')).rejects.toThrow(reason);
  });

  it('is refused with settings that contradict each other', () => {
    const url = 'https://nimbus.example.org:8443/wsrf/services';
    expect(() => resolver({ mode: 'status' })).toThrow('the mode status needs url');
    expect(() => resolver({ mode: 'admin', ec2: front(url) })).toThrow('ec2 needs url');
    expect(() => resolver({ mode: 'status', url, ec2: front(url), elasticDb: { file: elasticDb } })).toThrow('name one of them');
    expect(nimbusResolver.schema.safeParse({ mode: 'rp-query', url, pattern: '(' }).error?.issues[0]?.message).toContain(
      'regular expression',
    );
    expect(nimbusResolver.schema.safeParse({ mode: 'rp-query', url, pattern: 'a' }).error?.issues[0]?.message).toContain(
      'must have the groups',
    );
  });
});

describe('TLS', () => {
  const secured = async (certificate: { readonly cert: string; readonly key: string }) =>
    (await start({ tls: { ca: authority.ca, ...certificate } })).url;
  const asking = async (certificate: { readonly cert: string; readonly key: string }, tls: object) =>
    ask(resolver({ mode: 'status', url: await secured(certificate), tls }), '1');
  const trusting = () => ({ ca: authority.ca, ...aliceCertificate });

  it('is refused to a server of an authority that is not trusted', async () => {
    const other = await makeAuthority(join(folder, 'other'), '/O=Grid/CN=Another authority');
    await expect(asking(await other.issue('server', '/O=Grid/CN=nimbus', { hosts: ['127.0.0.1'] }), trusting())).rejects.toMatchObject({
      message: expect.stringContaining('an authority that is not trusted'),
      hint: expect.stringContaining('tls.ca'),
    });
  });

  it('is refused to a server whose certificate has expired, or is for another name', async () => {
    const expired = await authority.issue('expired', '/O=Grid/CN=nimbus', { hosts: ['127.0.0.1'], days: -1 });
    await expect(asking(expired, trusting())).rejects.toThrow('shows a certificate that has expired (CERT_HAS_EXPIRED)');
    const elsewhere = await authority.issue('elsewhere', '/O=Grid/CN=nimbus', { hosts: ['nimbus.example.org'] });
    await expect(asking(elsewhere, trusting())).rejects.toMatchObject({ hint: expect.stringContaining('tls.serverName') });
    expect(await asking(elsewhere, { ...trusting(), serverName: 'nimbus.example.org' })).toMatchObject({ outcome: 'resolved' });
  });

  it('is refused to a server of the time of Nimbus, unless the settings allow it', async () => {
    const { url } = await start({ tls: { ca: authority.ca, ...serverCertificate }, isOld: true });
    const old = (tls: object) => ask(resolver({ mode: 'status', url, tls: { ...trusting(), ...tls } }), '1');
    await expect(old({})).rejects.toMatchObject({ name: 'CloudUnavailable', hint: expect.stringContaining('TLSv1') });
    expect(await old({ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })).toMatchObject({ outcome: 'resolved' });
  });

  it('says that nobody was told who asks, without a client certificate or with one of another authority', async () => {
    await expect(asking(serverCertificate, { ca: authority.ca })).rejects.toThrow('wants to know who asks');
    const other = await makeAuthority(join(folder, 'stranger'), '/O=Grid/CN=A stranger');
    const stranger = await other.issue('alice', alice);
    await expect(asking(serverCertificate, { ca: authority.ca, ...stranger })).rejects.toThrow('wants to know who asks');
  });

  it('names a file that is not there, and one that does not speak TLS', async () => {
    await expect(asking(serverCertificate, { ca: '/no/such/ca.pem' })).rejects.toThrow('/no/such/ca.pem cannot be read (ENOENT)');
    const { url } = await start();
    await expect(ask(resolver({ mode: 'status', url: url.replace('http:', 'https:') }), '1')).rejects.toMatchObject({
      message: expect.stringContaining('does not speak TLS'),
    });
  });

  it('takes up a certificate that was renewed', async () => {
    const renewed = { cert: join(folder, 'renewed.pem'), key: join(folder, 'renewed.key') };
    const { url } = await start({ tls: { ca: authority.ca, ...serverCertificate } });
    const strange = await authority.issue('strange', mallory);
    copyFileSync(strange.cert, renewed.cert);
    copyFileSync(strange.key, renewed.key);
    const asker = resolver({ mode: 'rp-query', url, tls: { ca: authority.ca, ...renewed } });
    expect(await ask(asker, '1')).toMatchObject({ outcome: 'not-authorised' });
    rmSync(renewed.cert);
    rmSync(renewed.key);
    copyFileSync(aliceCertificate.cert, renewed.cert);
    copyFileSync(aliceCertificate.key, renewed.key);
    await expect(ask(asker, '1')).rejects.toThrow('does not say in the networking');
  });
});
