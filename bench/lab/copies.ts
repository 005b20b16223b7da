import { volumeServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { VolumeServer } from '../../src/drivers/volume-server.ts';
import { shippedBackends } from '../../test/contract/shipped-backend.ts';
import { contextOnLab } from '../../test/lab/lab-backend.ts';
import type { LabInUse } from '../../test/lab/lab-in-use.ts';
import { withCleanup } from '../support/cleanup.ts';
import { distributionOf, timed } from '../support/distribution.ts';
import { distributionRow, distributionTitles, figure, type Report } from '../support/report.ts';
import { untilWiped, volumeServer } from './bench-lab.ts';
import { clientOf, startQuietService } from './service-client.ts';

export interface CopySizes {
  readonly rounds: number;
  /** Two sizes of a copy: what their difference takes is the copying alone, without the commands around it. */
  readonly thickMiB: readonly [small: number, large: number];
}

const MiB = 1024 ** 2;
const thinGiB = [1, 100] as const;
const limits = { thinRatio: 1.15, answerMs: 1_000, thickShare: 0.9 };
const ids = { volumeId: 'vol-0123456789abcdef0', snapshotId: 'snap-0123456789abcdef0' };
const cloneId = 'vol-0123456789abcdef1';

export async function benchmarkCopies(lab: LabInUse, sizes: CopySizes, report: Report): Promise<void> {
  report.heading('Snapshots and their copies');
  await benchmarkThin(lab, sizes.rounds, report);
  await benchmarkThick(lab, sizes, report);
  await benchmarkAnswer(lab, report);
}

/** A snapshot of a thin volume and a volume of that, which share its blocks, whatever its size. */
async function benchmarkThin(lab: LabInUse, rounds: number, report: Report): Promise<void> {
  const server = await serverOn(lab, 'lvm-thin', { volumeGroup: 'vbs', pool: 'pool' });
  const durationsMs = thinGiB.map((): { readonly snapshot: number[]; readonly clone: number[] } => ({ snapshot: [], clone: [] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, sizeGiB] of thinGiB.entries()) {
      const bytes = sizeGiB * 1024 * MiB;
      await withVolume(lab, server, bytes, 64, async () => {
        durationsMs[index]?.snapshot.push(await timed(() => server.snapshot.make({ ...ids, bytes })));
        durationsMs[index]?.clone.push(await timed(() => makeClone(server, bytes)));
      });
    }
  }
  const [small, large] = durationsMs;
  if (small === undefined || large === undefined) throw new Error('there are two sizes');
  report.line('  Thin volumes that hold 64 MiB, by the driver, with the looks and commands that it gives:');
  const rows = durationsMs.flatMap(({ snapshot, clone }, index) => [
    distributionRow(`snapshot of ${thinGiB[index]} GiB`, distributionOf(snapshot)),
    distributionRow(`volume of a snapshot of ${thinGiB[index]} GiB`, distributionOf(clone)),
  ]);
  report.table(distributionTitles, rows);
  for (const deed of ['snapshot', 'clone'] as const) {
    const ratio = distributionOf(large[deed]).median / distributionOf(small[deed]).median;
    report.target(`thin ${deed}: ratio of the medians of 100 GiB to 1 GiB`, ratio, limits.thinRatio, 'times');
  }
}

/** Thick volumes are copied whole. */
async function benchmarkThick(lab: LabInUse, { rounds, thickMiB }: CopySizes, report: Report): Promise<void> {
  const server = await serverOn(lab, 'lvm-thick', { volumeGroup: 'vbs' });
  const durationsMs = thickMiB.map((): Record<'snapshot' | 'clone' | 'dd', number[]> => ({ snapshot: [], clone: [], dd: [] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, sizeMiB] of thickMiB.entries()) {
      const bytes = sizeMiB * MiB;
      const at = durationsMs[index];
      await withVolume(lab, server, bytes, sizeMiB, async () => {
        at?.snapshot.push(await timed(() => server.snapshot.make({ ...ids, bytes })));
        at?.clone.push(await timed(() => makeClone(server, bytes)));
        // Over what the clone has, so that the disk's own first writes count for none of them.
        const dd = `dd if=/dev/vbs/${ids.volumeId} of=/dev/vbs/${cloneId} bs=4M conv=fsync status=none`;
        at?.dd.push(await timed(() => lab.run(volumeServer, dd)));
      });
    }
  }
  const [small, large] = thickMiB;
  const rate = (deed: 'snapshot' | 'clone' | 'dd') => {
    const [fewMs, manyMs] = durationsMs.map((each) => distributionOf(each[deed]).median);
    return ((large - small) * MiB) / 1e6 / (((manyMs ?? 0) - (fewMs ?? 0)) / 1000);
  };
  report.line(
    `  Thick volumes of ${small} and ${large} MiB; the rate is that of the difference, without the commands before and after the copying:`,
  );
  report.table(
    ['', `${small} MiB, s`, `${large} MiB, s`, 'MB/s'],
    (
      [
        ['snapshot of a volume', 'snapshot'],
        ['volume of a snapshot', 'clone'],
        ['plain dd between two volumes', 'dd'],
      ] as const
    ).map(([title, deed]) => [title, ...durationsMs.map((each) => figure(distributionOf(each[deed]).median / 1000)), figure(rate(deed))]),
  );
  report.atLeast('of the rate of plain dd in a thick snapshot', rate('snapshot') / rate('dd'), limits.thickShare);
  report.atLeast('of the rate of plain dd in a thick clone', rate('clone') / rate('dd'), limits.thickShare);
}

/** A thick snapshot takes its time, of which the client is not kept waiting. */
async function benchmarkAnswer(lab: LabInUse, report: Report): Promise<void> {
  await withCleanup(async (cleanup) => {
    const portal = `${await lab.volumeServerAddress()}:3260`;
    const backends = {
      volumes: { driver: 'lvm-thick', settings: { volumeGroup: 'vbs' } },
      exports: { driver: 'tgt', settings: { portal } },
    };
    const service = await startQuietService(lab, backends);
    cleanup.add(service.stop);
    cleanup.add(() => untilWiped(lab));
    const client = clientOf(service);
    const volumeId = await client.createVolume();
    cleanup.add(() => client.deleteVolume(volumeId));
    const { snapshotId, answeredMs, completedMs } = await client.snapshot(volumeId);
    cleanup.add(() => client.deleteSnapshot(snapshotId));
    report.line(
      `  CreateSnapshot of a thick volume of 1 GiB was answered after ${figure(answeredMs)} ms, and completed after ${figure(completedMs)} ms.`,
    );
    report.target('thick snapshot: until the answer', answeredMs, limits.answerMs, 'ms');
  });
}

async function serverOn(lab: LabInUse, driver: string, settings: Readonly<Record<string, string>>): Promise<VolumeServer> {
  const pattern = shippedBackends.pattern('volume-server', driver);
  return volumeServerFromPattern(pattern, await contextOnLab(lab, volumeServer, pattern, settings));
}

/** As CreateVolume with a snapshot does it. */
async function makeClone(server: VolumeServer, bytes: number): Promise<void> {
  await server.volume.make({ volumeId: cloneId, bytes });
  await server.copy({ snapshotId: ids.snapshotId, volumeId: cloneId, bytes });
}

/** Makes a volume, writes to its beginning what is not zeros, which need not be copied, and takes it and all that came of it away after `work`. */
async function withVolume(
  lab: LabInUse,
  server: VolumeServer,
  bytes: number,
  writtenMiB: number,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await server.volume.make({ volumeId: ids.volumeId, bytes });
    await lab.run(
      volumeServer,
      `yes DATA | dd of=/dev/vbs/${ids.volumeId} bs=4M count=${writtenMiB / 4} iflag=fullblock oflag=direct conv=fsync status=none`,
    );
    await work();
  } finally {
    // All of it, which need not be wiped here.
    const ours =
      "lvs --reportformat basic --config log/report_command_log=0 --noheadings -o lv_full_name,lv_tags vbs | awk '$2 ~ /^vbs[.]/ { print $1 }'";
    await lab.run(volumeServer, `${ours} | xargs -r lvremove -qq -f -y`);
  }
}
