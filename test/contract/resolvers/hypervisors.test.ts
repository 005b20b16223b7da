import { describe, expect, it } from 'vitest';
import type { Host } from '../../../src/drivers/command/host.ts';
import { libvirtResolver } from '../../../src/resolvers/libvirt/libvirt-resolver.ts';
import type { ResolverKind } from '../../../src/resolvers/resolver-kind.ts';
import { xenResolver } from '../../../src/resolvers/xen/xen-resolver.ts';
import { ask, built, describeResolver, list, neverMisled, type ScriptedResult, scriptedHost } from '../resolver-suite.ts';

const uuids = [
  '11111111-2222-3333-4444-555555555555',
  '6695eb01-f6a4-8304-79aa-97f2502e193f',
  'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
] as const;

interface Domain {
  readonly name: string;
  readonly uuid: string;
}

const xlListing = (...domains: readonly Domain[]) =>
  JSON.stringify([
    { domid: 0, config: { c_info: { type: 'pv', name: 'Domain-0', uuid: '00000000-0000-0000-0000-000000000000' }, b_info: {} } },
    ...domains.map(({ name, uuid }, index) => ({
      domid: index + 1,
      config: { c_info: { type: 'pv', name, uuid }, b_info: { max_memkb: 1 } },
    })),
  ]);
const virshListing = (...domains: readonly Domain[]) => `${domains.map(({ name, uuid }) => `${uuid} ${name}`).join('\n')}\n\n`;

const web = { name: 'wrksp-1', uuid: uuids[0] };
const data = { name: 'data base', uuid: uuids[1] };
const mail = { name: 'mail', uuid: uuids[2] };

const tools: readonly (readonly [string, ResolverKind, (...domains: readonly Domain[]) => string, readonly string[]])[] = [
  ['xen', xenResolver, xlListing, ['xl', 'list', '-l']],
  ['libvirt', libvirtResolver, virshListing, ['virsh', '--readonly', '--connect', 'qemu:///system', 'list', '--all', '--uuid', '--name']],
];

for (const [title, kind, listing, command] of tools) {
  const resolverOver = (answers: Readonly<Record<string, () => ScriptedResult>>, settings: object = {}) => {
    const hosts = new Map<string, Host>(
      Object.entries(answers).map(([name, answer]) => [
        name,
        scriptedHost(name, ({ argv }) => {
          expect(argv).toEqual(command);
          return answer();
        }),
      ]),
    );
    return built(kind, settings, { vmmHosts: [...hosts.keys()], host: (name = '') => hosts.get(name) });
  };
  const both = () => resolverOver({ vmm1: () => ({ stdout: listing(web, data) }), vmm2: () => ({ stdout: listing(mail) }) });

  describeResolver(`the resolver "${title}"`, {
    resolver: both,
    known: [
      ['wrksp-1', { vmmHost: 'vmm1', domain: 'wrksp-1' }],
      [uuids[1], { vmmHost: 'vmm1', domain: 'data base' }],
      [uuids[2].toUpperCase(), { vmmHost: 'vmm2', domain: 'mail' }],
    ],
    // A hypervisor tells of all its domains and of no owner; that two hosts have a domain is told below.
    misled: neverMisled,
    unknown: ['wrksp-2', '99999999-2222-3333-4444-555555555555', 'Domain-0', '1'],
    foreign: [],
    listed: ['wrksp-1', 'data base', 'mail'],
    // Of stopped VMs they may know nothing.
    ends: [['wrksp-2', undefined]],
  });

  describe(`the resolver "${title}"`, () => {
    const away = () => ({ exitCode: 255, stderr: 'connection refused\n' });

    it('finds a VM while another host does not answer, and is sure of nothing else', async () => {
      const resolver = resolverOver({ vmm1: () => ({ stdout: listing(web) }), vmm2: away });
      expect(await ask(resolver, 'wrksp-1')).toMatchObject({ outcome: 'resolved' });
      await expect(ask(resolver, 'wrksp-2')).rejects.toThrow(/on vmm2 ended with exit code 255: connection refused/);
      await expect(list(resolver)).rejects.toThrow(/on vmm2/);
    });

    it('puts a VM that two hosts have nowhere', async () => {
      const resolver = resolverOver({ vmm1: () => ({ stdout: listing(web) }), vmm2: () => ({ stdout: listing(web) }) });
      expect(await ask(resolver, 'wrksp-1')).toEqual({
        outcome: 'contradicted',
        claims: ['vmm1', 'vmm2'].map((vmmHost) => ({ resolver: `cloud (${vmmHost})`, placement: { vmmHost, domain: 'wrksp-1' } })),
      });
    });

    it.each([
      ['garbage', { stdout: '\u0001\u0002 nonsense' }, /not JSON|no uuid and name/],
      ['a killed command', { exitCode: undefined }, /was ended by a signal/],
    ])('says precisely what it got when that is %s', async (_what, result, reason) => {
      await expect(ask(resolverOver({ vmm1: () => result }), 'wrksp-1')).rejects.toThrow(reason);
    });

    it('asks only the hosts that it is told, which must be there', async () => {
      const answers = { vmm1: () => ({ stdout: listing(web) }), vmm2: away };
      expect(await ask(resolverOver(answers, { vmmHosts: ['vmm1'] }), 'wrksp-2')).toMatchObject({ outcome: 'not-known' });
      expect(() => resolverOver(answers, { vmmHosts: ['vmm3'] })).toThrow('there is no VMM host "vmm3"');
    });
  });
}
