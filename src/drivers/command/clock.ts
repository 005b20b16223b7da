import { setTimeout as wait } from 'node:timers/promises';

/** Time as drivers see it, so that tests can bend it. */
export interface Clock {
  /** Since 1970, as the machine's clock has it: for records, and for nothing that is measured by it. */
  nowMs(): number;
  /** Since some moment, by which durations and limits are measured: a clock that is set, back or forth, does not change it. */
  elapsedMs(): number;
  waitMs(durationMs: number): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  elapsedMs: () => performance.now(),
  waitMs: async (durationMs) => {
    await wait(durationMs);
  },
};
