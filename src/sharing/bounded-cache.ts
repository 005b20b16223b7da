/** Remembers so many values for so long; the oldest goes when there are too many. */
export interface BoundedCache<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  readonly size: number;
}

export function boundedCache<Key, Value>(
  { entries, lifeMs }: { readonly entries: number; readonly lifeMs: number },
  clock: () => number,
): BoundedCache<Key, Value> {
  // A Map keeps the order in which its keys came.
  const kept = new Map<Key, { readonly value: Value; readonly endsAtMs: number }>();
  return {
    get(key) {
      const found = kept.get(key);
      if (found !== undefined && clock() >= found.endsAtMs) {
        kept.delete(key);
        return undefined;
      }
      return found?.value;
    },
    set(key, value) {
      if (lifeMs <= 0) return;
      kept.delete(key);
      kept.set(key, { value, endsAtMs: clock() + lifeMs });
      for (const oldest of kept.keys()) {
        if (kept.size <= entries) break;
        kept.delete(oldest);
      }
    },
    delete: (key) => void kept.delete(key),
    get size() {
      return kept.size;
    },
  };
}
