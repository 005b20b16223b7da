import { withCrashPoints } from '../../src/store/crash-points.ts';
import type { Store } from '../../src/store/store.ts';

/** The process died: what a store that belongs to a dead process answers. */
export class Crash extends Error {
  constructor(where: string) {
    super(`the service died at ${where}`);
    this.name = 'Crash';
  }
}

/** At which write of the journal, counted from 1, the process dies: just before the write is carried out, or just after. */
export interface Death {
  readonly atWrite: number;
  readonly moment: 'before' | 'after';
}

/** A store of a process that can die: from then on it carries nothing out. */
export interface MortalStore {
  readonly store: Store;
  /** The writes that were asked for while it lived, in their order. */
  readonly writes: readonly string[];
  /** Counts the writes from here, and lets the process die at one of them. */
  expect(death: Death): void;
  die(): void;
  isDead(): boolean;
}

export function mortalStore(real: Store): MortalStore {
  let writes: string[] = [];
  let death: Death | undefined;
  let dead = false;
  /** Of the last write before those that are counted; one that was under way then may end among them. */
  let before = 0;
  let last = 0;
  const die = (where: string): never => {
    dead = true;
    throw new Crash(where);
  };

  const living = new Proxy(real, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver);
      if (typeof member !== 'function' || key === 'close') {
        return member;
      }
      return async (...parameters: readonly unknown[]): Promise<unknown> => {
        if (dead) {
          throw new Crash(String(key));
        }
        return Reflect.apply(member, target, parameters);
      };
    },
  });

  const store = withCrashPoints(living, ({ write, number, moment }) => {
    if (dead) {
      throw new Crash(write);
    }
    if (moment === 'before') {
      writes.push(write);
      last = number;
    }
    if (death?.atWrite === number - before && death.moment === moment) {
      die(`${write}, ${moment} it`);
    }
  });

  return {
    store,
    get writes() {
      return writes;
    },
    expect(expected) {
      writes = [];
      before = last;
      death = expected;
    },
    die() {
      dead = true;
    },
    isDead: () => dead,
  };
}
