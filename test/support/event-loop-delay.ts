import { PerformanceObserver } from 'node:perf_hooks';

/** How often something is measured at the most: other processes of the machine only ever make it worse. */
const tries = 5;
/** As good as can be asked for, so that it need not be measured again. */
const goodMs = 35;

/** Between two moments at which the event loop came round. */
interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
  /** What the processors did meanwhile for this process. */
  readonly cpuMs: number;
}

/**
 * For how many milliseconds at a stretch the event loop was held while `run` ran, in the best of some tries. What the machine gives to other processes
 * does not count: of each stretch it is the processors' time or the clock's, whichever is less. Nor does the garbage collector, whose pauses come when
 * they come and are as long as all that is in memory has it.
 */
export async function longestHold(run: () => Promise<void>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < tries && best > goodMs; attempt += 1) {
    best = Math.min(best, await measure(run));
  }
  return best;
}

async function measure(run: () => Promise<void>): Promise<number> {
  const collections: { readonly startMs: number; readonly endMs: number }[] = [];
  const keep = (entries: readonly { readonly startTime: number; readonly duration: number }[]) => {
    for (const { startTime, duration } of entries) {
      collections.push({ startMs: startTime, endMs: startTime + duration });
    }
  };
  const observer = new PerformanceObserver((list) => keep(list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  const stretches: Stretch[] = [];
  let isOver = false;
  await nextLoop();
  let [startMs, cpuBeforeMs] = [performance.now(), cpuMs()];
  const look = () => {
    const [endMs, cpuNowMs] = [performance.now(), cpuMs()];
    stretches.push({ startMs, endMs, cpuMs: cpuNowMs - cpuBeforeMs });
    [startMs, cpuBeforeMs] = [endMs, cpuNowMs];
    if (!isOver) {
      setImmediate(look);
    }
  };
  setImmediate(look);
  try {
    await run();
    // What was done in the last turn counts too, and what is told of it comes later.
    await nextLoop();
    isOver = true;
    await nextLoop();
    await nextLoop();
    keep(observer.takeRecords());
  } finally {
    isOver = true;
    observer.disconnect();
  }
  return Math.max(0, ...stretches.filter((stretch) => stretch.endMs - stretch.startMs > 1).map((stretch) => heldMs(stretch, collections)));
}

function heldMs(stretch: Stretch, collections: readonly { readonly startMs: number; readonly endMs: number }[]): number {
  const collectedMs = collections.reduce(
    (sum, { startMs, endMs }) => sum + Math.max(0, Math.min(endMs, stretch.endMs) - Math.max(startMs, stretch.startMs)),
    0,
  );
  return Math.min(stretch.endMs - stretch.startMs, stretch.cpuMs) - collectedMs;
}

function nextLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
