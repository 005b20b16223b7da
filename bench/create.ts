import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCleanup } from './support/cleanup.ts';
import { startFilledService } from './support/filled-service.ts';
import { type Answer, runLoad, wireBytes } from './support/load-client.ts';
import { distributionRow, distributionTitles, figure, type Report } from './support/report.ts';
import { until } from './support/until.ts';

const connections = 16;
const warmUpCount = 500;
const requestCount = 5_000;
const leastPerSecond = 800;

/**
 * CreateVolume over several connections at once, as fast as they are answered, in a simulated site whose hosts take no time. Every answer is given after
 * what it tells was written and synchronized. The volumes are counted when they are `available`, each by an operation with its journal.
 */
export async function benchmarkCreate(report: Report): Promise<void> {
  report.heading(`CreateVolume, ${connections} connections, beside 10,000 volumes`);
  await withCleanup(async (cleanup) => {
    const settings = join(cleanup.folder(), 'vbs.yaml');
    writeFileSync(settings, 'simulation: { latencyFactor: 0 }\n');
    const { service, client } = await startFilledService(10_000, cleanup, ['--config', settings]);
    const made = new Set<string>();
    const check = ({ status, body }: Answer) => {
      const id = /<volumeId>(vol-[0-9a-f]+)<\/volumeId>/.exec(body.toString())?.[1];
      if (status !== 200 || id === undefined) {
        throw new Error(`the service answered ${status}: ${body.toString().slice(0, 500)}`);
      }
      made.add(id);
    };
    const requestsOf = (count: number) =>
      Array.from({ length: count }, () => wireBytes(client.prepare('CreateVolume', { Size: '1', AvailabilityZone: 'us-east-1a' })));
    const allAvailable = () =>
      until(
        async () => {
          const answer = await client.ask('DescribeVolumes', {
            'Filter.1.Name': 'status',
            'Filter.1.Value.1': 'creating',
            MaxResults: '5',
          });
          return answer.includes('<volumeId>') ? undefined : true;
        },
        { everyMs: 100, timeoutMs: 120_000, describe: () => 'volumes stay in creating' },
      );
    await runLoad({ ...service, connections, requests: requestsOf(warmUpCount), check });
    await allAvailable();
    const requests = requestsOf(requestCount);
    const startedAtMs = performance.now();
    const result = await runLoad({ ...service, connections, requests, check });
    await allAvailable();
    const perSecond = requestCount / ((performance.now() - startedAtMs) / 1_000);
    if (made.size !== warmUpCount + requestCount) {
      throw new Error(`${made.size} volumes were made, not ${warmUpCount + requestCount}`);
    }
    report.table(distributionTitles, [distributionRow('until the answer', result.latencies)]);
    report.line(`  ${figure(result.perSecond)} answers a second, ${figure(perSecond)} volumes a second until all were available`);
    report.atLeast('answers a second', result.perSecond, leastPerSecond);
    report.atLeast('available volumes a second', perSecond, leastPerSecond);
  });
}
