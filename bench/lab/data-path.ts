import type { LabInUse } from '../../test/lab/lab-in-use.ts';
import { withCleanup } from '../support/cleanup.ts';
import { figure, type Report } from '../support/report.ts';
import type { Panel } from './bar-plot.ts';
import { type BonnieResult, readBonnieResult } from './bonnie-result.ts';
import { type Contender, contenders, guestDevice } from './contenders.ts';
import { type FioJob, readFioResult } from './fio-result.ts';
import { type GuestTools, openGuestTools } from './guest-tools.ts';

export interface DataPathSizes {
  readonly fioMiB: number;
  readonly fioSeconds: number;
  readonly bonnieMiB: number;
  readonly bonnieSeeks: number;
  /** In units of 1,024. */
  readonly bonnieFiles: number;
}

interface Measured {
  readonly contender: Contender;
  readonly fio: Readonly<Record<keyof typeof fioJobs, FioJob>>;
  readonly bonnie: BonnieResult;
}

interface Measure {
  readonly title: string;
  readonly unit: string;
  readonly value: (measured: Measured) => number | undefined;
}

/** Writing first, so that what is read was written. */
const fioJobs = {
  seqWrite: '--rw=write --bs=256k --iodepth=4',
  seqRead: '--rw=read --bs=256k --iodepth=4',
  randWrite: '--rw=randwrite --bs=4k --iodepth=16',
  randRead: '--rw=randread --bs=4k --iodepth=16',
} as const;

const fioMeasures: readonly Measure[] = [
  { title: 'fio: sequential write', unit: 'MB/s', value: ({ fio }) => fio.seqWrite.megabytesPerSecond },
  { title: 'fio: sequential read', unit: 'MB/s', value: ({ fio }) => fio.seqRead.megabytesPerSecond },
  { title: 'fio: random write', unit: 'IOPS', value: ({ fio }) => fio.randWrite.operationsPerSecond },
  { title: 'fio: random read', unit: 'IOPS', value: ({ fio }) => fio.randRead.operationsPerSecond },
];
const bonnieMeasures: readonly Measure[] = [
  { title: 'bonnie++: write', unit: 'MB/s', value: ({ bonnie }) => bonnie.writeMBps },
  { title: 'bonnie++: rewrite', unit: 'MB/s', value: ({ bonnie }) => bonnie.rewriteMBps },
  { title: 'bonnie++: read', unit: 'MB/s', value: ({ bonnie }) => bonnie.readMBps },
  { title: 'bonnie++: random seeks', unit: '1/s', value: ({ bonnie }) => bonnie.seeksPerSecond },
  { title: 'bonnie++: files created in order', unit: '1/s', value: ({ bonnie }) => bonnie.createdInOrderPerSecond },
  { title: 'bonnie++: files deleted in order', unit: '1/s', value: ({ bonnie }) => bonnie.deletedInOrderPerSecond },
  { title: 'bonnie++: files created at random', unit: '1/s', value: ({ bonnie }) => bonnie.createdAtRandomPerSecond },
  { title: 'bonnie++: files deleted at random', unit: '1/s', value: ({ bonnie }) => bonnie.deletedAtRandomPerSecond },
];

/**
 * What a disk does that the DomU was given in each way, one after the other. Answers what is to be drawn, and for each way that could not be measured
 * why not.
 */
export async function benchmarkDataPath(
  lab: LabInUse,
  sizes: DataPathSizes,
  report: Report,
  onProgress: (message: string) => void,
): Promise<{ readonly panels: readonly Panel[]; readonly failures: readonly string[] }> {
  report.heading('What a disk does in the DomU');
  const measured: Measured[] = [];
  const failures: string[] = [];
  await withCleanup(async (cleanup) => {
    const tools = await openGuestTools(lab, cleanup);
    for (const contender of contenders) {
      onProgress(`${contender.name}: giving the DomU its disk`);
      try {
        const takeAway = await contender.give(lab);
        onProgress(`${contender.name}: measuring`);
        try {
          measured.push({ contender, fio: await byFio(tools, sizes), bonnie: await byBonnie(tools, sizes) });
        } finally {
          await takeAway();
        }
      } catch (error) {
        failures.push(`${contender.name}: ${error instanceof Error ? error.message : String(error)}`);
        onProgress(failures.at(-1) ?? '');
      }
    }
  });
  report.line(
    `  fio with direct I/O on the disk itself, ${sizes.fioSeconds} s each: sequential in blocks of 256 KiB, 4 at a time, random in blocks of 4 KiB, 16 at a time, all within ${sizes.fioMiB} MiB.`,
  );
  reportMeasures(fioMeasures, measured, report);
  report.line(
    `  bonnie++ on ext4: a file of ${sizes.bonnieMiB} MiB, written and read with direct I/O, and ${sizes.bonnieFiles * 1024} empty files.`,
  );
  reportMeasures(bonnieMeasures, measured, report);
  const panels = [...fioMeasures, ...bonnieMeasures].map(({ title, unit, value }) => ({
    title,
    unit,
    bars: measured.map((each) => ({ name: each.contender.name, value: value(each), isOurs: each.contender.isOurs })),
  }));
  return { panels, failures };
}

function reportMeasures(measures: readonly Measure[], all: readonly Measured[], report: Report): void {
  const titles = measures.map(({ title, unit }) => `${title.replace(/^[^:]+: /, '')}, ${unit}`);
  const rows = all.map((measured) => [
    measured.contender.name,
    ...measures.map(({ value }) => {
      const found = value(measured);
      return found === undefined ? '-' : figure(found);
    }),
  ]);
  report.table(['', ...titles], rows);
}

async function byFio({ run }: GuestTools, { fioMiB, fioSeconds }: DataPathSizes): Promise<Measured['fio']> {
  const common = `--filename=/dev/${guestDevice} --size=${fioMiB}m --runtime=${fioSeconds} --time_based --direct=1 --ioengine=libaio --thread`;
  const jobs = Object.entries(fioJobs).map(([name, job]) => `--name=${name} --stonewall ${job}`);
  const output = await run(`fio --output-format=json --disk_util=0 --clat_percentiles=0 ${common} ${jobs.join(' ')}`);
  const results = readFioResult(output);
  const resultOf = (name: keyof typeof fioJobs) => {
    const found = results.find((result) => result.name === name);
    if (found === undefined) throw new Error(`fio tells nothing of ${name}`);
    return found;
  };
  return { seqWrite: resultOf('seqWrite'), seqRead: resultOf('seqRead'), randWrite: resultOf('randWrite'), randRead: resultOf('randRead') };
}

async function byBonnie({ shell, run, root }: GuestTools, { bonnieMiB, bonnieSeeks, bonnieFiles }: DataPathSizes): Promise<BonnieResult> {
  await run(`mkfs.ext4 -q -F -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 /dev/${guestDevice}`);
  await shell(`mount -t ext4 /dev/${guestDevice} ${root}/volume`);
  try {
    // It wants twice the memory that it is told of, which matters only to I/O by way of the page cache. Three processes seek.
    const sizes = `-s ${bonnieMiB}:256k:${bonnieSeeks}:3 -r ${bonnieMiB / 2} -n ${bonnieFiles}`;
    return readBonnieResult(await run(`bonnie++ -q -f -D -u root -d /volume ${sizes}`));
  } finally {
    await shell(`umount ${root}/volume`);
  }
}
