import { expect, it } from 'vitest';
import { sortedInTurns } from '../../../src/sharing/sorted-in-turns.ts';
import { forEachInTurns, noteArrival } from '../../../src/sharing/turn.ts';

const isBefore = (one: number, other: number) => one < other;
const mixed = Array.from({ length: 9_500 }, (_, number) => (number * 7_919) % 9_500);

it('visits every item, in order, and lets others have their turn in between', async () => {
  const seen: number[] = [];
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  });
  await forEachInTurns(mixed, (item) => {
    const untilMs = performance.now() + (seen.length % 1_000 === 0 ? 2 : 0);
    while (performance.now() < untilMs);
    seen.push(item);
  });
  clearInterval(timer);
  expect(seen).toEqual(mixed);
  expect(turns).toBeGreaterThan(0);
});

it('sorts as a sort does, also what is equal', async () => {
  expect(await sortedInTurns(mixed, isBefore)).toEqual([...mixed].sort((one, other) => one - other));
  const pairs = Array.from({ length: 9_000 }, (_, number) => ({ key: number % 3, number }));
  expect(await sortedInTurns(pairs, (one, other) => one.key < other.key)).toEqual([...pairs].sort((one, other) => one.key - other.key));
  expect(await sortedInTurns([], isBefore)).toEqual([]);
});

it('keeps long work waiting while connections come in, and not for ever', async () => {
  let isDone = false;
  const roundsBetween: number[] = [0];
  const round = () => {
    noteArrival();
    roundsBetween[roundsBetween.length - 1] = (roundsBetween.at(-1) ?? 0) + 1;
    if (!isDone) setImmediate(round);
  };
  setImmediate(round);
  await forEachInTurns(Array.from({ length: 320 }), () => {
    if (roundsBetween.at(-1) !== 0) roundsBetween.push(0);
    const untilMs = performance.now() + 0.2;
    while (performance.now() < untilMs);
  });
  isDone = true;
  // Without anybody at the door it is one round from turn to turn.
  expect(Math.max(...roundsBetween)).toBeGreaterThan(10);
});

it('gives every other turn to what is done for all', async () => {
  const turns: string[] = [];
  const work = (name: string, beneficiary: 'one' | 'all') =>
    forEachInTurns(
      Array.from({ length: 160 }),
      () => {
        if (turns.at(-1) !== name) turns.push(name);
        const untilMs = performance.now() + 0.1;
        while (performance.now() < untilMs);
      },
      beneficiary,
    );
  let isDone = false;
  const ofOnes = Array.from({ length: 8 }, (_, number) => work(`one ${number}`, 'one'));
  await work('all', 'all').then(() => {
    isDone = true;
  });
  expect(isDone && turns.filter((name) => name === 'all').length).toBeGreaterThanOrEqual(2);
  const untilAll = turns.lastIndexOf('all');
  expect(turns.slice(0, untilAll).filter((name) => name !== 'all').length).toBeLessThan(8 + 4);
  await Promise.all(ofOnes);
});
