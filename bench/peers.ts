import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Cleanup, withCleanup } from './support/cleanup.ts';
import { distributionOf, timed } from './support/distribution.ts';
import { requireVolumes } from './support/filled-service.ts';
import { createQueryClient } from './support/query-client.ts';
import { distributionRow, distributionTitles, type Report } from './support/report.ts';
import { freePort } from './support/service-process.ts';
import { until } from './support/until.ts';

const volumeCount = 10_000;
const fullCount = 5;
const singleCount = 200;
const host = '127.0.0.1';
const key = { accessKeyId: 'testing', secretAccessKey: 'testing' };

/** The same questions to moto's server, which verifies no signatures and keeps everything in memory, where it is installed. */
export async function benchmarkPeers(report: Report): Promise<void> {
  report.heading(`moto_server, DescribeVolumes with ${volumeCount.toLocaleString('en')} volumes`);
  await withCleanup(async (cleanup) => {
    const port = await startMoto(cleanup);
    if (port === undefined) {
      report.line('  absent: there is no moto_server on this machine');
      return;
    }
    const client = createQueryClient({ host, port }, key);
    cleanup.add(() => client.close());
    await until(async () => ((await client.get('/moto-api/')) === undefined ? undefined : true), {
      ...{ everyMs: 100, timeoutMs: 60_000 },
      describe: () => 'moto_server does not answer',
    });
    const volumeIds: string[] = [];
    const createMs = await timed(async () => {
      for (let index = 0; index < volumeCount; index += 1) {
        const answer = await client.ask('CreateVolume', { Size: '1', AvailabilityZone: 'us-east-1a', VolumeType: 'gp3' });
        volumeIds.push(/<volumeId>([^<]+)/.exec(answer)?.[1] ?? '');
      }
    });
    const measure = async (count: number, expected: number, parametersOf: (run: number) => Record<string, string>) => {
      const durationsMs: number[] = [];
      for (let run = 0; run < count; run += 1) {
        const prepared = client.prepare('DescribeVolumes', parametersOf(run));
        let answer = '';
        durationsMs.push(
          await timed(async () => {
            answer = await client.send(prepared);
          }),
        );
        requireVolumes(answer, expected);
      }
      return distributionOf(durationsMs);
    };
    const full = await measure(fullCount, volumeCount, () => ({}));
    const single = await measure(singleCount, 1, (run) => ({ 'VolumeId.1': volumeIds[(run * 7) % volumeCount] ?? '' }));
    report.table(distributionTitles, [distributionRow('all volumes', full), distributionRow('one id', single)]);
    report.line(`  ${(volumeCount / (createMs / 1_000)).toFixed(0)} volumes a second were created over one connection`);
  });
}

/** `undefined` when it is not installed. */
async function startMoto(cleanup: Cleanup): Promise<number | undefined> {
  const port = await freePort();
  const moto = spawn('moto_server', ['-H', host, '-p', String(port)], { stdio: 'ignore' });
  const started = await Promise.race([
    once(moto, 'spawn').then(() => true),
    once(moto, 'error').then(
      () => false,
      () => false,
    ),
  ]);
  if (!started) {
    return undefined;
  }
  cleanup.add(async () => {
    if (moto.exitCode === null && moto.signalCode === null) {
      const ended = once(moto, 'exit');
      moto.kill('SIGKILL');
      await ended;
    }
  });
  return port;
}
