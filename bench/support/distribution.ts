/** Durations of one thing done several times, in milliseconds. */
export interface Distribution {
  readonly count: number;
  /** What a machine with nothing else to do would come near to. */
  readonly least: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
}

export function distributionOf(durationsMs: readonly number[]): Distribution {
  const sorted = [...durationsMs].sort((one, other) => one - other);
  const at = (share: number): number => {
    const found = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    if (found === undefined) {
      throw new Error('nothing was measured');
    }
    return found;
  };
  return { count: sorted.length, least: at(0), p25: at(0.25), median: at(0.5), p75: at(0.75), p90: at(0.9), p99: at(0.99), most: at(1) };
}

/** How long `work` takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}
