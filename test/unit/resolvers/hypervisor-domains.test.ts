import { describe, expect, it } from 'vitest';
import type { InstanceId } from '../../../src/model/ids.ts';
import { type HypervisorDomain, hypervisorResolver } from '../../../src/resolvers/hypervisor-domains.ts';
import { within } from '../../../src/resolvers/time-limit.ts';
import { scriptedHost } from '../../contract/resolver-suite.ts';

const id = (text: string) => text as InstanceId;

function rig(domainsNow: () => readonly HypervisorDomain[] | Promise<readonly HypervisorDomain[]>) {
  let nowMs = 0;
  let listings = 0;
  const host = scriptedHost('xen1', () => ({}));
  const resolver = hypervisorResolver(
    { name: 'xen', vmmHosts: ['xen1'], host: () => host },
    undefined,
    async () => {
      listings += 1;
      return domainsNow();
    },
    () => nowMs,
  );
  return {
    resolve: (text: string, fresh: boolean) => within(60_000, (limit) => resolver.resolve(id(text), limit, { fresh })),
    list: () => within(60_000, (limit) => resolver.list(limit)),
    listings: () => listings,
    pass: (milliseconds: number) => {
      nowMs += milliseconds;
    },
  };
}

describe('the domains of hypervisors', () => {
  it('are listed once in two seconds for those who only look, and anew for what is done there', async () => {
    let domains = [{ name: 'web' }];
    const { resolve, list, listings, pass } = rig(() => domains);
    await list();
    await Promise.all(Array.from({ length: 300 }, (_, number) => resolve(`unknown-${number}`, false)));
    expect(listings()).toBe(1);
    domains = [{ name: 'mail' }];
    pass(100);
    expect(await resolve('mail', false)).toMatchObject({ outcome: 'not-known' });
    expect(await resolve('mail', true)).toMatchObject({ outcome: 'resolved' });
    expect(await resolve('mail', false)).toMatchObject({ outcome: 'resolved' });
    expect(listings()).toBe(2);
    pass(2_000);
    await resolve('web', false);
    expect(listings()).toBe(3);
  });

  it('are never listed twice at the same time on one host', async () => {
    const ends: (() => void)[] = [];
    const { resolve, listings, pass } = rig(() => new Promise((resolveListing) => ends.push(() => resolveListing([{ name: 'web' }]))));
    const first = resolve('web', true);
    pass(1_000);
    const later = Array.from({ length: 50 }, () => resolve('web', true));
    expect(listings()).toBe(1);
    ends.shift()?.();
    await first;
    await expect.poll(() => listings()).toBe(2);
    ends.shift()?.();
    await Promise.all(later);
    expect(listings()).toBe(2);
  });

  it('do not have the host itself among them', async () => {
    const zeros = '00000000-0000-0000-0000-000000000000';
    const { resolve, list } = rig(() => [{ name: 'Domain-0', uuid: zeros }, { name: 'web' }]);
    expect((await list()).map((instance) => instance.id)).toEqual(['web']);
    for (const name of ['Domain-0', zeros]) expect(await resolve(name, true)).toEqual({ outcome: 'not-known' });
  });
});
