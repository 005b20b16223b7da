import { type Beneficiary, isTurnOver, nextTurn } from './turn.ts';

/** So many items are sorted in a few milliseconds. */
const runLength = 2_000;

/** The items in order, put there in turns. `isBefore` must hold of no item and itself. */
export async function sortedInTurns<Item>(
  items: readonly Item[],
  isBefore: (one: Item, other: Item) => boolean,
  beneficiary?: Beneficiary,
): Promise<Item[]> {
  let runs: Item[][] = [];
  for (let from = 0; from < items.length; from += runLength) {
    if (isTurnOver()) await nextTurn(beneficiary);
    runs.push(items.slice(from, from + runLength).sort((one, other) => (isBefore(one, other) ? -1 : isBefore(other, one) ? 1 : 0)));
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await mergedRuns(runs[index] ?? [], runs[index + 1] ?? [], isBefore, beneficiary));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function mergedRuns<Item>(
  one: readonly Item[],
  other: readonly Item[],
  isBefore: (one: Item, other: Item) => boolean,
  beneficiary: Beneficiary | undefined,
): Promise<Item[]> {
  const merged: Item[] = [];
  let taken = 0;
  for (const [index, item] of one.entries()) {
    if (index % runLength === 0 && isTurnOver()) await nextTurn(beneficiary);
    for (let next = other[taken]; next !== undefined && isBefore(next, item); next = other[taken]) {
      merged.push(next);
      taken += 1;
    }
    merged.push(item);
  }
  for (const item of other.slice(taken)) merged.push(item);
  return merged;
}
