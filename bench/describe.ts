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
const warmUps = { full: 10, changed: 5, single: 200 };
const limitsMs = { full: 25, single: 3 };

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
    const measureChanged = async (write: (value: string) => Promise<void>) => {
      const durationsMs: number[] = [];
      for (let run = -warmUps.changed; run < changedCount; run += 1) {
        changes += 1;
        const value = `change ${changes} of the benchmark`;
        await write(value);
        const prepared = client.prepare('DescribeVolumes');
        let answer = '';
        const durationMs = await timed(async () => {
          answer = await client.send(prepared);
        });
        requireVolumes(answer, volumeCount);
        if (!answer.includes(value)) {
          throw new Error('the answer is older than a change that was made before it was asked for');
        }
        if (run >= 0) {
          durationsMs.push(durationMs);
        }
      }
      return distributionOf(durationsMs);
    };
    let changes = 0;
    const changedId = volumeIds[0] ?? '';
    const ownChange = async (value: string) => {
      await client.ask('CreateTags', { 'ResourceId.1': changedId, 'Tag.1.Key': 'Name', 'Tag.1.Value': value });
    };
    const other = otherProcess(stateFolder, changedId);
    cleanup.add(other.close);
    const changedByOther = await measureChanged(other.change);
    const changed = await measureChanged(ownChange);
    const full = await measure(fullCount, warmUps.full, volumeCount, () => ({}));
    const single = await measure(singleCount, warmUps.single, 1, (run) => ({ 'VolumeId.1': spread(run) }));
    report.table(distributionTitles, [
      distributionRow('all volumes', full),
      distributionRow('all volumes, each time after a change', changed),
      distributionRow('all volumes, each time after a change by another process', changedByOther),
      distributionRow('one id', single),
    ]);
    report.target('median of all volumes', full.median, limitsMs.full, 'ms');
    report.target('median of all volumes after a change', changed.median, limitsMs.full, 'ms');
    report.target('median of one id', single.median, limitsMs.single, 'ms');
  });
}

/** Changes a tag with a connection of its own, of which the service is told nothing. */
function otherProcess(stateFolder: string, volumeId: string) {
  const database = openDatabase(join(stateFolder, 'vbs.db'));
  return {
    async change(value: string): Promise<void> {
      database.update(tags).set({ value }).where(eq(tags.resourceId, volumeId)).run();
    },
    close: () => void database.$client.close(),
  };
}
