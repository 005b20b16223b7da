import type { Store } from './store.ts';

/** A moment in the life of a process at which nothing but what the database holds would be known of it. */
export interface CrashPoint {
  /** The name of the write. */
  readonly write: string;
  /** Counted from 1 since the store was opened. */
  readonly number: number;
  readonly moment: 'before' | 'after';
}

/** The writes of which operations are made: what draws ids, begins and ends operations, claims them, and journals their steps. */
const journalWrite =
  /^(issueId|begin|finish|fail|intend|record|turnBack|retry|rollBack|abandon|settle|claim|recycle(Volume|Snapshot)|restoreRecycled|putSnapshotLock|removeSnapshotLock)/;

/** The same store, which calls `reach` before and after every journal write. What `reach` throws is thrown to whoever asked for the write. */
export function withCrashPoints(store: Store, reach: (point: CrashPoint) => void): Store {
  let count = 0;
  return new Proxy(store, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver);
      const write = String(key);
      if (typeof member !== 'function' || !journalWrite.test(write)) {
        return member;
      }
      return async (...parameters: readonly unknown[]): Promise<unknown> => {
        count += 1;
        const number = count;
        reach({ write, number, moment: 'before' });
        const result: unknown = await Reflect.apply(member, target, parameters);
        reach({ write, number, moment: 'after' });
        return result;
      };
    },
  });
}
