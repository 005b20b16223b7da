/** Runs tasks one after another that share a key, and others side by side. In this process only: one VBS owns a host's backend. */
export type KeyedMutex = <Value>(key: string, task: () => Promise<Value>) => Promise<Value>;

export function keyedMutex(): KeyedMutex {
  const tails = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(task, task);
    const settled = mine.catch(() => undefined);
    tails.set(key, settled);
    void settled.then(() => {
      if (tails.get(key) === settled) tails.delete(key);
    });
    return mine;
  };
}
