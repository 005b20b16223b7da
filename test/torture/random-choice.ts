import { seededDraw } from '../../src/drivers/faults/seeded-draw.ts';

/** A stream of choices that the seed and the name decide. */
export interface RandomChoice {
  /** A whole number from 0 to below `count`. */
  below(count: number): number;
  chance(probability: number): boolean;
  oneOf<Item>(items: readonly Item[]): Item | undefined;
  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
}

export function randomChoice(seed: number, name: string): RandomChoice {
  let count = 0;
  const draw = (): number => {
    count += 1;
    return seededDraw(seed, name, count);
  };
  return {
    below: (limit) => Math.floor(draw() * limit),
    chance: (probability) => draw() < probability,
    oneOf: (items) => items[Math.floor(draw() * items.length)],
    weighted(weights) {
      const entries = Object.entries(weights) as [keyof typeof weights, number][];
      let left = draw() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [each, weight] of entries) {
        left -= weight;
        if (left < 0) {
          return each;
        }
      }
      throw new Error('nothing to choose from');
    },
  };
}
