import { describe, expect, it } from 'vitest';
import { createTokenBuckets } from '../../../../src/ec2-query-api/limits/token-buckets.ts';

const size = { burst: 3, perSecond: 2 };

function bucketsAt(mostHolders = 100) {
  const time = { nowMs: 1_000 };
  const buckets = createTokenBuckets({ clock: () => time.nowMs, mostHolders });
  const taken = (holder: string, name = 'it') => {
    let count = 0;
    while (buckets.take(holder, name, size)) count += 1;
    return count;
  };
  return { time, buckets, taken };
}

describe('token buckets', () => {
  it('begin full, are refilled in time, and hold no more than their burst', () => {
    const { time, taken } = bucketsAt();
    expect(taken('one')).toBe(3);
    expect(taken('one')).toBe(0);
    time.nowMs += 499;
    expect(taken('one')).toBe(0);
    time.nowMs += 1;
    expect(taken('one')).toBe(1);
    time.nowMs += 3_600_000;
    expect(taken('one')).toBe(3);
  });

  it('are each their own, of every holder and name', () => {
    const { taken } = bucketsAt();
    expect(taken('one')).toBe(3);
    expect(taken('another')).toBe(3);
    expect(taken('one', 'something else')).toBe(3);
    expect(taken('one')).toBe(0);
  });

  it('give nothing for a clock that was put back, and take nothing away', () => {
    const { time, buckets } = bucketsAt();
    expect(buckets.take('one', 'it', size)).toBe(true);
    time.nowMs -= 500_000;
    expect(buckets.take('one', 'it', size)).toBe(true);
    expect(buckets.take('one', 'it', size)).toBe(true);
    expect(buckets.take('one', 'it', size)).toBe(false);
    time.nowMs += 500;
    expect(buckets.take('one', 'it', size)).toBe(true);
  });

  it('remember no more holders than they may: the first is forgotten, and the others are not', () => {
    const { taken } = bucketsAt(2);
    taken('one');
    taken('two');
    taken('three');
    expect(taken('two')).toBe(0);
    expect(taken('three')).toBe(0);
    expect(taken('one')).toBe(3);
  });
});
