import { setTimeout as wait } from 'node:timers/promises';

/** Time as drivers see it, so that tests can bend it. */
export interface Clock {
  nowMs(): number;
  waitMs(durationMs: number): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  waitMs: async (durationMs) => {
    await wait(durationMs);
  },
};
