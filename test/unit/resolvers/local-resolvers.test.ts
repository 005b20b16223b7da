import { describe, expect, it } from 'vitest';
import type { InstanceId } from '../../../src/model/ids.ts';
import type { ListedInstance, Resolution } from '../../../src/resolvers/cloud-resolver.ts';
import { directResolver } from '../../../src/resolvers/direct/direct-resolver.ts';
import { staticResolver } from '../../../src/resolvers/static/static-resolver.ts';

const id = (text: string) => text as InstanceId;
const placed = (vmmHost: string, domain: string): Resolution => ({ outcome: 'resolved', placement: { vmmHost, domain } });
const notKnown: Resolution = { outcome: 'not-known' };

describe('the direct resolver', () => {
  const direct = directResolver(['vmm1', 'vmm-2.example.org']);

  it.each([
    ['vmm1/dom1', 'vmm1', 'dom1'],
    ['vmm-2.example.org/a domain', 'vmm-2.example.org', 'a domain'],
  ])('places %s', async (instanceId, vmmHost, domain) => {
    expect(await direct.resolve(id(instanceId))).toEqual(placed(vmmHost, domain));
  });

  it.each(['i-00000001', 'vmm9/dom1', 'vmm1/', '/dom1', 'vmm1/a/b', 'VMM1/dom1', ''])('does not know %s', async (instanceId) => {
    expect(await direct.resolve(id(instanceId))).toEqual(notKnown);
  });

  it('lists nothing', async () => {
    expect(await direct.list()).toEqual([]);
  });
});

describe('the static resolver', () => {
  const listed: ListedInstance[] = [{ id: id('i-1'), placement: { vmmHost: 'vmm1', domain: 'a' }, name: 'web' }];

  it('places and lists what it was given, and is sure of all else', async () => {
    const resolver = staticResolver(listed);
    expect(await resolver.resolve(id('i-1'))).toEqual(placed('vmm1', 'a'));
    expect(await resolver.resolve(id('i-2'))).toEqual(notKnown);
    expect(await resolver.list()).toEqual(listed);
  });

  it('follows a list that changes', async () => {
    let now = listed;
    const resolver = staticResolver(() => now);
    expect(await resolver.resolve(id('i-2'))).toEqual(notKnown);
    now = [{ id: id('i-2'), placement: { vmmHost: 'vmm2', domain: 'b' } }];
    expect(await resolver.resolve(id('i-2'))).toEqual(placed('vmm2', 'b'));
    expect(await resolver.resolve(id('i-1'))).toEqual(notKnown);
    expect(await resolver.list()).toEqual(now);
  });
});
