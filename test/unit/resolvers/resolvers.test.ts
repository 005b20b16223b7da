import { describe, expect, it } from 'vitest';
import type { InstanceId } from '../../../src/model/ids.ts';
import { chainResolvers } from '../../../src/resolvers/chain.ts';
import type { CloudResolver, ListedInstance, Resolution } from '../../../src/resolvers/cloud-resolver.ts';
import { directResolver } from '../../../src/resolvers/direct/direct-resolver.ts';
import { staticResolver } from '../../../src/resolvers/static/static-resolver.ts';

const id = (text: string) => text as InstanceId;
const placed = (vmmHost: string, domain: string): Resolution => ({ outcome: 'resolved', placement: { vmmHost, domain } });
const notKnown: Resolution = { outcome: 'not-known' };
const away: Resolution = { outcome: 'unavailable', reason: 'time-out' };

function scripted(
  name: string,
  resolution: Resolution,
  listed: readonly ListedInstance[] = [],
): CloudResolver & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name,
    asked,
    async resolve(instanceId) {
      asked.push(instanceId);
      return resolution;
    },
    list: async () => listed,
  };
}

describe('a chain of resolvers', () => {
  it('takes the first that knows the instance, and asks no further', async () => {
    const last = scripted('last', placed('vmm2', 'b'));
    const chain = chainResolvers([scripted('first', notKnown), scripted('second', placed('vmm1', 'a')), last]);
    expect(await chain.resolve(id('i-1'))).toEqual(placed('vmm1', 'a'));
    expect(last.asked).toEqual([]);
    expect(chain.name).toBe('first, second, last');
  });

  it('finds an instance behind a resolver that is away', async () => {
    expect(await chainResolvers([scripted('first', away), scripted('second', placed('vmm1', 'a'))]).resolve(id('i-1'))).toEqual(
      placed('vmm1', 'a'),
    );
  });

  it('says that there is no such instance only when everyone is sure of it', async () => {
    expect(await chainResolvers([scripted('first', notKnown), scripted('second', notKnown)]).resolve(id('i-1'))).toEqual(notKnown);
    expect(await chainResolvers([]).resolve(id('i-1'))).toEqual(notKnown);
    for (const order of [
      [away, notKnown],
      [notKnown, away],
    ]) {
      const chain = chainResolvers(order.map((resolution, index) => scripted(`r${index}`, resolution)));
      expect(await chain.resolve(id('i-1'))).toMatchObject({ outcome: 'unavailable', reason: expect.stringMatching(/^r[01]: time-out$/) });
    }
  });

  it('lists every instance once, as the first resolver that has it', async () => {
    const one: ListedInstance = { id: id('i-1'), placement: { vmmHost: 'vmm1', domain: 'a' } };
    const other: ListedInstance = { ...one, placement: { vmmHost: 'vmm2', domain: 'b' } };
    const third: ListedInstance = { ...one, id: id('i-3') };
    expect(await chainResolvers([scripted('first', notKnown, [one]), scripted('second', notKnown, [other, third])]).list()).toEqual([
      one,
      third,
    ]);
  });

  it('lists nothing when one resolver cannot be asked, since the list would not be whole', async () => {
    const broken: CloudResolver = { ...scripted('broken', away), list: async () => Promise.reject(new Error('away')) };
    await expect(chainResolvers([scripted('first', notKnown), broken]).list()).rejects.toThrow('away');
  });
});

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
});
