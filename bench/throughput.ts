import { withCleanup } from './support/cleanup.ts';
import { startFilledService } from './support/filled-service.ts';
import { type Answer, runLoad, wireBytes } from './support/load-client.ts';
import { distributionRow, distributionTitles, figure, type Report } from './support/report.ts';

const volumeCount = 10_000;
const connections = 8;
const warmUpCount = 4_000;
const requestCount = 20_000;
const leastPerSecond = 3_000;
const limitMs = 2;

/** DescribeVolumes of one id over several connections at once, as fast as they are answered. Signatures are made before, and verified by the service. */
export async function benchmarkThroughput(report: Report): Promise<void> {
  report.heading(`DescribeVolumes of one id of ${volumeCount.toLocaleString('en')} volumes, ${connections} connections`);
  await withCleanup(async (cleanup) => {
    const { service, client, volumeIds } = await startFilledService(volumeCount, cleanup);
    const idOf = (index: number) => volumeIds[(index * 7) % volumeIds.length] ?? '';
    // Every request is of its own second and id, so that none is answered from what was kept of another with the same signature.
    const requests = Array.from({ length: requestCount }, (_, index) =>
      wireBytes(client.prepare('DescribeVolumes', { 'VolumeId.1': idOf(index) })),
    );
    const check = ({ status, body }: Answer, index: number) => {
      if (status !== 200 || !body.includes(`<volumeId>${idOf(index)}</volumeId>`)) {
        throw new Error(`the service answered ${status}: ${body.toString().slice(0, 500)}`);
      }
    };
    await runLoad({ ...service, connections, requests: requests.slice(0, warmUpCount), check });
    const result = await runLoad({ ...service, connections, requests, check });
    report.table(distributionTitles, [distributionRow('one id', result.latencies)]);
    report.line(`  ${figure(result.perSecond)} requests a second`);
    report.atLeast('requests a second', result.perSecond, leastPerSecond);
    report.target('median of one id', result.latencies.median, limitMs, 'ms');
  });
}
