import { openOperator } from '../src/composition/open-operator.ts';
import { attachmentByHand } from './support/attach-by-hand.ts';
import { type AttachSite, startAttachSite } from './support/attach-site.ts';
import { withCleanup } from './support/cleanup.ts';
import { type Distribution, distributionOf, timed } from './support/distribution.ts';
import { distributionRow, distributionTitles, figure, type Report } from './support/report.ts';
import { until } from './support/until.ts';

const rounds = 15;
/** Not counted: the service compiles its code, and the VM loads what it needs for a disk. */
const roundsBefore = 10;
const limitRatio = 1.5;
/** Seldom, since a service that answers questions attaches meanwhile the slower. */
const waiting = { everyMs: 50, timeoutMs: 60_000 };

/**
 * AttachVolume until the volume is `attached`, against the same done by hand on the same tgtd and the same VM, in turns. When it became so is
 * what the service wrote down itself, a full millisecond: a client that asks would measure how often it asks.
 */
export async function benchmarkAttach(report: Report): Promise<void> {
  report.heading('Attaching a volume to a running VM: the API against commands typed by hand');
  await withCleanup(async (cleanup) => {
    const site = await startAttachSite(cleanup, (message) => report.line(`  ${message}`));
    const byApi = await attachmentByApi(site);
    const ways = { bare: await byHand(site, { withLooks: false }), same: await byHand(site, { withLooks: true }), api: byApi };
    const durationsMs: Record<keyof typeof ways, number[]> = { bare: [], same: [], api: [] };
    for (let round = 1; round <= roundsBefore + rounds; round += 1) {
      for (const [way, { attach, detach }] of Object.entries(ways) as [keyof typeof ways, Way][]) {
        const durationMs = await attach();
        await detach();
        if (round > roundsBefore) {
          durationsMs[way].push(durationMs);
        }
      }
    }
    const [bare, same, api] = [durationsMs.bare, durationsMs.same, durationsMs.api].map(distributionOf) as [
      Distribution,
      Distribution,
      Distribution,
    ];
    report.table(distributionTitles, [
      distributionRow('by hand, the least commands', bare),
      distributionRow('by hand, the same commands', same),
      distributionRow('by the API', api),
    ]);
    const ratio = (hand: Distribution) => `medians ${figure(api.median / hand.median)}, least ${figure(api.least / hand.least)}`;
    report.line(`  ratios: to the same commands: ${ratio(same)}; to the least commands: ${ratio(bare)}`);
    await reportSteps(site, report);
    report.target('ratio of the medians to the same commands', api.median / same.median, limitRatio, 'times');
  });
}

interface Way {
  /** Resolves with how many milliseconds it took. */
  attach(): Promise<number>;
  detach(): Promise<void>;
}

async function byHand(site: AttachSite, looks: { readonly withLooks: boolean }): Promise<Way> {
  const { attach, detach } = await attachmentByHand(site, looks);
  return { attach: () => timed(attach), detach };
}

async function attachmentByApi({ client, instanceId, stateFolder }: AttachSite): Promise<Way> {
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
    async attach(): Promise<number> {
      const sentAtMs = performance.timeOrigin + performance.now();
      await client.ask('AttachVolume', { VolumeId: volumeId, InstanceId: instanceId, Device: '/dev/sdf' });
      await untilSeen(/<status>attached</);
      return (await attachedAtMs(stateFolder)) - sentAtMs;
    },
    async detach(): Promise<void> {
      await client.ask('DetachVolume', { VolumeId: volumeId });
      await untilSeen(/<status>available</);
    },
  };
}

/** When the last attachment was `attached`, in milliseconds since 1970; the millisecond in which it was so counts whole. */
async function attachedAtMs(stateFolder: string): Promise<number> {
  const { operator, close } = openOperator(stateFolder);
  try {
    const [last] = await operator.operations.list({ limit: 1 });
    if (last?.kind !== 'attach-volume' || last.endedAtMs === undefined) {
      throw new Error('the last operation is no attachment that has ended');
    }
    return last.endedAtMs + 1;
  } finally {
    close();
  }
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
