import { join } from 'node:path';
import { startLab } from '../../test/lab/lab.ts';
import { ensureLabImage } from '../../test/lab/lab-image.ts';
import { withCleanup } from '../support/cleanup.ts';
import { timed } from '../support/distribution.ts';
import type { Report } from '../support/report.ts';

const limitMinutes = { fromNothing: 6, fromCache: 2 };

/** The whole lab, with two Xen nodes, until its services and DomUs run. `fromNothing`: also with an empty cache, so that its image is built first. */
export async function benchmarkLabStart({ fromNothing }: { readonly fromNothing: boolean }, report: Report): Promise<void> {
  report.heading('Starting the lab');
  // Before anything is timed.
  await ensureLabImage((message) => report.line(`  ${message}`));
  const fromCacheMs = await timedStart();
  const fromNothingMs = fromNothing ? await withEmptyCache(timedStart) : undefined;
  if (fromNothingMs !== undefined) report.target('from nothing', fromNothingMs / 60_000, limitMinutes.fromNothing, 'minutes');
  report.target('from the cache', fromCacheMs / 60_000, limitMinutes.fromCache, 'minutes');
}

function timedStart(): Promise<number> {
  return withCleanup(async (cleanup) => {
    const folder = cleanup.folder();
    return timed(async () => {
      const lab = await startLab({ folder, onProgress: () => undefined });
      cleanup.add(lab.stop);
    });
  });
}

async function withEmptyCache(work: () => Promise<number>): Promise<number> {
  const before = process.env.VBS_LAB_CACHE;
  return withCleanup(async (cleanup) => {
    cleanup.add(() => {
      if (before === undefined) delete process.env.VBS_LAB_CACHE;
      else process.env.VBS_LAB_CACHE = before;
    });
    process.env.VBS_LAB_CACHE = join(cleanup.folder(), 'cache');
    return work();
  });
}
