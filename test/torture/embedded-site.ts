import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
} from '@aws-sdk/client-ec2';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { dumpDatabase } from '../support/database-dump.ts';
import { instanceId, prepareRealService, type RealService } from '../support/real-service.ts';
import { findDisk } from '../support/tiny-vm.ts';
import type { TortureReport } from './torture-report.ts';

const patienceMs = 120_000;
/** The commands of this site take tens of milliseconds. */
const settings = { operations: { lateCommandMs: 500 } };
/** How much of the disk the next owner reads. */
const readBytes = 256 * 1024 ** 2;
const pattern = 'BYTES-OF-THE-FIRST-OWNER';

interface Site {
  readonly service: RealService;
  /** Of the test's own, beside that of the service: opened once, since to open one looks at all migrations. */
  readonly store: Store;
  readonly problems: string[];
  readonly secrets: Set<string>;
  readonly answers: string[];
  points: number;
  healed: number;
  volumeId: string;
  snapshotId: string;
}

/** One operation in a volume's life, in their order, each beginning where the one before it ended. */
interface Stage {
  readonly name: string;
  ask(site: Site): Promise<void>;
  /** Whether it is where it should end. */
  isOver(site: Site): Promise<boolean>;
  /** Whether nothing was begun, so that it is to be asked for again. */
  isUntouched(site: Site): Promise<boolean>;
  /** The kinds of things that there are then, sorted. */
  readonly things: readonly string[];
}

const stages: readonly Stage[] = [
  {
    name: 'create a volume',
    async ask(site) {
      const answer = await site.service.client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 }));
      keep(site, answer);
    },
    async isOver(site) {
      const [volume] = await volumes(site);
      site.volumeId = volume?.VolumeId ?? '';
      return volume?.State === 'available';
    },
    isUntouched: async (site) => (await volumes(site)).length === 0,
    things: ['file'],
  },
  {
    name: 'attach it',
    async ask(site) {
      keep(
        site,
        await site.service.client.send(new AttachVolumeCommand({ VolumeId: site.volumeId, InstanceId: instanceId, Device: '/dev/sdf' })),
      );
    },
    isOver: async (site) => (await volumes(site))[0]?.Attachments?.[0]?.State === 'attached',
    isUntouched: async (site) => (await volumes(site))[0]?.State === 'available',
    things: ['account', 'disk', 'file', 'target'],
  },
  {
    name: 'take a snapshot',
    async ask(site) {
      keep(site, await site.service.client.send(new CreateSnapshotCommand({ VolumeId: site.volumeId })));
    },
    async isOver(site) {
      const [snapshot] = await snapshots(site);
      site.snapshotId = snapshot?.SnapshotId ?? '';
      return snapshot?.State === 'completed';
    },
    isUntouched: async (site) => (await snapshots(site)).length === 0,
    things: ['account', 'disk', 'file', 'file', 'target'],
  },
  {
    name: 'detach it',
    async ask(site) {
      keep(site, await site.service.client.send(new DetachVolumeCommand({ VolumeId: site.volumeId })));
    },
    isOver: async (site) => (await volumes(site))[0]?.State === 'available',
    isUntouched: async (site) => (await volumes(site))[0]?.Attachments?.[0]?.State === 'attached',
    things: ['file', 'file'],
  },
  {
    name: 'delete the volume',
    async ask(site) {
      keep(site, await site.service.client.send(new DeleteVolumeCommand({ VolumeId: site.volumeId })));
    },
    isOver: async (site) => (await volumes(site)).length === 0,
    isUntouched: async (site) => (await volumes(site))[0]?.State === 'available',
    things: ['file'],
  },
  {
    name: 'delete the snapshot',
    async ask(site) {
      keep(site, await site.service.client.send(new DeleteSnapshotCommand({ SnapshotId: site.snapshotId })));
    },
    isOver: async (site) => (await snapshots(site)).length === 0 && (await openOperations(site)) === 0,
    isUntouched: async (site) => (await snapshots(site)).length === 1,
    things: [],
  },
];

/** The life of a volume on files, with a real tgtd and a real VM: once for each journal write, at which the service dies. */
export async function tortureEmbeddedSite(moments: readonly ('before' | 'after')[] = ['before', 'after']): Promise<TortureReport> {
  const service = await prepareRealService();
  const store = openSqliteStore({ file: join(service.stateFolder, 'vbs.db'), clock: Date.now, newUuid: () => '' });
  const site: Site = { service, store, problems: [], secrets: new Set(), answers: [], points: 0, healed: 0, volumeId: '', snapshotId: '' };
  const argv = sampleArguments();
  try {
    await service.start({}, settings);
    const writes = new Map<string, number>();
    for (const moment of moments) {
      const finished = new Set<string>();
      for (let write = 1; finished.size < stages.length; write += 1) {
        for (const stage of stages) {
          // The first write of a process is its claim of what earlier ones left.
          const didDie = finished.has(stage.name) ? await live(site, stage) : await dieAndHeal(site, stage, { write: write + 1, moment });
          if (!didDie) {
            finished.add(stage.name);
          } else if (!finished.has(stage.name)) {
            writes.set(stage.name, write);
          }
        }
        site.problems.push(...(await service.inventory()).map((line) => `left at the end of a life, write ${write}, ${moment}: ${line}`));
      }
    }
    const leftovers = (await service.inventory()).length;
    const foreignBytes = await readAsNextOwner(site);
    argv.stop();
    const places = {
      'arguments of processes': [...argv.seen].join('\n'),
      'the database and its journal': JSON.stringify(dumpDatabase(join(service.stateFolder, 'vbs.db'))),
      'the log': service.log(),
      answers: site.answers.join('\n'),
    };
    let occurrences = 0;
    for (const [place, text] of Object.entries(places)) {
      const found = [...site.secrets].filter((secret) => text.includes(secret)).length;
      occurrences += found;
      site.problems.push(...(found > 0 ? [`${found} secrets stand in ${place}`] : []));
    }
    return {
      problems: site.problems,
      figures: {
        'journal writes': [...writes].map(([name, count]) => `${name} ${count}`).join(', '),
        'crash points': site.points,
        healed: `${site.healed} (${((100 * site.healed) / site.points).toFixed(1)} %)`,
        'leftovers in the inventory (tgtd, QEMU, files)': leftovers,
        [`foreign bytes among the first ${readBytes / 1024 ** 2} MiB that the next owner reads`]: foreignBytes,
        'secrets drawn': site.secrets.size,
        'occurrences of secrets': occurrences,
      },
    };
  } finally {
    argv.stop();
    store.close();
    await service.stop();
  }
}

/** Asks for the stage in a process that is to die, and lets the next process heal. `false` when it came to its end before the fatal write. */
async function dieAndHeal(site: Site, stage: Stage, crash: { readonly write: number; readonly moment: string }): Promise<boolean> {
  const { service, problems } = site;
  // Nothing is under way, so that this is as good as any other end, and quicker.
  await service.kill();
  await service.start({}, { ...settings, faults: { crash } });
  const ended = service.ended();
  await stage.ask(site).catch(() => undefined);
  let isDead = false;
  void ended.then(() => {
    isDead = true;
  });
  await until(
    `${stage.name} neither ends nor dies`,
    async () => isDead || ((await stage.isOver(site).catch(() => false)) && (await isQuiet(site))),
  );
  // What is shown as over may be shown by a process that dies in the next moment.
  await new Promise((resolve) => setTimeout(resolve, 100));
  if (!isDead) {
    // It still waits for its fatal write, which is not to be that of another stage.
    await service.kill();
    await service.start({}, settings);
    await expectThings(site, stage, `${stage.name}, without a crash`);
    return false;
  }
  const where = `${stage.name}, died ${crash.moment} write ${crash.write - 1}`;
  site.points += 1;
  const before = problems.length;
  await service.start({}, settings);
  await until(`${where}: operations do not end`, () => isQuiet(site));
  if (await stage.isUntouched(site)) {
    await stage.ask(site);
  }
  await until(`${where}: it does not come to its end`, () => stage.isOver(site)).catch((cause: unknown) => {
    problems.push(String(cause));
  });
  await until(`${where}: operations do not end`, () => isQuiet(site));
  await expectThings(site, stage, where);
  site.healed += problems.length === before ? 1 : 0;
  console.error(`  ${site.healed} of ${site.points} healed: ${where}`);
  return true;
}

async function live(site: Site, stage: Stage): Promise<true> {
  await stage.ask(site);
  await until(`${stage.name} does not end`, () => stage.isOver(site));
  return true;
}

async function expectThings(site: Site, stage: Stage, where: string): Promise<void> {
  await keepSecrets(site);
  let inventory: readonly string[] = [];
  // The guest's kernel needs a moment to see what its machine has.
  const isAsItShould = async (): Promise<boolean> => {
    inventory = await site.service.inventory();
    return JSON.stringify(inventory.map((line) => line.split(' ')[0])) === JSON.stringify(stage.things);
  };
  const isSo = await until(where, isAsItShould).then(
    () => true,
    () => false,
  );
  if (!isSo) {
    site.problems.push(`${where}: there are ${inventory.join('; ')}, and should be ${stage.things.join('; ')}`);
  }
}

/** A volume is written to, deleted, and another one is made in its place: how many bytes of it are not zero. */
async function readAsNextOwner(site: Site): Promise<number> {
  const { service } = site;
  const run = async (command: string): Promise<string> => {
    const { exitCode, output } = await service.vm.run(`${findDisk(site.volumeId.replace('-', ''))}; ${command}`, patienceMs * 5);
    if (exitCode !== 0) {
      throw new Error(`in the VM: ${output}`);
    }
    return output;
  };
  const [create, attach, , detach, remove] = stages;
  const all = [create, attach, detach, remove].filter((stage) => stage !== undefined);
  const [made, attached, ...away] = all;
  if (made === undefined || attached === undefined) {
    throw new Error('a life without stages');
  }
  await live(site, made);
  await live(site, attached);
  await run(`yes ${pattern} | dd of=/dev/$disk bs=64k count=1024 conv=fsync 2>/dev/null`);
  for (const stage of away) {
    await live(site, stage);
  }
  await live(site, made);
  await live(site, attached);
  const output = await run(`head -c ${readBytes} /dev/$disk | tr -d '\\000' | wc -c`);
  for (const stage of away) {
    await live(site, stage);
  }
  const foreignBytes = Number(output.trim());
  if (foreignBytes !== 0) {
    site.problems.push(`the next owner read ${output.trim()} foreign bytes`);
  }
  return foreignBytes;
}

async function volumes({ service }: Site) {
  return (await service.client.send(new DescribeVolumesCommand({}))).Volumes ?? [];
}

async function snapshots({ service }: Site) {
  return (await service.client.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots ?? [];
}

async function openOperations({ store }: Site): Promise<number> {
  return (await store.operations({ states: ['running', 'undoing', 'stuck'], limit: 10 })).length;
}

async function isQuiet(site: Site): Promise<boolean> {
  return (await openOperations(site)) === 0;
}

/** The secret of the attachment that there is; it is taken out of the database when that is over. */
async function keepSecrets({ store, secrets }: Site): Promise<void> {
  for (const { chapSecret } of await store.liveAttachments()) {
    secrets.add(chapSecret);
  }
}

function keep(site: Site, answer: unknown): void {
  site.answers.push(JSON.stringify(answer));
}

/** Until then a process that was forked has its own program, and its arguments with it. */
const readsOfAProcess = 50;

/** The arguments of every process that runs on this machine meanwhile, as far as reading them again and again can tell. */
function sampleArguments(): { readonly seen: ReadonlySet<string>; stop(): void } {
  const seen = new Set<string>();
  let reads = new Map<string, number>();
  const timer = setInterval(() => {
    const readNow = new Map<string, number>();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      // To read those of hundreds of old processes a hundred times a second would keep a processor from what is tested.
      const count = (reads.get(pid) ?? 0) + 1;
      readNow.set(pid, count);
      if (count > readsOfAProcess) {
        continue;
      }
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      } catch {
        // The process ended between the two reads.
      }
    }
    reads = readNow;
  }, 10);
  return { seen, stop: () => clearInterval(timer) };
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + patienceMs;
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) {
      throw new Error(what);
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
