/**
 * One thread answers everybody, so that no work may hold it for long. Whatever goes through many things asks after each few of them whether its turn
 * is over, and waits then for the next one; what has come in meanwhile is done in between.
 *
 * All long work of the process shares one turn of the event loop: were each request to have its own, a hundred of them would hold it a hundred times
 * as long. Those that wait come one after the other, so that each gets on whatever the others have to do.
 */

/** Short enough that nobody notices, and long enough that going round costs little beside it. */
const turnMs = 5;

/** In milliseconds of `performance.now`; `undefined` while no long work has done anything in this turn of the event loop. */
let endsAtMs: number | undefined;
/** Everybody waits for what is done for all, so that it has every other turn. */
export type Beneficiary = 'one' | 'all';
const waiting: Readonly<Record<Beneficiary, (() => void)[]>> = { one: [], all: [] };
let hadLast: Beneficiary = 'one';

/** So long at a time may those who come to the door keep long work waiting. */
const mostHeldMs = 25;
let hasArrival = false;
let heldSinceMs: number | undefined;

/**
 * Says that a connection was accepted. The event loop accepts one each time round, so that whoever brings thousands would keep all others at the door
 * if it worked in between: long work waits until all are in, but for a turn now and then.
 */
export function noteArrival(): void {
  hasArrival = true;
}

/** Whether the caller has to wait for the next turn before it goes on. Costs next to nothing, and yet more than the smallest of steps. */
export function isTurnOver(): boolean {
  if (endsAtMs === undefined) {
    begin();
    return false;
  }
  return performance.now() >= endsAtMs;
}

/** Resolves when it is the caller's turn, after whoever waits already with work of the same kind. */
export function nextTurn(beneficiary: Beneficiary = 'one'): Promise<void> {
  return new Promise((resolve) => {
    waiting[beneficiary].push(resolve);
    if (endsAtMs === undefined) {
      begin();
    }
  });
}

function begin(): void {
  endsAtMs = performance.now() + turnMs;
  setImmediate(end);
}

function end(): void {
  endsAtMs = undefined;
  if (isHeld()) {
    // Over as soon as it has begun.
    endsAtMs = 0;
    setImmediate(end);
    return;
  }
  const next = firstInLine();
  if (next !== undefined) {
    begin();
    next();
  }
}

function firstInLine(): (() => void) | undefined {
  hadLast = waiting.one.length === 0 || (hadLast === 'one' && waiting.all.length > 0) ? 'all' : 'one';
  return waiting[hadLast].shift();
}

/** Whether somebody has come since the last time round, and long work that waits can wait a little longer. */
function isHeld(): boolean {
  const isArrived = hasArrival;
  hasArrival = false;
  if (!isArrived || waiting.one.length + waiting.all.length === 0) {
    heldSinceMs = undefined;
    return false;
  }
  const nowMs = performance.now();
  heldSinceMs ??= nowMs;
  if (nowMs - heldSinceMs < mostHeldMs) {
    return true;
  }
  heldSinceMs = undefined;
  return false;
}

/** How many small steps are made between two looks at the clock. */
const stepsAtOnce = 32;

/** What `Array.map` does, in turns. A short list is done at once. */
export async function mapInTurns<Item, Result>(items: readonly Item[], map: (item: Item) => Result): Promise<readonly Result[]> {
  if (items.length <= stepsAtOnce) {
    return items.map(map);
  }
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += stepsAtOnce) {
    if (isTurnOver()) {
      await nextTurn();
    }
    const end = Math.min(items.length, at + stepsAtOnce);
    for (let index = at; index < end; index += 1) {
      results.push(map(items[index] as Item));
    }
  }
  return results;
}

/** Does something with each of many things, in turns. */
export async function forEachInTurns<Item>(items: Iterable<Item>, act: (item: Item) => void, beneficiary?: Beneficiary): Promise<void> {
  let steps = 0;
  for (const item of items) {
    steps += 1;
    if (steps % stepsAtOnce === 0 && isTurnOver()) {
      await nextTurn(beneficiary);
    }
    act(item);
  }
}

/** What `Array.filter` does, in turns. A test may take long, so that the clock is looked at after each. */
export async function filterInTurns<Item>(items: readonly Item[], test: (item: Item) => boolean): Promise<readonly Item[]> {
  const passed: Item[] = [];
  for (const item of items) {
    if (isTurnOver()) {
      await nextTurn();
    }
    if (test(item)) {
      passed.push(item);
    }
  }
  return passed;
}

/** What `pick` makes of the first `most` items, from the one at `from` on, of which it makes anything; in turns. */
export async function pickInTurns<Item, Result>(
  items: readonly Item[],
  { from, most }: { readonly from: number; readonly most: number },
  pick: (item: Item) => Result | undefined,
): Promise<readonly Result[]> {
  const picked: Result[] = [];
  for (let index = from; index < items.length && picked.length < most; index += 1) {
    if ((index - from) % stepsAtOnce === stepsAtOnce - 1 && isTurnOver()) {
      await nextTurn();
    }
    const result = pick(items[index] as Item);
    if (result !== undefined) {
      picked.push(result);
    }
  }
  return picked;
}
