import { openOperator } from '../src/composition/open-operator.ts';
import { attachmentByHand } from './support/attach-by-hand.ts';
import { type AttachSite, startAttachSite } from './support/attach-site.ts';
import { withCleanup } from './support/cleanup.ts';
import { distributionOf, timed } from './support/distribution.ts';
import { distributionRow, distributionTitles, figure, type Report } from './support/report.ts';
import { until } from './support/until.ts';

const pairs = 15;
/** Not counted: the service compiles its code, and the VM loads what it needs for a disk. */
const pairsBefore = 10;
const limitRatio = 1.5;
const waiting = { everyMs: 5, timeoutMs: 60_000 };

/** AttachVolume until the volume is `attached`, against the same done by hand on the same tgtd and the same VM, in turns. */
export async function benchmarkAttach(report: Report): Promise<void> {
  report.heading('Attaching a volume to a running VM: the API against commands typed by hand');
  await withCleanup(async (cleanup) => {
    const site = await startAttachSite(cleanup, (message) => report.line(`  ${message}`));
    const byApi = await attachmentByApi(site);
    const byHand = await attachmentByHand(site);
    const durationsMs = { byApi: [] as number[], byHand: [] as number[] };
    for (let pair = 1; pair <= pairsBefore + pairs; pair += 1) {
      for (const [name, { attach, detach }] of Object.entries({ byHand, byApi }) as ['byApi' | 'byHand', typeof byApi][]) {
        const durationMs = await timed(attach);
        await detach();
        if (pair > pairsBefore) {
          durationsMs[name].push(durationMs);
        }
      }
    }
    const api = distributionOf(durationsMs.byApi);
    const hand = distributionOf(durationsMs.byHand);
    const ratios = distributionOf(durationsMs.byApi.map((durationMs, pair) => durationMs / (durationsMs.byHand[pair] ?? Number.NaN)));
    report.table(distributionTitles, [distributionRow('by hand', hand), distributionRow('by the API', api)]);
    report.line(
      `  ratio of the medians ${figure(api.median / hand.median)}, of the least ${figure(api.least / hand.least)}; ` +
        `pair by pair: median ${figure(ratios.median)}, p25 ${figure(ratios.p25)}, p75 ${figure(ratios.p75)}`,
    );
    await reportSteps(site, report);
    report.target('ratio of the medians', api.median / hand.median, limitRatio, 'times');
  });
}

async function attachmentByApi({ client, instanceId }: AttachSite) {
  const volumeId = /<volumeId>([^<]+)/.exec(await client.ask('CreateVolume', { Size: '1', AvailabilityZone: 'us-east-1a' }))?.[1] ?? '';
  const untilSeen = (wanted: RegExp) =>
    until(
      async () => {
        const answer = await client.ask('DescribeVolumes', { 'VolumeId.1': volumeId });
        return wanted.test(answer) ? true : undefined;
      },
      { ...waiting, describe: () => `${volumeId} did not come to ${wanted}` },
    );
  await untilSeen(/<status>available</);
  return {
    async attach(): Promise<void> {
      await client.ask('AttachVolume', { VolumeId: volumeId, InstanceId: instanceId, Device: '/dev/sdf' });
      await untilSeen(/<status>attached</);
    },
    async detach(): Promise<void> {
      await client.ask('DetachVolume', { VolumeId: volumeId });
      await untilSeen(/<status>available</);
    },
  };
}

/** Where the time of the API's attachments went, by their journals: medians of each step, and of the commands in it. */
async function reportSteps({ stateFolder }: AttachSite, report: Report): Promise<void> {
  const { operator, close } = openOperator(stateFolder);
  try {
    const steps = new Map<string, { durationsMs: number[]; commands: string[] }>();
    for (const { id, kind } of await operator.operations.list({ limit: 1_000 })) {
      const shown = kind === 'attach-volume' ? await operator.operations.show(id) : undefined;
      for (const { step, startedAtMs, endedAtMs, commands } of shown?.journal ?? []) {
        const found = steps.get(step) ?? { durationsMs: [], commands: [] };
        found.durationsMs.push((endedAtMs ?? startedAtMs) - startedAtMs);
        found.commands = commands.map(({ argv, durationMs }) => `${shortName(argv)} ${durationMs}`);
        steps.set(step, found);
      }
    }
    const rows = [...steps].map(([step, { durationsMs, commands }]) => [
      step,
      figure(distributionOf(durationsMs).median),
      commands.join(', '),
    ]);
    for (const [step, median, commands] of rows) {
      report.line(`  step ${step}: ${median} ms; the commands of one, ms: ${commands}`);
    }
  } finally {
    close();
  }
}

function shortName(argv: readonly string[]): string {
  const [program = '', ...words] = argv;
  if (program === 'qmp') {
    return words[0] ?? '';
  }
  const operation = words[words.indexOf('--op') + 1];
  return program === 'tgtadm' ? `tgtadm ${operation}` : (program.split('/').at(-1) ?? '');
}
