import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { openDatabase } from '../src/store/sqlite/open-database.ts';
import { tags } from '../src/store/sqlite/schema.ts';
import { withCleanup } from './support/cleanup.ts';
import { distributionOf, timed } from './support/distribution.ts';
import { requireVolumes, startFilledService } from './support/filled-service.ts';
import { distributionRow, distributionTitles, type Report } from './support/report.ts';

const volumeCount = 10_000;
const fullCount = 60;
const changedCount = 20;
const singleCount = 1_000;
/** Unmeasured, for the first ones are compiled while they run. */
const warmUps = { full: 10, single: 200 };
const limitsMs = { full: 50, single: 3 };

/** DescribeVolumes, of all volumes and of one, as a client on the same machine sees it: signatures verified, one kept connection. */
export async function benchmarkDescribe(report: Report): Promise<void> {
  report.heading(`DescribeVolumes with ${volumeCount.toLocaleString('en')} volumes`);
  await withCleanup(async (cleanup) => {
    const { client, volumeIds, stateFolder } = await startFilledService(volumeCount, cleanup);
    const measure = async (count: number, warmUpCount: number, expected: number, parametersOf: (run: number) => Record<string, string>) => {
      const durationsMs: number[] = [];
      for (let run = -warmUpCount; run < count; run += 1) {
        const prepared = client.prepare('DescribeVolumes', parametersOf(run + warmUpCount));
        let answer = '';
        const durationMs = await timed(async () => {
          answer = await client.send(prepared);
        });
        requireVolumes(answer, expected);
        if (run >= 0) {
          durationsMs.push(durationMs);
        }
      }
      return distributionOf(durationsMs);
    };
    const spread = (run: number) => volumeIds[(run * 7) % volumeIds.length] ?? '';
    const change = prepareChanges(stateFolder, volumeIds[0] ?? '');
    cleanup.add(change.close);
    const changedDurationsMs: number[] = [];
    for (let run = 0; run < changedCount; run += 1) {
      const written = change.write();
      const prepared = client.prepare('DescribeVolumes');
      let answer = '';
      changedDurationsMs.push(
        await timed(async () => {
          answer = await client.send(prepared);
        }),
      );
      requireVolumes(answer, volumeCount);
      if (!answer.includes(written)) {
        throw new Error('the answer is older than a change that was made before it was asked for');
      }
    }
    const changed = distributionOf(changedDurationsMs);
    const full = await measure(fullCount, warmUps.full, volumeCount, () => ({}));
    const single = await measure(singleCount, warmUps.single, 1, (run) => ({ 'VolumeId.1': spread(run) }));
    report.table(distributionTitles, [
      distributionRow('all volumes', full),
      distributionRow('all volumes, each time after a change', changed),
      distributionRow('one id', single),
    ]);
    report.target('median of all volumes', full.median, limitsMs.full, 'ms');
    report.target('median of one id', single.median, limitsMs.single, 'ms');
  });
}

/** Changes a tag as another process does, with a connection of its own, so that nothing that the service remembers may be answered. */
function prepareChanges(stateFolder: string, volumeId: string) {
  const database = openDatabase(join(stateFolder, 'vbs.db'));
  let count = 0;
  return {
    write(): string {
      count += 1;
      const value = `change ${count} of the benchmark`;
      database.update(tags).set({ value }).where(eq(tags.resourceId, volumeId)).run();
      return value;
    },
    close: () => void database.$client.close(),
  };
}
