/** Whoever asks has too much waiting already, or has waited too long. It says nothing of whoever would have been asked. */
export class TooManyWaiting extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TooManyWaiting';
  }
}

export interface FairTurnsLimits {
  /** How many tasks run at a time. */
  readonly atOnce: number;
  /** How many of one asker's may wait; one more is refused. */
  readonly waitingOfOne: number;
  /** Whoever comes to its turn after this is refused: nobody waits for the answer any more. */
  readonly patienceMs: number;
}

/** Lets tasks begin in turns, so that nobody who brings many keeps those waiting who bring one. */
export interface FairTurns {
  /**
   * Runs the task when its turn has come: at once when there is room, otherwise the askers take turns, each with its own in the order in which they
   * came. Throws TooManyWaiting without having begun, and what the task throws.
   */
  take<Value>(asker: string, task: () => Promise<Value>): Promise<Value>;
}

export function fairTurns({ atOnce, waitingOfOne, patienceMs }: FairTurnsLimits, clock: () => number): FairTurns {
  // A quarter is left to the others, whatever one of them brings.
  const atOnceOfOne = Math.max(1, Math.ceil(atOnce * 0.75));
  const running = new Map<string, number>();
  // In the order in which the askers have their turns.
  const waiting = new Map<string, (() => void)[]>();
  let allRunning = 0;

  const mayBegin = (asker: string) => allRunning < atOnce && (running.get(asker) ?? 0) < atOnceOfOne;

  const begin = (asker: string) => {
    allRunning += 1;
    running.set(asker, (running.get(asker) ?? 0) + 1);
  };

  const end = (asker: string) => {
    allRunning -= 1;
    const left = (running.get(asker) ?? 1) - 1;
    if (left === 0) {
      running.delete(asker);
    } else {
      running.set(asker, left);
    }
    letIn();
  };

  const letIn = () => {
    for (const [asker, line] of waiting) {
      if (allRunning >= atOnce) {
        return;
      }
      const next = mayBegin(asker) ? line.shift() : undefined;
      if (next === undefined) {
        continue;
      }
      // Behind all others for its next one.
      waiting.delete(asker);
      if (line.length > 0) {
        waiting.set(asker, line);
      }
      begin(asker);
      next();
    }
  };

  const turn = (asker: string): Promise<void> => {
    const line = waiting.get(asker) ?? [];
    if (line.length >= waitingOfOne) {
      return Promise.reject(new TooManyWaiting(`${waitingOfOne} questions of the account wait already`));
    }
    waiting.set(asker, line);
    return new Promise((resolve) => line.push(resolve));
  };

  return {
    async take(asker, task) {
      const cameAtMs = clock();
      if (mayBegin(asker) && !waiting.has(asker)) {
        begin(asker);
      } else {
        await turn(asker);
      }
      try {
        if (clock() - cameAtMs > patienceMs) {
          throw new TooManyWaiting(`its turn did not come within ${patienceMs} ms`);
        }
        return await task();
      } finally {
        end(asker);
      }
    },
  };
}
