/** Time that passes only while everybody sleeps: hours take seconds, and the same sleeps end in the same order in every run. */
export interface VirtualTime {
  readonly nowMs: number;
  /** No two answers are the same, so that the order of times is the order of events. */
  clock(): number;
  sleep(milliseconds: number): Promise<void>;
}

interface Sleeper {
  readonly untilMs: number;
  readonly number: number;
  wake(): void;
}

export function createVirtualTime(startMs: number): VirtualTime {
  let nowMs = startMs;
  let count = 0;
  let isPumping = false;
  /** A binary heap, the first to wake in front. */
  const sleepers: Sleeper[] = [];

  // setImmediate comes after everything that is ready to run, so that time stands still while anybody is at work.
  const pump = (): void => {
    const next = takeFirst(sleepers);
    if (next === undefined) {
      isPumping = false;
      return;
    }
    nowMs = Math.max(nowMs, next.untilMs);
    next.wake();
    setImmediate(pump);
  };

  return {
    get nowMs() {
      return nowMs;
    },
    clock() {
      nowMs += 1;
      return nowMs;
    },
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        count += 1;
        put(sleepers, { untilMs: nowMs + milliseconds, number: count, wake: resolve });
        if (!isPumping) {
          isPumping = true;
          setImmediate(pump);
        }
      }),
  };
}

function isBefore(one: Sleeper, other: Sleeper): boolean {
  return one.untilMs === other.untilMs ? one.number < other.number : one.untilMs < other.untilMs;
}

function put(heap: Sleeper[], sleeper: Sleeper): void {
  let place = heap.push(sleeper) - 1;
  for (;;) {
    const above = (place - 1) >> 1;
    const parent = heap[above];
    if (place === 0 || parent === undefined || !isBefore(sleeper, parent)) {
      break;
    }
    heap[place] = parent;
    place = above;
  }
  heap[place] = sleeper;
}

function takeFirst(heap: Sleeper[]): Sleeper | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) {
    return first;
  }
  let place = 0;
  for (;;) {
    const left = 2 * place + 1;
    const [one, other] = [heap[left], heap[left + 1]];
    const [child, below] = other !== undefined && one !== undefined && isBefore(other, one) ? [other, left + 1] : [one, left];
    if (child === undefined || !isBefore(child, last)) {
      break;
    }
    heap[place] = child;
    place = below;
  }
  heap[place] = last;
  return first;
}
