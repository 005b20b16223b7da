import { withCleanup } from './support/cleanup.ts';
import { distributionOf, timed } from './support/distribution.ts';
import { requireVolumes, startFilledService } from './support/filled-service.ts';
import { distributionRow, distributionTitles, type Report } from './support/report.ts';

const volumeCount = 10_000;
const fullCount = 60;
const singleCount = 1_000;
/** Unmeasured, for the first ones are compiled while they run. */
const warmUps = { full: 10, single: 200 };
const limitsMs = { full: 50, single: 3 };

/** DescribeVolumes, of all volumes and of one, as a client on the same machine sees it: signatures verified, one kept connection. */
export async function benchmarkDescribe(report: Report): Promise<void> {
  report.heading(`DescribeVolumes with ${volumeCount.toLocaleString('en')} volumes`);
  await withCleanup(async (cleanup) => {
    const { client, volumeIds } = await startFilledService(volumeCount, cleanup);
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
    const full = await measure(fullCount, warmUps.full, volumeCount, () => ({}));
    const single = await measure(singleCount, warmUps.single, 1, (run) => ({ 'VolumeId.1': spread(run) }));
    report.table(distributionTitles, [distributionRow('all volumes', full), distributionRow('one id', single)]);
    report.target('median of all volumes', full.median, limitsMs.full, 'ms');
    report.target('median of one id', single.median, limitsMs.single, 'ms');
  });
}
