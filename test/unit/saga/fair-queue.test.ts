import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFairQueue, type FairQueue } from '../../../src/saga/fair-queue.ts';

interface Item {
  readonly group: string;
  readonly lanes: readonly string[];
  readonly number: number;
}

const mostOfGroup = 16;
const slots = 24;

function queueOf(blocked: ReadonlySet<string> = new Set()): FairQueue<Item> {
  return createFairQueue<Item>({ mostOfGroup, placeOf: (item) => item, isBlocked: (lane) => blocked.has(lane) });
}

function addMany(queue: FairQueue<Item>, count: number, group: string, lanes: readonly string[] = []): void {
  for (let number = 0; number < count; number += 1) {
    queue.add({ group, lanes, number });
  }
}

function takeAll(queue: FairQueue<Item>): Item[] {
  const taken: Item[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) {
    taken.push(item);
  }
  return taken;
}

describe('the fair queue', () => {
  it('gives a group alone as many slots as one may have, in the order of arrival', () => {
    const queue = queueOf();
    addMany(queue, 30, 'one');
    expect(takeAll(queue).map(({ number }) => number)).toEqual(Array.from({ length: mostOfGroup }, (_, index) => index));
    expect(queue.waiting()).toEqual({ items: 14, groups: 1 });
  });

  it.each([1, 2, 3, 4])('lets one group run no more than %i at a time when it is told so, and another beside it', (most) => {
    const queue = createFairQueue<Item>({ mostOfGroup: most, placeOf: (item) => item, isBlocked: () => false });
    addMany(queue, 10, 'one');
    expect(takeAll(queue)).toHaveLength(most);
    addMany(queue, 1, 'other');
    expect(takeAll(queue).map(({ group }) => group)).toEqual(['other']);
  });

  it('has a slot at once for each of several groups that come while another one holds all that it may', () => {
    const queue = queueOf();
    addMany(queue, 1_500, 'one', ['host']);
    takeAll(queue);
    for (const name of ['two', 'three', 'four']) {
      addMany(queue, 1, name);
      expect(takeAll(queue).map(({ group }) => group)).toEqual([name]);
    }
  });

  it('has a slot at once for another group in a lane that one holds as far as it may', () => {
    const queue = queueOf();
    addMany(queue, 1_500, 'one', ['host']);
    expect(takeAll(queue)).toHaveLength(slots / 2);
    addMany(queue, 1, 'two', ['host']);
    expect(takeAll(queue).map(({ group }) => group)).toEqual(['two']);
  });

  it('takes groups in turns, whoever has more', () => {
    const queue = queueOf();
    addMany(queue, 1_000, 'much');
    const running = takeAll(queue);
    addMany(queue, 10, 'little');
    const order: string[] = [];
    while (queue.waiting().items > 0) {
      const next = takeAll(queue);
      order.push(...next.map(({ group }) => group));
      running.push(...next);
      queue.ended(running.shift() as Item);
    }
    // All but the first find an even share.
    expect(order.slice(0, 20).filter((group) => group === 'little').length).toBeGreaterThanOrEqual(9);
  });

  it('leaves a third of the slots free of a lane that hangs, and a quarter when ever more groups come to it', () => {
    const queue = queueOf();
    const count = (lane: string, taken: readonly Item[]) => taken.filter(({ lanes }) => lanes.includes(lane)).length;
    addMany(queue, 100, 'one', ['hangs']);
    expect(takeAll(queue)).toHaveLength(slots / 2);
    let held = slots / 2;
    for (let name = 0; name < 50; name += 1) {
      addMany(queue, 100, `group ${name}`, ['hangs']);
      held += count('hangs', takeAll(queue));
    }
    expect(held).toBe((slots * 3) / 4);
    // The very group whose operations hang there is served elsewhere.
    addMany(queue, 3, 'group 49', ['lives']);
    expect(count('lives', takeAll(queue))).toBeGreaterThan(0);
  });

  it('tries no more than two at a time in a lane that is known to be blocked, until it is not', () => {
    const blocked = new Set(['silent']);
    const queue = queueOf(blocked);
    addMany(queue, 100, 'one', ['silent']);
    addMany(queue, 5, 'one', ['lives']);
    expect(takeAll(queue).map(({ lanes }) => lanes[0])).toEqual(['silent', 'silent', 'lives', 'lives', 'lives', 'lives', 'lives']);
    blocked.clear();
    expect(takeAll(queue).length).toBeGreaterThan(0);
  });

  it('holds no group below 0.8 of its fair share, at any moment', () => {
    const queue = queueOf();
    const groups = Array.from({ length: 100 }, (_, index) => `group ${index}`);
    for (const group of groups) {
      addMany(queue, 1_000, group, ['host']);
    }
    const served = new Map(groups.map((group) => [group, 0]));
    const running: Item[] = [];
    let taken = 0;
    let seed = 7;
    while (queue.waiting().items > 0) {
      for (const item of takeAll(queue)) {
        running.push(item);
        served.set(item.group, (served.get(item.group) ?? 0) + 1);
        taken += 1;
        // Below five operations each, one more or less is more than a fifth.
        if (taken % 100 === 0 && taken >= 500) {
          expect(Math.min(...served.values())).toBeGreaterThanOrEqual((0.8 * taken) / groups.length);
        }
      }
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      queue.ended(running.splice(seed % running.length, 1)[0] as Item);
    }
    expect(taken).toBe(100_000);
  });

  it('takes everything once, in the order of each group and lane, within its limits, and comes to rest', () => {
    const group = fc.constantFrom('a', 'b', 'c', 'd');
    const lanes = fc.subarray(['x', 'y', 'z']);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), group, lanes }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat() }),
      fc.record({ kind: fc.constant('block' as const), lane: fc.constantFrom('x', 'y', 'z') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const blocked = new Set<string>();
        const queue = queueOf(blocked);
        const running: Item[] = [];
        const order = new Map<string, number[]>();
        let added = 0;
        const take = () => {
          for (const item of takeAll(queue)) {
            running.push(item);
            const key = `${item.group} ${item.lanes.join()}`;
            order.set(key, [...(order.get(key) ?? []), item.number]);
          }
          const count = (wanted: (item: Item) => boolean) => running.filter(wanted).length;
          expect(running.length).toBeLessThanOrEqual(slots);
          for (const name of ['a', 'b', 'c', 'd']) {
            expect(count((item) => item.group === name)).toBeLessThanOrEqual(mostOfGroup);
          }
          for (const lane of ['x', 'y', 'z']) {
            expect(count((item) => item.lanes.includes(lane))).toBeLessThanOrEqual((slots * 3) / 4);
          }
        };
        for (const each of steps) {
          if (each.kind === 'add') {
            queue.add({ group: each.group, lanes: each.lanes, number: added });
            added += 1;
          } else if (each.kind === 'end' && running.length > 0) {
            queue.ended(running.splice(each.which % running.length, 1)[0] as Item);
          } else if (each.kind === 'block' && !blocked.delete(each.lane)) {
            blocked.add(each.lane);
          }
          take();
        }
        while (running.length > 0) {
          queue.ended(running.shift() as Item);
          take();
        }
        expect(queue.waiting()).toEqual({ items: 0, groups: 0 });
        const taken = [...order.values()].flat();
        expect(new Set(taken).size).toBe(added);
        expect(taken).toHaveLength(added);
        for (const numbers of order.values()) {
          expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
        }
      }),
      { numRuns: 200 },
    );
  });
});
