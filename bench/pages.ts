import { type Cleanup, withCleanup } from './support/cleanup.ts';
import { distributionOf, timed } from './support/distribution.ts';
import { startFilledService } from './support/filled-service.ts';
import { distributionRow, distributionTitles, type Report } from './support/report.ts';

const volumeCounts = [150, 100_000] as const;
const pageSize = 100;
const pageCount = 300;
const warmUpCount = 100;
const mostTimes = 1.3;

/**
 * Pages of DescribeVolumes one after another, and from the beginning again behind the last one, with few volumes and with very many: from two services in
 * turns, since a machine that others use too is faster at one moment than at another.
 */
export async function benchmarkPages(report: Report): Promise<void> {
  report.heading(`DescribeVolumes in pages of ${pageSize}`);
  await withCleanup(async (cleanup) => {
    const readers = [await openReader(volumeCounts[0], cleanup), await openReader(volumeCounts[1], cleanup)] as const;
    const durationsMs = readers.map((): number[] => []);
    for (let page = -warmUpCount; page < pageCount; page += 1) {
      for (const [index, readFullPage] of readers.entries()) {
        const durationMs = await readFullPage();
        if (page >= 0) durationsMs[index]?.push(durationMs);
      }
    }
    const [few, many] = [distributionOf(durationsMs[0] ?? []), distributionOf(durationsMs[1] ?? [])];
    report.table(
      distributionTitles,
      [few, many].map((pages, index) => distributionRow(`a page, ${volumeCounts[index]?.toLocaleString('en')} volumes`, pages)),
    );
    report.target('a page of many volumes to one of few, medians', many.median / few.median, mostTimes, 'times');
  });
}

/** Answers how long the next full page took, in milliseconds; the last one of few volumes is shorter, and is passed over. */
async function openReader(volumeCount: number, cleanup: Cleanup): Promise<() => Promise<number>> {
  const { client } = await startFilledService(volumeCount, cleanup);
  let token: string | undefined;
  return async () => {
    for (;;) {
      const prepared = client.prepare('DescribeVolumes', {
        MaxResults: String(pageSize),
        ...(token !== undefined && { NextToken: token }),
      });
      let answer = '';
      const durationMs = await timed(async () => {
        answer = await client.send(prepared);
      });
      token = /<nextToken>([^<]+)<\/nextToken>/.exec(answer)?.[1];
      if (answer.split('<volumeType>').length - 1 === pageSize) return durationMs;
    }
  };
}
