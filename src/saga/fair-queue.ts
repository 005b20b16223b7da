/** Where an operation waits. */
export interface QueuePlace {
  /** Whose turn it takes, as an account's. */
  readonly group: string;
  /** What it can be held up by, as hosts: each holds a part of the slots at the most. */
  readonly lanes: readonly string[];
}

export interface FairQueueOptions<Item> {
  /** How many of one group run at a time at the most. */
  readonly mostOfGroup: number;
  placeOf(item: Item): QueuePlace;
  /** Whether what runs in the lane does not get on at the moment. */
  isBlocked(lane: string): boolean;
}

export interface FairQueue<Item> {
  add(item: Item): void;
  /** The next that may run, which counts as running until it is given to `ended`; `undefined` when none may. */
  take(): Item | undefined;
  ended(item: Item): void;
  /** How many wait, and of how many groups. */
  waiting(): { readonly items: number; readonly groups: number };
}

/** In a blocked lane so many go on trying; the others wait until it is open again. */
const mostInBlockedLane = 2;

/**
 * Who waits is taken in turns by group, within a group in the order of arrival. What runs is not stopped for others, so there are half as many slots
 * again as one group may have, and everybody is held to a multiple of the slots that are *free*: the more are taken, the less anybody may take
 * (dynamic thresholds: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6, 1998). A group alone comes to two thirds of the slots, which is
 * `mostOfGroup`, and leaves a third to whoever comes next; of several, each comes to the same share. In one lane a group comes to half of the slots and all
 * groups to two thirds; of one that runs nothing, the first is let in until the lane has three quarters.
 */
export function createFairQueue<Item>({ mostOfGroup, placeOf, isBlocked }: FairQueueOptions<Item>): FairQueue<Item> {
  const slots = Math.ceil(mostOfGroup * 1.5);
  /** Those that have something that runs or waits. */
  const groups = new Map<string, Group<Item>>();
  /** Those that have something that waits; who has waited the longest for a turn comes first. */
  const turns = new Map<string, Group<Item>>();
  const runningInLane = createCounts();
  let running = 0;
  let waiting = 0;
  let arrived = 0;

  const isOpen = (lane: string, group: Group<Item>, free: number): boolean => {
    const most = isBlocked(lane) ? mostInBlockedLane : (group.running === 0 ? 3 : 2) * free;
    return runningInLane.of(lane) < most && group.runningInLane.of(lane) < free;
  };

  const nextOf = (group: Group<Item>, free: number): Line<Item> | undefined => {
    if (group.running >= Math.min(mostOfGroup, 2 * free)) {
      return undefined;
    }
    let next: Line<Item> | undefined;
    for (const line of group.lines.values()) {
      if ((next === undefined || line.first.arrival < next.first.arrival) && line.lanes.every((lane) => isOpen(lane, group, free))) {
        next = line;
      }
    }
    return next;
  };

  const count = (group: Group<Item>, lanes: readonly string[], change: 1 | -1): void => {
    running += change;
    group.running += change;
    for (const lane of lanes) {
      runningInLane.add(lane, change);
      group.runningInLane.add(lane, change);
    }
  };

  return {
    add(item) {
      const { group: name, lanes } = placeOf(item);
      const group: Group<Item> = groups.get(name) ?? { running: 0, runningInLane: createCounts(), lines: new Map() };
      groups.set(name, group);
      turns.set(name, group);
      addTo(group, lanes, { item, arrival: arrived });
      arrived += 1;
      waiting += 1;
    },

    take() {
      const free = slots - running;
      if (free === 0) {
        return undefined;
      }
      for (const [name, group] of turns) {
        const line = nextOf(group, free);
        if (line === undefined) {
          continue;
        }
        const item = takeFirst(group, line);
        turns.delete(name);
        if (group.lines.size > 0) {
          turns.set(name, group);
        }
        waiting -= 1;
        count(group, line.lanes, 1);
        return item;
      }
      return undefined;
    },

    ended(item) {
      const { group: name, lanes } = placeOf(item);
      const group = groups.get(name);
      if (group === undefined) {
        throw new Error(`nothing of ${name} runs`);
      }
      count(group, lanes, -1);
      if (group.running === 0 && group.lines.size === 0) {
        groups.delete(name);
      }
    },

    waiting: () => ({ items: waiting, groups: turns.size }),
  };
}

interface Group<Item> {
  running: number;
  readonly runningInLane: Counts;
  /** By the lanes, since what waits for one lane must not hold up what waits for another. */
  readonly lines: Map<string, Line<Item>>;
}

/** Those of a group that wait for the same lanes, in the order of their arrival. */
interface Line<Item> {
  readonly key: string;
  readonly lanes: readonly string[];
  first: Waiting<Item>;
  last: Waiting<Item>;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly arrival: number;
  next?: Waiting<Item>;
}

function addTo<Item>({ lines }: Group<Item>, lanes: readonly string[], waiting: Waiting<Item>): void {
  const key = lanes.join('\n');
  const line = lines.get(key);
  if (line === undefined) {
    lines.set(key, { key, lanes, first: waiting, last: waiting });
  } else {
    line.last.next = waiting;
    line.last = waiting;
  }
}

function takeFirst<Item>({ lines }: Group<Item>, line: Line<Item>): Item {
  const { item, next } = line.first;
  if (next === undefined) {
    lines.delete(line.key);
  } else {
    line.first = next;
  }
  return item;
}

interface Counts {
  of(name: string): number;
  /** Forgets what comes to nothing. */
  add(name: string, change: 1 | -1): void;
}

function createCounts(): Counts {
  const counts = new Map<string, number>();
  const of = (name: string): number => counts.get(name) ?? 0;
  return {
    of,
    add(name, change) {
      const count = of(name) + change;
      if (count === 0) {
        counts.delete(name);
      } else {
        counts.set(name, count);
      }
    },
  };
}
