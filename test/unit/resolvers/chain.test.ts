import { describe, expect, it } from 'vitest';
import type { AccountId, InstanceId } from '../../../src/model/ids.ts';
import { chainResolvers } from '../../../src/resolvers/chain.ts';
import { CloudUnavailable, type InstanceResolver, type ListedInstance, type Resolution } from '../../../src/resolvers/cloud-resolver.ts';

const id = (text: string) => text as InstanceId;
const account = (text: string) => text as AccountId;
const placed = (vmmHost: string, domain: string): Resolution => ({ outcome: 'resolved', placement: { vmmHost, domain } });
const notKnown: Resolution = { outcome: 'not-known' };
const notPlaced = { outcome: 'not-placed', reason: 'stopped' } as const;
const denied = { outcome: 'not-authorised', reason: 'another owner' } as const;
const away: Resolution = { outcome: 'unavailable', reason: 'time-out' };

function scripted(name: string, resolution: Resolution, listed: readonly ListedInstance[] = []) {
  const asked: (boolean | undefined)[] = [];
  const resolver: InstanceResolver & { readonly asked: readonly (boolean | undefined)[] } = {
    name,
    asked,
    async resolve(_instanceId, options) {
      asked.push(options?.fresh);
      return resolution;
    },
    list: async () => listed,
  };
  return resolver;
}

describe('a chain of resolvers', () => {
  it('takes the place that those who know the instance agree on', async () => {
    const chain = chainResolvers([
      scripted('first', notKnown),
      scripted('second', placed('vmm1', 'a')),
      scripted('third', placed('vmm1', 'a')),
    ]);
    expect(await chain.resolve(id('i-1'))).toEqual(placed('vmm1', 'a'));
    expect(chain.name).toBe('first, second, third');
  });

  it('puts an instance nowhere when two disagree, and names both', async () => {
    const chain = chainResolvers([
      scripted('nimbus', placed('vmm1', 'a')),
      scripted('unconcerned', notKnown),
      scripted('xen', placed('vmm2', 'a')),
    ]);
    expect(await chain.resolve(id('i-1'))).toEqual({
      outcome: 'contradicted',
      claims: [
        { resolver: 'nimbus', placement: { vmmHost: 'vmm1', domain: 'a' } },
        { resolver: 'xen', placement: { vmmHost: 'vmm2', domain: 'a' } },
      ],
    });
  });

  it('finds an instance behind a resolver that is away', async () => {
    expect(await chainResolvers([scripted('first', away), scripted('second', placed('vmm1', 'a'))]).resolve(id('i-1'))).toEqual({
      ...placed('vmm1', 'a'),
      unheard: true,
    });
  });

  it('says that there is no such instance only when everyone is sure of it', async () => {
    expect(await chainResolvers([scripted('first', notKnown), scripted('second', notKnown)]).resolve(id('i-1'))).toEqual(notKnown);
    expect(await chainResolvers([]).resolve(id('i-1'))).toEqual(notKnown);
    for (const order of [
      [away, notKnown],
      [notKnown, away],
      [denied, away],
      [away, notPlaced],
    ]) {
      const chain = chainResolvers(order.map((resolution, index) => scripted(`r${index}`, resolution)));
      expect(await chain.resolve(id('i-1'))).toMatchObject({ outcome: 'unavailable', reason: expect.stringMatching(/^r[01]: time-out$/) });
    }
  });

  it('tells one who may not see the instance from one who does not know it, and both from one who says that it has no host', async () => {
    const answerOf = (...order: readonly Resolution[]) =>
      chainResolvers(order.map((resolution, index) => scripted(`r${index}`, resolution))).resolve(id('i-1'));
    expect(await answerOf(notKnown, denied)).toEqual(denied);
    expect(await answerOf(notKnown, notPlaced)).toEqual(notPlaced);
    expect(await answerOf(notPlaced, denied)).toEqual(denied);
  });

  it('says that an instance has ended when one says so and nobody else knows it, and never while one cannot be asked', async () => {
    const reported: Resolution = { outcome: 'not-known', reason: 'terminated', ended: 'reported' };
    const forgotten: Resolution = { outcome: 'not-known', ended: 'forgotten' };
    const answerOf = (...order: readonly Resolution[]) =>
      chainResolvers(order.map((resolution, index) => scripted(`r${index}`, resolution))).resolve(id('i-1'));
    expect(await answerOf(notKnown, reported)).toEqual(reported);
    expect(await answerOf(forgotten, reported)).toEqual(reported);
    expect(await answerOf(notKnown, forgotten)).toEqual(forgotten);
    for (const other of [away, denied, notPlaced, placed('vmm1', 'a')]) {
      expect(await answerOf(reported, other)).not.toHaveProperty('ended');
      expect((await answerOf(forgotten, other)).outcome).not.toBe('not-known');
    }
    expect(await answerOf(notKnown, notKnown)).not.toHaveProperty('ended');
  });

  it('takes the account that one tells, and believes none when two do not agree', async () => {
    const answerOf = (...order: readonly Resolution[]) =>
      chainResolvers(order.map((resolution, index) => scripted(`r${index}`, resolution))).resolve(id('i-1'));
    const ofAlice = { owner: 'alice', accountId: account('111111111111') };
    const ofBob = { owner: 'bob', accountId: account('222222222222') };
    const claim = { placement: { vmmHost: 'vmm1', domain: 'a' } };
    const here = { outcome: 'resolved', ...claim } as const;
    expect(await answerOf(here, { ...here, ...ofAlice }, { ...here, owner: 'somebody' })).toEqual({ ...here, ...ofAlice });
    expect(await answerOf(here, { ...here, owner: 'somebody' })).toEqual({ ...here, owner: 'somebody' });
    expect(await answerOf({ ...here, ...ofAlice }, { ...here, ...ofBob })).toEqual({
      outcome: 'contradicted',
      claims: [
        { resolver: 'r0', ...claim, ...ofAlice },
        { resolver: 'r1', ...claim, ...ofBob },
      ],
    });
    expect(await answerOf({ ...notPlaced, ...ofAlice }, denied)).toEqual({ ...denied, ...ofAlice });
    expect(await answerOf({ ...notPlaced, ...ofAlice }, { ...notPlaced, ...ofBob })).toEqual(notPlaced);
  });

  it('lists the account that one tells, and none that two tell differently', async () => {
    const one: ListedInstance = { id: id('i-1'), placement: { vmmHost: 'vmm1', domain: 'a' } };
    const of = (text: string) => ({ owner: text, accountId: account(text) });
    const listed = (...lists: readonly ListedInstance[]) =>
      chainResolvers(lists.map((instance, index) => scripted(`r${index}`, notKnown, [instance]))).list();
    expect(await listed(one, { ...one, ...of('111111111111') })).toEqual([{ ...one, ...of('111111111111') }]);
    expect(await listed({ ...one, ...of('111111111111') }, { ...one, ...of('222222222222') }, { ...one, ...of('222222222222') })).toEqual([
      one,
    ]);
  });

  it('gives the same list as long as those that it asks do', async () => {
    const one: ListedInstance = { id: id('i-1'), placement: { vmmHost: 'vmm1', domain: 'a' } };
    const other: ListedInstance = { id: id('i-2'), placement: { vmmHost: 'vmm1', domain: 'b' } };
    const away: InstanceResolver = { ...scripted('away', notKnown), list: async () => Promise.reject(new CloudUnavailable('away')) };
    const empty: InstanceResolver = { ...scripted('empty', notKnown), list: async () => [] };
    const remembered = [other];
    const chain = chainResolvers([
      scripted('first', notKnown, [one]),
      empty,
      away,
      { ...scripted('second', notKnown), list: async () => remembered },
    ]);
    const before = await chain.list();
    expect(await chain.list()).toBe(before);
    const anew = chainResolvers([scripted('first', notKnown, [one]), { ...scripted('second', notKnown), list: async () => [other] }]);
    expect(await anew.list()).not.toBe(await anew.list());
  });

  it('hands on that nothing remembered is good enough', async () => {
    const resolver = scripted('only', notKnown);
    const chain = chainResolvers([resolver]);
    await chain.resolve(id('i-1'));
    await chain.resolve(id('i-1'), { fresh: true });
    expect(resolver.asked).toEqual([undefined, true]);
  });

  it('explains who said what, in its order, asking anew', async () => {
    const resolvers = [scripted('first', away), scripted('second', placed('vmm1', 'a'))];
    const { resolution, testimonies } = await chainResolvers(resolvers).explain(id('i-1'));
    expect(resolution).toEqual({ ...placed('vmm1', 'a'), unheard: true });
    expect(testimonies).toEqual([
      { resolver: 'first', resolution: away, durationMs: expect.any(Number) },
      { resolver: 'second', resolution: placed('vmm1', 'a'), durationMs: expect.any(Number) },
    ]);
    expect(resolvers.map(({ asked }) => asked)).toEqual([[true], [true]]);
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

  it('lists what the others know while a resolver cannot be asked, and throws rather than say that there is nothing', async () => {
    const one: ListedInstance = { id: id('i-1'), placement: { vmmHost: 'vmm1', domain: 'a' } };
    const down = (name: string): InstanceResolver => ({
      ...scripted(name, away),
      list: async () => Promise.reject(new CloudUnavailable(`${name}: away`)),
    });
    expect(await chainResolvers([down('first'), scripted('second', notKnown, [one]), down('third')]).list()).toEqual([one]);
    for (const resolvers of [
      [down('first'), down('second')],
      [down('first'), scripted('empty', notKnown), down('second')],
    ]) {
      await expect(chainResolvers(resolvers).list()).rejects.toThrow(/^first: away; second: away$/);
    }
    expect(await chainResolvers([scripted('empty', notKnown)]).list()).toEqual([]);
  });

  it('takes no bug of a resolver for a cloud that is away', async () => {
    const broken: InstanceResolver = { ...scripted('broken', away), list: async () => Promise.reject(new TypeError('a bug')) };
    await expect(chainResolvers([scripted('first', notKnown), broken]).list()).rejects.toThrow(TypeError);
  });

  it('tells the health of those that have one', () => {
    const health = { name: 'cloud', circuit: 'open', asked: 3, failed: 2 } as const;
    const chain = chainResolvers([scripted('static', notKnown), { ...scripted('cloud', away), health: () => [health] }]);
    expect(chain.health?.()).toEqual([health]);
  });
});
