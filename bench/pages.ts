import { withCleanup } from './support/cleanup.ts';
import { type Distribution, distributionOf, timed } from './support/distribution.ts';
import { startFilledService } from './support/filled-service.ts';
import { distributionRow, distributionTitles, type Report } from './support/report.ts';

const volumeCounts = [150, 100_000] as const;
const pageSize = 100;
const pageCount = 300;
const warmUpCount = 100;
const mostTimes = 1.3;

/** Pages of DescribeVolumes one after another, and from the beginning again behind the last one, with few volumes and with very many. */
export async function benchmarkPages(report: Report): Promise<void> {
  report.heading(`DescribeVolumes in pages of ${pageSize}`);
  const [few, many] = [await measurePages(volumeCounts[0]), await measurePages(volumeCounts[1])];
  report.table(
    distributionTitles,
    [few, many].map((pages, index) => distributionRow(`a page, ${volumeCounts[index]?.toLocaleString('en')} volumes`, pages)),
  );
  report.target('a page of many volumes to one of few, medians', many.median / few.median, mostTimes, 'times');
}

/** The full pages only: the last one of few volumes is shorter. */
async function measurePages(volumeCount: number): Promise<Distribution> {
  return withCleanup(async (cleanup) => {
    const { client } = await startFilledService(volumeCount, cleanup);
    const durationsMs: number[] = [];
    let token: string | undefined;
    for (let full = -warmUpCount; full < pageCount; ) {
      const prepared = client.prepare('DescribeVolumes', {
        MaxResults: String(pageSize),
        ...(token !== undefined && { NextToken: token }),
      });
      let answer = '';
      const durationMs = await timed(async () => {
        answer = await client.send(prepared);
      });
      token = /<nextToken>([^<]+)<\/nextToken>/.exec(answer)?.[1];
      if (answer.split('<volumeType>').length - 1 === pageSize) {
        full += 1;
        if (full > 0) {
          durationsMs.push(durationMs);
        }
      }
    }
    return distributionOf(durationsMs);
  });
}
