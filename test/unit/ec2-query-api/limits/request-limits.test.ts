import { describe, expect, it } from 'vitest';
import type { ActionName } from '../../../../src/ec2-query-api/actions/action.ts';
import { actions } from '../../../../src/ec2-query-api/actions/table.ts';
import { requestCategory } from '../../../../src/ec2-query-api/limits/request-category.ts';
import { createRequestLimits } from '../../../../src/ec2-query-api/limits/request-limits.ts';
import { nestParams } from '../../../../src/ec2-query-api/wire/nest-params.ts';
import { Failure } from '../../../../src/model/failure.ts';
import type { AccountId } from '../../../../src/model/ids.ts';
import { settingsSchema } from '../../../../src/settings/settings.ts';

const one = '111111111111' as AccountId;
const another = '222222222222' as AccountId;
const nothing = new Map<string, string>();

function limitsOf(limits: unknown) {
  const time = { nowMs: 0 };
  const made = createRequestLimits(settingsSchema.parse({ limits }).limits, () => time.nowMs);
  const isTaken = (accountId: AccountId, action: ActionName, members: Readonly<Record<string, string>> = {}): boolean => {
    try {
      made.count({ accountId, action, members: nestParams(Object.entries(members)) });
      return true;
    } catch (cause) {
      expect(cause instanceof Failure && cause.reason.kind).toBe('request-limit');
      return false;
    }
  };
  return { time, isTaken, limits: made };
}

const asking = (accountId: AccountId, action: ActionName, members: Readonly<Record<string, string>> = {}) => ({
  accountId,
  action,
  members: nestParams(Object.entries(members)),
});
const byId = (accountId: AccountId) => asking(accountId, 'DescribeVolumes', { 'VolumeId.1': 'vol-00000001' });

describe('the categories of requests', () => {
  it('tell reads from changes, whatever actions there are', () => {
    for (const action of Object.keys(actions) as ActionName[]) {
      const isRead = ['describe', 'describeEverything'].includes(requestCategory(action, nothing));
      expect(isRead, action).toBe(/^(Describe|Get|List)/.test(action));
    }
  });

  it.each([
    ['DescribeVolumes', {}, 'describeEverything'],
    ['DescribeVolumes', { 'VolumeId.1': 'vol-00000001' }, 'describe'],
    ['DescribeVolumes', { MaxResults: '5' }, 'describe'],
    ['DescribeSnapshots', { 'Owner.1': 'self' }, 'describeEverything'],
    ['DescribeInstances', { 'Filter.1.Name': 'instance-id', 'Filter.1.Value.1': 'i-1' }, 'describe'],
    ['DescribeRegions', {}, 'describe'],
    ['AttachVolume', {}, 'change'],
    ['CreateVolume', {}, 'intensive'],
    ['DeleteTags', {}, 'tags'],
  ] as const)('%s with %o is %s', (action, members, category) => {
    expect(requestCategory(action, nestParams(Object.entries(members)))).toBe(category);
  });
});

describe('the limits of requests', () => {
  const small = { burst: 2, perSecond: 1 };

  it('hold an account to the bucket of each action, and nobody else', () => {
    const { time, isTaken } = limitsOf({ requests: { change: small } });
    expect([1, 2, 3].map(() => isTaken(one, 'AttachVolume'))).toEqual([true, true, false]);
    expect(isTaken(one, 'DetachVolume')).toBe(true);
    expect(isTaken(one, 'DescribeVolumes')).toBe(true);
    expect(isTaken(another, 'AttachVolume')).toBe(true);
    time.nowMs += 1_000;
    expect([1, 2].map(() => isTaken(one, 'AttachVolume'))).toEqual([true, false]);
  });

  it('count what lists everything apart from what is asked for by id', () => {
    const { isTaken } = limitsOf({ requests: { describeEverything: small } });
    expect([1, 2, 3].map(() => isTaken(one, 'DescribeVolumes'))).toEqual([true, true, false]);
    expect(isTaken(one, 'DescribeVolumes', { 'VolumeId.1': 'vol-00000001' })).toBe(true);
  });

  it('are those of the account where it has its own', () => {
    const { isTaken } = limitsOf({ requests: { change: small }, accounts: { [another]: { change: { burst: 3, perSecond: 1 } } } });
    expect([1, 2, 3, 4].map(() => isTaken(one, 'AttachVolume'))).toEqual([true, true, false, false]);
    expect([1, 2, 3, 4].map(() => isTaken(another, 'AttachVolume'))).toEqual([true, true, true, false]);
  });

  it('let 6,000 reads a second pass by default, and 5,000 creates at once', () => {
    const { time, isTaken } = limitsOf({});
    let refused = 0;
    for (let request = 0; request < 60_000; request += 1) {
      time.nowMs += request % 6 === 0 ? 1 : 0;
      refused += isTaken(one, 'DescribeVolumes', { 'VolumeId.1': 'vol-00000001' }) ? 0 : 1;
    }
    for (let request = 0; request < 5_000; request += 1) {
      refused += isTaken(one, 'CreateVolume') ? 0 : 1;
    }
    expect(refused).toBe(0);
  });

  it('work on so many requests of an account at a time, in the order in which they came, and refuse those that are too many to wait', async () => {
    const { limits } = limitsOf({ requests: { underWay: 2, waiting: 3 } });
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const results = Array.from({ length: 7 }, (_, number) =>
      limits
        .inTurn(byId(one), async () => {
          begun.push(number);
          await new Promise<void>((resolve) => ends.push(resolve));
          return number;
        })
        .catch((cause: unknown) => (cause instanceof Failure ? cause.reason.kind : cause)),
    );
    expect(begun).toEqual([0, 1]);
    expect(await Promise.all(results.slice(5))).toEqual(['request-limit', 'request-limit']);
    expect(await limits.inTurn(byId(another), async () => 'at once')).toBe('at once');
    for (let ended = 0; ended < 5; ended += 1) {
      await expect.poll(() => ends.length).toBeGreaterThan(ended);
      expect(begun.length).toBeLessThanOrEqual(ended + 2);
      ends[ended]?.();
    }
    expect(await Promise.all(results.slice(0, 5))).toEqual([0, 1, 2, 3, 4]);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it('work on fewer of those that list whatever the account has, which keep nothing else waiting', async () => {
    const { limits } = limitsOf({ requests: { underWay: 2, listingsUnderWay: 1 } });
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const work = (name: string) => async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
    };
    const listings = [
      asking(one, 'DescribeVolumes'),
      asking(one, 'DescribeSnapshots', { MaxResults: '5' }),
      asking(one, 'DescribeTags', { 'Filter.1.Name': 'key', 'Filter.1.Value.1': 'a' }),
    ].map((request, number) => limits.inTurn(request, work(`listing ${number}`)));
    const others = [byId(one), asking(one, 'CreateVolume')].map((request, number) => limits.inTurn(request, work(`other ${number}`)));
    expect(begun).toEqual(['listing 0', 'other 0', 'other 1']);
    for (let ended = 0; ended < 5; ended += 1) {
      await expect.poll(() => ends.length).toBeGreaterThan(ended);
      ends[ended]?.();
    }
    await Promise.all([...listings, ...others]);
    expect(begun.slice(3)).toEqual(['listing 1', 'listing 2']);
  });

  it('let the event loop look at what others sent before the next of an account, and forget a request that failed', async () => {
    const { limits } = limitsOf({ requests: { underWay: 1, waiting: 10 } });
    const order: string[] = [];
    const mine = [1, 2, 3].map((number) =>
      limits.inTurn(byId(one), async () => {
        order.push(`mine ${number}`);
        throw new Error('it fails');
      }),
    );
    setImmediate(() => order.push('the loop'));
    const outcomes = await Promise.allSettled(mine);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(order.indexOf('the loop')).toBeLessThan(order.indexOf('mine 3'));
    expect(await limits.inTurn(byId(one), async () => 'again')).toBe('again');
  });
});
