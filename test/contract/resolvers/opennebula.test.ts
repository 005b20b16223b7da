import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opennebulaResolver } from '../../../src/resolvers/opennebula/opennebula-resolver.ts';
import { escapeXml } from '../../../src/resolvers/xml/escape-xml.ts';
import { find, readXml, textAt } from '../../../src/resolvers/xml/read-xml.ts';
import { type CloudServer, startCloudServer } from '../../support/cloud-server.ts';
import { secretFolder } from '../../support/secret-files.ts';
import { ask, built, describeHttpTroubles, describeResolver, list, type WrongAnswer } from '../resolver-suite.ts';

const history = (...hosts: readonly string[]) =>
  `<HISTORY_RECORDS>${hosts.map((host, index) => `<HISTORY><SEQ>${index}</SEQ><HOSTNAME>${host}</HOSTNAME></HISTORY>`).join('')}</HISTORY_RECORDS>`;
/** What a user may write is in templates: an owner there is nobody's word but the user's. */
const vm = (
  id: number,
  state: number,
  records: string,
  owner = `<UID>${id + 10}</UID><GID>1</GID><UNAME>user${id}</UNAME><GNAME>users</GNAME>`,
) =>
  `<VM><USER_TEMPLATE><UNAME>oneadmin</UNAME><UID>0</UID></USER_TEMPLATE><ID>${id}</ID>${owner}<NAME>vm &amp; ${id}</NAME><STATE>${state}</STATE><LCM_STATE>3</LCM_STATE><DEPLOY_ID>uuid-of-${id}</DEPLOY_ID>` +
  `<TEMPLATE><CONTEXT><![CDATA[<any>]]></CONTEXT><NIC><IP>10.0.0.${id}</IP></NIC></TEMPLATE>${records}</VM>`;
const vms = new Map([
  ['7', vm(7, 3, history('kvm1', 'kvm2'))],
  ['8', vm(8, 3, history('kvm1'))],
  ['9', vm(9, 1, '<HISTORY_RECORDS/>')],
  ['10', vm(10, 6, history('kvm1'))],
]);
const answer = (isDone: boolean, content: string, code: number) =>
  `<?xml version="1.0" encoding="UTF-8"?><methodResponse><params><param><value><array><data><value><boolean>${isDone ? 1 : 0}</boolean></value>` +
  `<value><string>${escapeXml(content)}</string></value><value><i4>${code}</i4></value></data></array></value></param></params></methodResponse>`;
const secrets = secretFolder();
let cloud: CloudServer;
let wrong: WrongAnswer | undefined;
const ownedTwice = vm(7, 3, history('kvm1', 'kvm2'), '<UNAME>user7</UNAME><UNAME>user8</UNAME>');

function poolAsTold(): readonly string[] {
  const all = [...vms.values()];
  switch (wrong) {
    case 'with an owner of another kind':
      return [ownedTwice, ...all.slice(1)];
    case 'that tells of an instance twice':
      return [...all, vm(7, 3, history('kvm1'))];
    default:
      return all;
  }
}

beforeAll(async () => {
  cloud = await startCloudServer(({ body }) => {
    const call = readXml(body, 'the client');
    const [session, id] = (find(call, 'params')?.children ?? []).map(
      (parameter) => textAt(parameter, 'value', 'string') ?? textAt(parameter, 'value', 'i4'),
    );
    if (session !== 'vbs:p&ss') return { body: answer(false, "[one.vm.info] User couldn't be authenticated, aborting call.", 0x0100) };
    if (textAt(call, 'methodName') === 'one.vmpool.info') return { body: answer(true, `<VM_POOL>${poolAsTold().join('')}</VM_POOL>`, 0) };
    if (wrong === 'about another instance') return { body: answer(true, vms.get('8') ?? '', 0) };
    if (wrong === 'with an owner of another kind') return { body: answer(true, ownedTwice, 0) };
    if (wrong === 'that tells of an instance twice') return { body: answer(true, vm(7, 3, `<ID>7</ID>${history('kvm1')}`), 0) };
    if (id === '77') return { body: answer(false, '[one.vm.info] Error getting virtual machine [78].', 0x0400) };
    if (id === '88') return { body: answer(false, '[one.vm.info] Error getting host [88].', 0x0400) };
    if (id === '99') return { body: answer(false, '[one.vm.info] Error getting virtual machine [99].', 0x2000) };
    if (id === '55') return { body: answer(false, '[one.vm.info] User [3] : Not authorized to perform USE VM [55].', 0x0200) };
    if (id === '66') return { body: '<methodResponse><fault><value/></fault></methodResponse>' };
    const found = vms.get(id ?? '');
    return {
      body: found === undefined ? answer(false, `[one.vm.info] Error getting virtual machine [${id}].`, 0x0400) : answer(true, found, 0),
    };
  });
});
afterAll(async () => {
  await cloud.close();
  secrets.remove();
});

const resolver = (url = `${cloud.url}/RPC2`, settings: object = {}) =>
  built(opennebulaResolver, { url, user: 'vbs', passwordFile: secrets.file('password', 'p&ss'), ...settings });

const telling = (answered?: WrongAnswer) => () => {
  wrong = answered;
  return resolver();
};

describeResolver('the resolver "opennebula"', {
  resolver: telling(),
  known: [
    ['7', { vmmHost: 'kvm2', domain: 'one-7' }, 'user7'],
    ['8', { vmmHost: 'kvm1', domain: 'one-8' }, 'user8'],
  ],
  misled: {
    'about another instance': telling('about another instance'),
    'that tells of an instance twice': telling('that tells of an instance twice'),
    'with an owner of another kind': telling('with an owner of another kind'),
  },
  unknown: ['11', '10'],
  foreign: ['i-00000001', 'one-7', '007'],
  listed: ['7', '8'],
  ends: [
    ['10', 'reported'],
    ['11', 'forgotten'],
    ['one-7', undefined],
  ],
});

describeHttpTroubles('the resolver "opennebula"', (url) => resolver(url), '7');

describe('the resolver "opennebula"', () => {
  it('tells what OpenNebula says besides a place', async () => {
    expect(await ask(telling()(), '9')).toMatchObject({ outcome: 'not-placed', owner: 'user9' });
    expect(await ask(resolver(), '55')).toMatchObject({ outcome: 'not-authorised', reason: expect.stringContaining('Not authorized') });
    await expect(ask(resolver(), '66')).rejects.toThrow('fault of XML-RPC');
    const unknownUser = resolver(undefined, { passwordFile: secrets.file('wrong', 'guessed') });
    await expect(ask(unknownUser, '7')).rejects.toMatchObject({ hint: expect.stringContaining('password') });
  });

  it.each([
    ['user', 'user7'],
    ['user-id', '17'],
    ['group', 'users'],
    ['group-id', '1'],
  ])('takes the %s for the owner when it is told so', async (owner, told) => {
    const asker = resolver(undefined, { owner });
    expect(await ask(asker, '7')).toMatchObject({ outcome: 'resolved', owner: told });
    expect((await list(asker))[0]).toMatchObject({ id: '7', owner: told });
  });

  it('believes of an end only what oned says of the VM that is meant', async () => {
    await expect(ask(resolver(), '77')).rejects.toThrow('virtual machine [78]');
    await expect(ask(resolver(), '88')).rejects.toThrow('host [88]');
    await expect(ask(resolver(), '99')).rejects.toThrow('code 8192');
  });

  it('names domains as it is told, and lists names and addresses', async () => {
    expect(await ask(resolver(undefined, { domain: '{deployId}' }), '7')).toMatchObject({ placement: { domain: 'uuid-of-7' } });
    expect((await list(resolver()))[0]).toMatchObject({ name: 'vm & 7', privateIpAddress: '10.0.0.7' });
  });
});
