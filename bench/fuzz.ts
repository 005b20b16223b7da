import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCleanup } from './support/cleanup.ts';
import { startFilledService } from './support/filled-service.ts';
import { type Answer, runLoad, wireBytes } from './support/load-client.ts';
import { memoryOf } from './support/process-memory.ts';
import { randomOf, randomQuery } from './support/random-query.ts';
import { figure, type Report } from './support/report.ts';

export interface FuzzOptions {
  readonly queries: number;
  readonly seed: number;
}

const volumeCount = 50;
const connections = 8;
const batchSize = 2_000;
/** What is refused for being too much would not be tried. */
const noLimit = { burst: 1_000_000_000, perSecond: 1_000_000_000 };
const noLimits = { describe: noLimit, describeEverything: noLimit, change: noLimit, intensive: noLimit, tags: noLimit };
const growthLimitMB = 10;

/**
 * Random queries, signed and sent as fast as they are answered, to a simulated site whose hosts take no time. An answer of 500 is a mistake of the
 * service; each is printed with its query. The memory is taken after a third of them, when everything was used once, and at the end.
 */
export async function benchmarkFuzz(report: Report, { queries, seed }: FuzzOptions): Promise<void> {
  report.heading(`${queries.toLocaleString('en')} random queries, seed ${seed}`);
  await withCleanup(async (cleanup) => {
    const settings = join(cleanup.folder(), 'vbs.yaml');
    writeFileSync(settings, `simulation: { latencyFactor: 0 }\nlog: { level: error }\nlimits: { requests: ${JSON.stringify(noLimits)} }\n`);
    const { service, client } = await startFilledService(volumeCount, cleanup, ['--config', settings]);
    const random = randomOf(seed);
    const statuses = new Map<number, number>();
    const rows: (readonly string[])[] = [];
    let known = { volumes: [] as string[], snapshots: [] as string[] };
    let mistakes = 0;
    let done = 0;
    let settledMB: number | undefined;
    while (done < queries) {
      known = {
        volumes: idsIn(await client.ask('DescribeVolumes'), 'vol'),
        snapshots: idsIn(await client.ask('DescribeSnapshots', { 'Owner.1': 'self' }), 'snap'),
      };
      const bodies = Array.from({ length: Math.min(batchSize, queries - done) }, () => randomQuery(random, known));
      const check = ({ status, body }: Answer, index: number) => {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const isWhole = status === 200 || body.includes('<Errors><Error><Code>');
        if (status === 500 || !isWhole) {
          mistakes += 1;
          report.line(`  ${status} for ${bodies[index]?.slice(0, 1_000)}`);
        }
      };
      await runLoad({ ...service, connections, requests: bodies.map((body) => wireBytes(client.prepareBody(body))), check });
      done += bodies.length;
      if (rows.length < Math.floor((done / queries) * 6)) {
        const { residentMB, mostMB } = memoryOf(service.pid);
        rows.push([done.toLocaleString('en'), String(known.volumes.length), figure(residentMB), figure(mostMB)]);
        settledMB = done * 3 >= queries ? (settledMB ?? residentMB) : undefined;
      }
    }
    const end = memoryOf(service.pid);
    report.table(['queries', 'volumes', 'VmRSS, MB', 'VmHWM, MB'], rows);
    report.line(
      `  answers: ${[...statuses]
        .sort(([one], [other]) => one - other)
        .map(([status, count]) => `${status}: ${count}`)
        .join(', ')}`,
    );
    report.target('answers of 500', mistakes, 0, '');
    report.target('growth of VmRSS after the first third', end.residentMB - (settledMB ?? 0), growthLimitMB, 'MB');
    if (mistakes > 0) {
      throw new Error(`${mistakes} answers are mistakes of the service`);
    }
  });
}

function idsIn(answer: string, prefix: 'vol' | 'snap'): string[] {
  const element = prefix === 'vol' ? 'volumeId' : 'snapshotId';
  return [...new Set([...answer.matchAll(new RegExp(`<${element}>(${prefix}-[0-9a-f]+)</${element}>`, 'g'))].map(([, id]) => id ?? ''))];
}
