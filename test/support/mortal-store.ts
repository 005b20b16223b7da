import type { Store } from '../../src/store/store.ts';

/** The process died: what a store that belongs to a dead process answers. */
export class Crash extends Error {
  constructor(where: string) {
    super(`the service died at ${where}`);
    this.name = 'Crash';
  }
}

/** At which write of the store, counted from 1, the process dies: just before the write is carried out, or just after. */
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

const writeName =
  /^(issueId|begin|finish|fail|intend|record|turnBack|retryStuck|rollBack|abandon|recycle(Volume|Snapshot)|restoreRecycled|putSnapshotLock|removeSnapshotLock)/;

export function mortalStore(real: Store): MortalStore {
  let writes: string[] = [];
  let death: Death | undefined;
  let dead = false;
  const die = (where: string): never => {
    dead = true;
    throw new Crash(where);
  };

  const store = new Proxy(real, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver);
      if (typeof member !== 'function' || key === 'close') {
        return member;
      }
      return async (...parameters: readonly unknown[]): Promise<unknown> => {
        const name = String(key);
        if (dead) {
          throw new Crash(name);
        }
        if (!writeName.test(name)) {
          return Reflect.apply(member, target, parameters);
        }
        writes.push(name);
        const isFatal = writes.length === death?.atWrite;
        if (isFatal && death?.moment === 'before') {
          die(`${name}, before it`);
        }
        const result: unknown = await Reflect.apply(member, target, parameters);
        return isFatal ? die(`${name}, after it`) : result;
      };
    },
  });

  return {
    store,
    get writes() {
      return writes;
    },
    expect(expected) {
      writes = [];
      death = expected;
    },
    die() {
      dead = true;
    },
    isDead: () => dead,
  };
}
