import { describe, expect, it } from 'vitest';
import { sharedAnswers } from '../../../src/sharing/shared-answers.ts';

/** Questions that are answered when they are told, with their number. */
function rig({ entries = 10, keepMs = 0 } = {}) {
  let nowMs = 1_000;
  const answers = sharedAnswers<string, number>({ entries, keepMs: () => keepMs }, () => nowMs);
  const open: { answer(): void; fail(): void }[] = [];
  let asked = 0;
  return {
    asked: () => asked,
    get: (key: string, withinMs: number) =>
      answers.get(key, withinMs, () => {
        asked += 1;
        const number = asked;
        return new Promise<number>((resolve, reject) =>
          open.push({ answer: () => resolve(number), fail: () => reject(new Error('broken')) }),
        );
      }),
    known: (key: string, withinMs: number) => answers.known(key, withinMs),
    async answerOne(how: 'answer' | 'fail' = 'answer') {
      open.shift()?.[how]();
      await new Promise((resolve) => setImmediate(resolve));
    },
    pass: (milliseconds: number) => {
      nowMs += milliseconds;
    },
  };
}

describe('shared answers', () => {
  it('are asked for once by all who come at about the same time', async () => {
    const { get, asked, answerOne, pass } = rig();
    const first = get('a', 100);
    pass(99);
    const second = get('a', 100);
    const another = get('b', 100);
    expect(asked()).toBe(2);
    await answerOne();
    await answerOne();
    expect(await Promise.all([first, second, another])).toEqual([1, 1, 2]);
    expect(get('a', 100)).toBeInstanceOf(Promise);
    expect(asked()).toBe(3);
  });

  it('are asked for anew, once for all who came after the question, when it has been answered', async () => {
    const { get, asked, answerOne, pass } = rig({ keepMs: 1_000 });
    const first = get('a', 0);
    pass(1);
    const others = [get('a', 0), get('a', 0), get('a', 0)];
    expect(asked()).toBe(1);
    await answerOne();
    expect(asked()).toBe(2);
    await answerOne();
    expect(await Promise.all([first, ...others])).toEqual([1, 2, 2, 2]);
  });

  it('are remembered for as long as they may be, and as whoever asks wants', async () => {
    const { get, known, asked, answerOne, pass } = rig({ keepMs: 100 });
    void get('a', 0);
    pass(10);
    await answerOne();
    expect(known('a', 100)).toBe(1);
    expect(known('a', 10)).toBeUndefined();
    expect(await get('a', 11)).toBe(1);
    pass(90);
    expect(known('a', 1_000)).toBeUndefined();
    void get('a', 1_000);
    expect(asked()).toBe(2);
  });

  it('are not remembered of a question that failed, which all who asked it are told', async () => {
    const { get, asked, answerOne } = rig({ keepMs: 100 });
    const [first, second] = [expect(get('a', 10)).rejects.toThrow('broken'), expect(get('a', 10)).rejects.toThrow('broken')];
    await answerOne('fail');
    await first;
    await second;
    void get('a', 10);
    expect(asked()).toBe(2);
  });

  it('are forgotten, the oldest first, when there are too many', async () => {
    const { get, known, answerOne } = rig({ keepMs: 1_000, entries: 2 });
    for (const key of ['a', 'b', 'c']) {
      void get(key, 0);
      await answerOne();
    }
    expect(['a', 'b', 'c'].map((key) => known(key, 1_000))).toEqual([undefined, 2, 3]);
  });
});
