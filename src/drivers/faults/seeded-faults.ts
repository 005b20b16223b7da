import { type DriverCall, type Fault, type FaultKind, type FaultSource, faultKinds } from './fault.ts';
import { seededDraw } from './seeded-draw.ts';

/** How often each kind of fault happens, as a share of all calls from 0 to 1. */
export type FaultRates = Readonly<Record<FaultKind, number>>;

/** About one call in fifteen: enough that most operations meet one, and few enough that most come to their end. */
export const defaultFaultRates: FaultRates = {
  error: 0.01,
  'error-after': 0.01,
  hang: 0.005,
  'hang-after': 0.005,
  delay: 0.02,
  lie: 0.01,
  conflict: 0.002,
  unavailable: 0.001,
};

export interface SeededFaults extends FaultSource {
  /** From now on nothing goes wrong any more; hosts that were unavailable are there again. */
  stop(): void;
  /** How many faults of each kind there were. */
  readonly met: Readonly<Record<FaultKind, number>>;
  readonly calls: number;
}

export interface SeededFaultsOptions {
  readonly seed: number;
  readonly rates?: FaultRates;
  readonly clock: () => number;
  /** The longest `delay`, in milliseconds. */
  readonly longestDelayMs: number;
  /** The longest time for which a host is unavailable, in milliseconds. */
  readonly longestOutageMs: number;
}

/**
 * Faults that the seed decides: whether the n-th call of a verb on a host goes wrong, and how, is the same in every run, whatever else runs beside it.
 * For how long a host is unavailable is counted on the clock.
 */
export function seededFaults({
  seed,
  rates = defaultFaultRates,
  clock,
  longestDelayMs,
  longestOutageMs,
}: SeededFaultsOptions): SeededFaults {
  const counts = new Map<string, number>();
  const outages = new Map<string, number>();
  const met = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  let calls = 0;
  let stopped = false;

  const draw = ({ host, verb }: DriverCall): Fault | undefined => {
    const name = `${host} ${verb}`;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const kind = kindAt(rates, seededDraw(seed, name, count));
    const length = seededDraw(seed, name, count, 'length');
    if (kind === 'unavailable') {
      outages.set(host, clock() + length * longestOutageMs);
    }
    return kind && { kind, ...(kind === 'delay' && { delayMs: Math.ceil(length * longestDelayMs) }) };
  };

  return {
    meet(call) {
      calls += 1;
      if (stopped) {
        return undefined;
      }
      const isOut = (outages.get(call.host) ?? 0) > clock();
      const fault: Fault | undefined = isOut ? { kind: 'unavailable' } : draw(call);
      if (fault !== undefined) {
        met[fault.kind] += 1;
      }
      return fault;
    },
    stop() {
      stopped = true;
    },
    met,
    get calls() {
      return calls;
    },
  };
}

function kindAt(rates: FaultRates, drawn: number): FaultKind | undefined {
  let upTo = 0;
  for (const kind of faultKinds) {
    upTo += rates[kind];
    if (drawn < upTo) {
      return kind;
    }
  }
  return undefined;
}
