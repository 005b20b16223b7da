/** How often something is measured: other processes of the machine only ever make it worse. */
const tries = 5;

/** As good as can be asked for, so that it need not be measured again. */
const goodMs = 40;

/**
 * For how many milliseconds at a stretch the event loop was held while `run` ran, in the best of some tries. What the machine gives to other processes
 * does not count: of each stretch it is the processor's time or the clock's, whichever is less.
 */
export async function longestHold(run: () => Promise<void>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    best = Math.min(best, await measure(run));
    if (best < goodMs) {
      break;
    }
  }
  return best;
}

async function measure(run: () => Promise<void>): Promise<number> {
  let longestMs = 0;
  let isOver = false;
  let before = now();
  const look = () => {
    const { wallMs, cpuMs } = now();
    longestMs = Math.max(longestMs, Math.min(wallMs - before.wallMs, cpuMs - before.cpuMs));
    before = { wallMs, cpuMs };
    if (!isOver) {
      setImmediate(look);
    }
  };
  await new Promise((resolve) => setImmediate(resolve));
  before = now();
  setImmediate(look);
  try {
    await run();
    // What was done in the last turn counts too.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    isOver = true;
  }
  return longestMs;
}

function now(): { readonly wallMs: number; readonly cpuMs: number } {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1_000 };
}
