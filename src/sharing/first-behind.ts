/** The place of the first item whose id comes after `lastId`, which need not be there; the items are in the order of their ids, so that it is found by halves. */
export function firstBehind<Item>(lastId: string, items: readonly Item[], idOf: (item: Item) => string): number {
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (idOf(items[middle] as Item) > lastId) to = middle;
    else from = middle + 1;
  }
  return from;
}
