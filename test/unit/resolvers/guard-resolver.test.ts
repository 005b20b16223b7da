import { describe, expect, it } from 'vitest';
import type { AccountId, InstanceId } from '../../../src/model/ids.ts';
import { type CloudResolver, CloudUnavailable, type Resolution } from '../../../src/resolvers/cloud-resolver.ts';
import { type Guard, guardResolver } from '../../../src/resolvers/guard-resolver.ts';
import { recordingLog } from '../../support/recording-log.ts';

const id = (text: string) => text as InstanceId;
const at = (vmmHost: string): Resolution => ({ outcome: 'resolved', placement: { vmmHost, domain: 'a' } });
const never = new Promise<never>(() => undefined);

/** A cloud that answers by a function, and counts. */
function rig(answer: (count: number) => Resolution | Promise<Resolution>, settings: Partial<Guard> = {}) {
  let asked = 0;
  let nowMs = 1_000;
  const log = recordingLog();
  const cloud: CloudResolver = {
    name: 'cloud',
    resolve: async () => answer(++asked),
    list: async () => {
      asked += 1;
      return [{ id: id('i-1'), placement: { vmmHost: 'far-away', domain: 'a' } }];
    },
  };
  const guard: Guard = {
    timeoutMs: 10_000,
    cacheMs: 100,
    cacheEntries: 2,
    breaker: { failures: 3, pauseMs: 1_000 },
    ids: /^i-/,
    hosts: { 'far-away': 'vmm1' },
    ...settings,
  };
  return {
    resolver: guardResolver(cloud, guard, { clock: () => nowMs, log }),
    log,
    asked: () => asked,
    pass: (milliseconds: number) => {
      nowMs += milliseconds;
    },
  };
}

describe('a guarded resolver', () => {
  it('remembers a placement for as long as it is told, and not when something is going to be done there', async () => {
    const { resolver, asked, pass } = rig((count) => at(`vmm${count}`));
    expect(await resolver.resolve(id('i-1'))).toEqual(at('vmm1'));
    pass(99);
    expect(await resolver.resolve(id('i-1'))).toEqual(at('vmm1'));
    expect(asked()).toBe(1);
    expect(await resolver.resolve(id('i-1'), { fresh: true })).toEqual(at('vmm2'));
    // What was confirmed is what is remembered from now on.
    expect(await resolver.resolve(id('i-1'))).toEqual(at('vmm2'));
    pass(100);
    expect(await resolver.resolve(id('i-1'))).toEqual(at('vmm3'));
  });

  it('remembers no more than it may, and forgets the oldest', async () => {
    const { resolver, asked } = rig(() => at('vmm1'));
    for (const number of [1, 2, 3]) await resolver.resolve(id(`i-${number}`));
    expect(asked()).toBe(3);
    await resolver.resolve(id('i-3'));
    expect(asked()).toBe(3);
    await resolver.resolve(id('i-1'));
    expect(asked()).toBe(4);
  });

  it('remembers for two seconds that an instance was not found, and forgets one that is gone', async () => {
    const { resolver, pass } = rig((count) => (count === 2 ? { outcome: 'not-known' } : at('vmm1')), { cacheMs: 10_000 });
    await resolver.resolve(id('i-1'));
    expect(await resolver.resolve(id('i-1'), { fresh: true })).toEqual({ outcome: 'not-known' });
    pass(1_999);
    expect(await resolver.resolve(id('i-1'))).toEqual({ outcome: 'not-known' });
    pass(1);
    expect(await resolver.resolve(id('i-1'))).toEqual(at('vmm1'));
  });

  it("turns the cloud's names of hosts into those of the settings, in lists too", async () => {
    const { resolver } = rig(() => at('far-away'));
    expect(await resolver.resolve(id('i-1'))).toEqual(at('vmm1'));
    expect((await resolver.list()).map(({ placement }) => placement.vmmHost)).toEqual(['vmm1']);
    // A name that every object has is no name of a host.
    expect(await rig(() => at('constructor')).resolver.resolve(id('i-1'))).toEqual(at('constructor'));
  });

  it("turns the cloud's names of owners into accounts, in all that it says, and leaves what the settings do not name", async () => {
    const alice = { owner: 'alice', accountId: '111111111111' };
    const settings = { accounts: { alice: '111111111111' as AccountId }, cacheMs: 0, hosts: {} };
    const answerOf = (resolution: Resolution, changes: Partial<Guard> = {}) =>
      rig(() => resolution, { ...settings, ...changes }).resolver.resolve(id('i-1'));
    expect(await answerOf({ ...at('vmm1'), owner: 'alice' } as Resolution)).toEqual({ ...at('vmm1'), ...alice });
    expect(await answerOf({ outcome: 'not-placed', reason: 'stopped', owner: 'alice' })).toMatchObject(alice);
    expect(
      await answerOf({
        outcome: 'contradicted',
        claims: ['vmm1', 'vmm2'].map((vmmHost) => ({ resolver: 'cloud', placement: { vmmHost, domain: 'a' }, owner: 'alice' })),
      }),
    ).toMatchObject({ claims: [alice, alice] });
    for (const owner of ['bob', 'constructor', '222222222222']) {
      expect(await answerOf({ ...at('vmm1'), owner } as Resolution)).toEqual({ ...at('vmm1'), owner });
    }
    expect(await answerOf({ ...at('vmm1'), owner: '222222222222' } as Resolution, { ownersAreAccounts: true })).toMatchObject({
      accountId: '222222222222',
    });
    expect(await answerOf({ ...at('vmm1'), owner: 'bob' } as Resolution, { ownersAreAccounts: true })).not.toHaveProperty('accountId');
  });

  it("remembers a placement for its own account, and for nobody else's questions", async () => {
    const { resolver, asked } = rig(() => ({ ...at('vmm1'), owner: '111111111111' }) as Resolution, {
      ...{ ownersAreAccounts: true, cacheMs: 10_000, hosts: {} },
    });
    const of = (accountId: string) => ({ asker: { accountId: accountId as AccountId, isOperator: false } });
    for (let time = 0; time < 2; time += 1) await resolver.resolve(id('i-1'), of('111111111111'));
    expect(asked()).toBe(1);
    for (let time = 0; time < 2; time += 1) await resolver.resolve(id('i-1'), of('222222222222'));
    expect(asked()).toBe(2);
  });

  it('leaves alone for one account what fails by what this account asks, and takes the word of the operator for all', async () => {
    const { resolver, asked, pass } = rig(() => Promise.reject(new CloudUnavailable('broken by an id')));
    const of = (accountId: string, isOperator = false) => ({ asker: { accountId: accountId as AccountId, isOperator } });
    const askTenTimes = async (who: ReturnType<typeof of>) => {
      const before = asked();
      for (let time = 0; time < 10; time += 1) {
        await resolver.resolve(id(`i-${time}`), who);
        pass(1);
      }
      return asked() - before;
    };
    expect(await askTenTimes(of('111111111111'))).toBe(3);
    expect(resolver.health?.()[0]?.circuit).toBe('closed');
    expect(await askTenTimes(of('222222222222'))).toBe(3);
    expect(await askTenTimes(of('000000000000', true))).toBe(3);
    expect(resolver.health?.()[0]?.circuit).toBe('open');
    expect(await askTenTimes(of('333333333333'))).toBe(0);
  });

  it('counts questions that fail together as one failure', async () => {
    const { resolver, pass, asked } = rig(async () => {
      pass(1);
      await new Promise((resolve) => setImmediate(resolve));
      throw new CloudUnavailable('refused');
    });
    await Promise.all(Array.from({ length: 50 }, (_, number) => resolver.resolve(id(`i-${number}`))));
    expect(resolver.health?.()[0]?.circuit).toBe('closed');
    expect(asked()).toBe(50);
  });

  it('asks for no id that is not given to this cloud', async () => {
    const { resolver, asked } = rig(() => at('vmm1'));
    expect(await resolver.resolve(id('vmm1/a'))).toMatchObject({ outcome: 'not-known' });
    expect(asked()).toBe(0);
  });

  it('gives up on a cloud that does not answer, and asks it once for many requests', async () => {
    const { resolver, asked, pass, log } = rig((count) => (count <= 2 ? never : at('vmm1')), { timeoutMs: 20 });
    expect(await resolver.resolve(id('i-1'))).toEqual({ outcome: 'unavailable', reason: 'no answer within 20 ms' });
    for (let request = 0; request < 100; request += 1) {
      expect(await resolver.resolve(id(`i-${request}`))).toMatchObject({
        outcome: 'unavailable',
        reason: expect.stringMatching(/left alone .* no answer within/),
      });
    }
    expect(asked()).toBe(1);
    expect(resolver.health?.()).toEqual([
      { name: 'cloud', circuit: 'open', asked: 1, failed: 1, lastFailure: { atMs: 1_000, reason: 'no answer within 20 ms' } },
    ]);
    expect(log.lines('warn').filter((line) => line.includes('left alone'))).toHaveLength(1);

    // After the pause one request tries, and the others do not wait for it.
    pass(1_000);
    const trying = resolver.resolve(id('i-1'));
    expect(resolver.health?.()[0]?.circuit).toBe('trying');
    expect(await resolver.resolve(id('i-2'))).toMatchObject({ outcome: 'unavailable' });
    expect(await trying).toMatchObject({ outcome: 'unavailable' });
    expect(asked()).toBe(2);

    pass(1_000);
    expect(await resolver.resolve(id('i-1'))).toEqual(at('vmm1'));
    expect(resolver.health?.()[0]?.circuit).toBe('closed');
    expect(log.lines('info')).toEqual([expect.stringContaining('answers again')]);
  });

  it('leaves a cloud alone after several failures in a row, and not after one', async () => {
    const { resolver, asked, pass } = rig((count) => (count === 2 ? at('vmm1') : Promise.reject(new CloudUnavailable('refused'))));
    for (let request = 0; request < 10; request += 1) {
      await resolver.resolve(id('i-1'), { fresh: true });
      pass(1);
    }
    // One failure, a success, and three failures in a row.
    expect(asked()).toBe(5);
  });

  it('says what failed with its hint to the log, and never throws', async () => {
    const { resolver, log } = rig((count) => {
      if (count === 1) throw new CloudUnavailable('the certificate has expired', { hint: 'renew it' });
      throw new TypeError('a bug');
    });
    expect(await resolver.resolve(id('i-1'))).toEqual({ outcome: 'unavailable', reason: 'the certificate has expired', hint: 'renew it' });
    expect(await resolver.resolve(id('i-1'))).toEqual({ outcome: 'unavailable', reason: 'a bug' });
    expect(log.lines('warn')[0]).toMatch(/the certificate has expired.*renew it/);
  });

  it('remembers a list, and throws when there is none', async () => {
    const { resolver, asked } = rig(() => at('vmm1'));
    await resolver.list();
    await resolver.list();
    expect(asked()).toBe(1);
    const broken: CloudResolver = {
      name: 'cloud',
      resolve: async () => at('vmm1'),
      list: async () => Promise.reject(new CloudUnavailable('refused', { hint: 'look' })),
    };
    const guard: Guard = {
      timeoutMs: 10_000,
      cacheMs: 0,
      cacheEntries: 1,
      breaker: { failures: 1, pauseMs: 1 },
      ids: /./,
      hosts: {},
    };
    await expect(guardResolver(broken, guard, { clock: () => 0, log: recordingLog() }).list()).rejects.toThrow('cloud: refused');
  });
});
