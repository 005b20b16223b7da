/** A bucket holds `burst` tokens when it is full, and gets `perSecond` tokens a second. */
export interface BucketSize {
  readonly burst: number;
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

export interface TokenBuckets {
  /** Takes a token out of the holder's bucket of that name, which begins full. `false` when there is none, and nothing has changed. */
  take(holder: string, name: string, size: BucketSize): boolean;
}

/** Buckets of many holders, of whom so many are remembered at the most: for one more, the one that came first is forgotten. `clock` tells milliseconds. */
export function createTokenBuckets(options: { readonly clock: () => number; readonly mostHolders: number }): TokenBuckets {
  const { clock, mostHolders } = options;
  const holders = new Map<string, Map<string, Bucket>>();

  const bucketsOf = (holder: string): Map<string, Bucket> => {
    const known = holders.get(holder);
    if (known !== undefined) {
      return known;
    }
    const [first] = holders.keys();
    if (first !== undefined && holders.size >= mostHolders) {
      holders.delete(first);
    }
    const made = new Map<string, Bucket>();
    holders.set(holder, made);
    return made;
  };

  return {
    take(holder, name, { burst, perSecond }) {
      const nowMs = clock();
      const buckets = bucketsOf(holder);
      let bucket = buckets.get(name);
      if (bucket === undefined) {
        bucket = { tokens: burst, filledAtMs: nowMs };
        buckets.set(name, bucket);
      }
      // A clock that was put back gives nothing, and takes nothing away.
      const elapsedMs = Math.max(0, nowMs - bucket.filledAtMs);
      bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs / 1_000) * perSecond);
      bucket.filledAtMs = nowMs;
      if (bucket.tokens < 1) {
        return false;
      }
      bucket.tokens -= 1;
      return true;
    },
  };
}
