import type { Origin } from '../http-server/origin.ts';

export interface FailedProofLimits {
  /** So many different failures within the window, and what comes from there is refused. */
  readonly different: number;
  readonly windowMs: number;
  readonly refusedMs: number;
}

export const defaultFailedProofLimits: FailedProofLimits = { different: 20, windowMs: 600_000, refusedMs: 300_000 };

/** Who has failed to prove a key, by network. All of it may be forgotten at any time, and the memory that it takes is bounded. */
export interface FailedProofs {
  /** Whether a request from there is refused before anything of it is looked at. */
  refuses(origin: Origin): boolean;
  /** Whether one that names this key is. A key that was proved from there before is heard, whatever its neighbours do. */
  refusesKey(origin: Origin, accessKeyId: string): boolean;
  proved(origin: Origin, accessKeyId: string): void;
  /** A key or a signature was wrong. Returns whether it is this that has the network refused from now on. */
  failed(origin: Origin, accessKeyId: string, reason: string): boolean;
  /** To be asked once for every request that was refused without proof: how long its answer is kept back. */
  delayMs(origin: Origin): number;
}

const mostNetworks = 4_096;
const mostProvedKeys = 64;
const longestKeyId = 128;
/** So many refusals, and one more for every second, cost nothing. */
const freeRefusals = 10;
const delayEachMs = 50;
const longestDelayMs = 1_000;

interface NetworkRecord {
  readonly sinceMs: number;
  /** By key and reason: a client that comes back a thousand times with one wrong secret is one failure. */
  readonly different: Set<string>;
  refusedUntilMs: number;
}

export function createFailedProofs(limits: FailedProofLimits, clock: () => number): FailedProofs {
  const records = new Map<string, NetworkRecord>();
  const provedKeys = new Map<string, Set<string>>();
  const refusals = new Map<string, { readonly count: number; readonly atMs: number }>();

  /** What counts now: a window that is over is begun anew, and so is one that had its consequence. */
  const recordOf = (network: string): NetworkRecord => {
    const nowMs = clock();
    const found = records.get(network);
    const isOver =
      found === undefined || (found.refusedUntilMs > 0 ? nowMs >= found.refusedUntilMs : nowMs - found.sinceMs >= limits.windowMs);
    return keep(records, network, isOver ? { sinceMs: nowMs, different: new Set(), refusedUntilMs: 0 } : found);
  };
  const isRefused = ({ network, isShared }: Origin): boolean => {
    if (isShared || records.size === 0) return false;
    const record = records.get(network);
    return record !== undefined && clock() < record.refusedUntilMs;
  };

  return {
    refuses: (origin) => isRefused(origin) && !provedKeys.has(origin.network),
    refusesKey: (origin, accessKeyId) => isRefused(origin) && provedKeys.get(origin.network)?.has(accessKeyId) !== true,
    proved({ network }, accessKeyId) {
      const keys = provedKeys.get(network);
      if (keys?.has(accessKeyId)) return;
      const kept = keep(provedKeys, network, keys ?? new Set());
      kept.add(accessKeyId);
      if (kept.size > mostProvedKeys) kept.delete(kept.values().next().value ?? '');
    },
    failed({ network, isShared }, accessKeyId, reason) {
      if (isShared) return false;
      const record = recordOf(network);
      if (record.refusedUntilMs > 0) return false;
      record.different.add(`${accessKeyId.slice(0, longestKeyId)} ${reason}`);
      if (record.different.size < limits.different) return false;
      record.refusedUntilMs = clock() + limits.refusedMs;
      return true;
    },
    delayMs({ network }) {
      const atMs = clock();
      const before = refusals.get(network);
      const count = before === undefined ? 1 : Math.max(0, before.count - (atMs - before.atMs) / 1_000) + 1;
      keep(refusals, network, { count, atMs });
      return Math.min(longestDelayMs, Math.max(0, count - freeRefusals) * delayEachMs);
    },
  };
}

/** As the one that is forgotten last. */
function keep<Value>(map: Map<string, Value>, network: string, value: Value): Value {
  map.delete(network);
  map.set(network, value);
  const first = map.size > mostNetworks ? map.keys().next().value : undefined;
  if (first !== undefined) map.delete(first);
  return value;
}
