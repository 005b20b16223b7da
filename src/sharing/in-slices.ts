import { setImmediate } from 'node:timers/promises';

/** So many items take a few milliseconds, after which others have their turn. */
const sliceLength = 4_000;

/** Does something with every item of a list that may be long, and lets everything else of the process go on in between. */
export async function forEachInSlices<Item>(items: readonly Item[], visit: (item: Item) => void): Promise<void> {
  for (let from = 0; from < items.length; from += sliceLength) {
    if (from > 0) await setImmediate();
    for (const item of items.slice(from, from + sliceLength)) visit(item);
  }
}

/** The items in order, put there in the same way. `isBefore` must hold of no item and itself. */
export async function sortedInSlices<Item>(items: readonly Item[], isBefore: (one: Item, other: Item) => boolean): Promise<Item[]> {
  let runs: Item[][] = [];
  for (let from = 0; from < items.length; from += sliceLength) {
    if (from > 0) await setImmediate();
    runs.push(items.slice(from, from + sliceLength).sort((one, other) => (isBefore(one, other) ? -1 : isBefore(other, one) ? 1 : 0)));
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      await setImmediate();
      merged.push(mergedRuns(runs[index] ?? [], runs[index + 1] ?? [], isBefore));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function mergedRuns<Item>(one: readonly Item[], other: readonly Item[], isBefore: (one: Item, other: Item) => boolean): Item[] {
  const merged: Item[] = [];
  let taken = 0;
  for (const item of one) {
    for (let next = other[taken]; next !== undefined && isBefore(next, item); next = other[taken]) {
      merged.push(next);
      taken += 1;
    }
    merged.push(item);
  }
  for (const item of other.slice(taken)) merged.push(item);
  return merged;
}
