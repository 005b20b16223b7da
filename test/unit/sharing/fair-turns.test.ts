import { describe, expect, it } from 'vitest';
import { fairTurns, TooManyWaiting } from '../../../src/sharing/fair-turns.ts';

/** Tasks that end when they are told. */
function rig(atOnce: number, waitingOfOne = 100) {
  let nowMs = 0;
  const turns = fairTurns({ atOnce, waitingOfOne, patienceMs: 1_000 }, () => nowMs);
  const began: string[] = [];
  const ends: (() => void)[] = [];
  return {
    began,
    bring: (asker: string, name: string) =>
      turns.take(asker, () => {
        began.push(name);
        return new Promise<string>((resolve) => ends.push(() => resolve(name)));
      }),
    async endOne() {
      ends.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
    pass: (milliseconds: number) => {
      nowMs += milliseconds;
    },
  };
}

describe('fair turns', () => {
  it('begin at once while there is room, of which a quarter is kept from each', async () => {
    const { bring, began, endOne } = rig(4);
    for (const name of ['a1', 'a2', 'a3', 'a4']) void bring('a', name);
    expect(began).toEqual(['a1', 'a2', 'a3']);
    void bring('b', 'b1');
    expect(began).toEqual(['a1', 'a2', 'a3', 'b1']);
    await endOne();
    expect(began.at(-1)).toBe('a4');
  });

  it('go round among those who wait, each in its own order', async () => {
    const { bring, began, endOne } = rig(1);
    for (const name of ['a1', 'a2', 'a3']) void bring('a', name);
    for (const name of ['b1', 'b2']) void bring('b', name);
    void bring('c', 'c1');
    for (let round = 0; round < 6; round += 1) await endOne();
    expect(began).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
  });

  it('are given to nobody who has too many waiting, or has waited too long', async () => {
    const { bring, began, endOne, pass } = rig(1, 1);
    void bring('a', 'a1');
    const waiting = bring('a', 'a2');
    await expect(bring('a', 'a3')).rejects.toThrow(TooManyWaiting);
    const other = bring('b', 'b1');
    pass(1_001);
    const [late, alsoLate] = [expect(waiting).rejects.toThrow(TooManyWaiting), expect(other).rejects.toThrow(TooManyWaiting)];
    await endOne();
    await late;
    await alsoLate;
    expect(began).toEqual(['a1']);
    void bring('c', 'c1');
    expect(began).toEqual(['a1', 'c1']);
  });

  it('are free again after a task that failed', async () => {
    const turns = fairTurns({ atOnce: 1, waitingOfOne: 1, patienceMs: 1_000 }, () => 0);
    await expect(turns.take('a', async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await turns.take('a', async () => 'done')).toBe('done');
  });
});
