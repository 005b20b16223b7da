import type { Database } from './open-database.ts';

type Method = (...parameters: readonly unknown[]) => Promise<unknown>;

interface Write {
  run(): Promise<unknown>;
  resolve(result: Promise<unknown>): void;
  reject(cause: unknown): void;
}

/** SQLite took the whole transaction back by itself, as it does when its disk is full. */
class RolledBack extends Error {
  /** Of the write at which it did. */
  readonly result: Promise<unknown>;

  constructor(result: Promise<unknown>) {
    super('the transaction was rolled back');
    this.result = result;
  }
}

/**
 * The same methods, where those that are chosen share a commit with whatever else waits at the same moment: to wait for the disk is what a write takes
 * its time for, and it takes the same for many as for one.
 *
 * Each is answered only after the commit that holds it, so that nothing becomes known that could be lost. One that is refused takes back its own
 * statements and leaves the others alone, since it is a statement or a batch of its own; when the commit fails, all fail. The methods must do all of
 * their work before they first wait for something, which those of SQLite do.
 */
export function shareCommits<Methods extends object>(
  { $client }: Database,
  methods: Methods,
  isChosen: (name: string) => boolean,
): Methods {
  let waiting: Write[] = [];
  const inTransaction = $client.transaction((writes: readonly Write[]) =>
    writes.map(({ run }) => {
      const result = run();
      // Its own caller hears of it, but only after the commit.
      result.catch(() => undefined);
      if (!$client.inTransaction) {
        throw new RolledBack(result);
      }
      return result;
    }),
  );
  const commit = (): void => {
    const writes = waiting;
    waiting = [];
    try {
      const results = inTransaction.immediate(writes);
      for (const [index, { resolve }] of writes.entries()) {
        resolve(results[index] as Promise<unknown>);
      }
    } catch (cause) {
      for (const { resolve, reject } of writes) {
        if (cause instanceof RolledBack) {
          resolve(cause.result);
        } else {
          reject(cause);
        }
      }
    }
  };
  const sharing =
    (method: Method): Method =>
    (...parameters) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) {
          // Not before all that has come over the network by now was looked at.
          setImmediate(commit);
        }
        waiting.push({ run: () => method(...parameters), resolve, reject });
      });
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [name, isChosen(name) ? sharing(method as Method) : method]),
  ) as Methods;
}
