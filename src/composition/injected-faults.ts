import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultInjection } from '../drivers/faults/fault.ts';
import { defaultFaultRates, seededFaults } from '../drivers/faults/seeded-faults.ts';
import type { FaultSettings } from '../settings/settings.ts';
import { type CrashPoint, withCrashPoints } from '../store/crash-points.ts';
import type { Store } from '../store/store.ts';

const longestDelayMs = 2_000;
const longestOutageMs = 15_000;
const timeLimitMs = 5_000;

/** The faults of a running service; `timeFactor` is how its time relates to that of real tools. */
export function seededInjection(seed: number, rates: FaultSettings['rates'], timeFactor: number): FaultInjection {
  const given = Object.fromEntries(Object.entries(rates).filter(([, rate]) => rate !== undefined));
  return {
    source: seededFaults({
      seed,
      rates: { ...defaultFaultRates, ...given },
      clock: Date.now,
      longestDelayMs: longestDelayMs * timeFactor,
      longestOutageMs: longestOutageMs * timeFactor,
    }),
    clock: Date.now,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    timeLimitMs: timeLimitMs * timeFactor,
  };
}

/** The same store, of a process that is to end at one of its journal writes. */
export function crashingStore(store: Store, crash: FaultSettings['crash'], endProcess: (point: CrashPoint) => void): Store {
  if (crash === undefined) {
    return store;
  }
  return withCrashPoints(store, (point) => {
    if (point.number === crash.write && point.moment === crash.moment) {
      endProcess(point);
    }
  });
}
