import { posix } from 'node:path';
import type { Host, HostCommand } from '../command/host.ts';
import { DriverError } from '../driver-error.ts';
import type { VolumeServer } from '../volume-server.ts';
import { Broken, type Check, checkThing, createTrial, type Trial } from './check-thing.ts';

export interface CheckedVolumeServer {
  readonly server: VolumeServer;
  /** Where the volumes are: what they hold is written and compared there. */
  readonly host: Host;
  /** Ids that no volume or snapshot has. */
  readonly volumeId: string;
  readonly copyId: string;
  readonly snapshotId: string;
  /** A multiple of 1 MiB. */
  readonly bytes: number;
  /** How long what was made or removed may take to show. */
  readonly settleMs: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const MiB = 1024 ** 2;
const dataTimeoutMs = 600_000;

/** Holds a volume server to its contract: volume, snapshot, copy and growth, with what they hold. */
export async function checkVolumeServer(checked: CheckedVolumeServer): Promise<readonly Check[]> {
  const { server, volumeId, snapshotId, copyId, bytes, settleMs, sleep } = checked;
  const volume = { volumeId, bytes };
  const checks = await checkThing(
    { subject: 'volume', thing: server.volume, spec: volume, listedName: volumeId, settleMs, sleep },
    async ({ path }) => {
      const contents = await checkContents(checked, path);
      const snapshots = await checkThing(
        { subject: 'snapshot', thing: server.snapshot, spec: { snapshotId, volumeId, bytes }, listedName: snapshotId, settleMs, sleep },
        async (snapshot) => {
          const copies = await checkCopy(checked, { path, snapshotPath: snapshot.path });
          return [...copies, ...(await checkGrowth(checked, copyId, copies))];
        },
      );
      return [...contents, ...snapshots];
    },
  );
  return [...checks, ...(await checkRemains(checked))];
}

/** Also takes away what the other checks have left to be wiped. */
async function checkRemains({ server: { remains }, volumeId, copyId, snapshotId, bytes }: CheckedVolumeServer): Promise<readonly Check[]> {
  if (remains === undefined) return [];
  const trial = createTrial('remains', []);
  await trial.always('are zeroed piece by piece, and are gone once they were removed, as often as they are asked to go', async () => {
    const ids = [volumeId, copyId, snapshotId];
    let found = 0;
    for (const { name } of await trial.answer(remains.list())) {
      const look = await trial.answer(remains.look({ name }));
      if (look.state !== 'present' || !ids.some((id) => look.facts.was.includes(id))) continue;
      found += 1;
      for (let offset = 0; offset < look.facts.bytes; offset += bytes) {
        trial.note(await remains.zero({ name, offset, length: bytes }));
      }
      trial.note(await remains.unmake({ name }));
      trial.note(await remains.unmake({ name }));
      const after = await trial.answer(remains.look({ name }));
      if (after.state !== 'absent') throw new Broken(`look says ${after.state} of ${name}, which was removed`);
    }
    if (found === 0) throw new Broken('nothing of what was removed is listed');
  });
  return trial.checks;
}

async function checkContents({ host, bytes }: CheckedVolumeServer, path: string): Promise<readonly Check[]> {
  const trial = createTrial('contents', []);
  await trial.holds('of a new volume are zeros', () => same(trial, host, path, '/dev/zero', bytes));
  await trial.holds('may be written at the first and at the last byte', async () => {
    await write(trial, host, path, 0);
    await write(trial, host, path, bytes / MiB - 1);
  });
  return trial.checks;
}

async function checkCopy(
  { server, host, volumeId, snapshotId, copyId, bytes }: CheckedVolumeServer,
  { path, snapshotPath }: { readonly path: string; readonly snapshotPath: string },
): Promise<readonly Check[]> {
  const trial = createTrial('copy', []);
  const spec = { snapshotId, volumeId: copyId, bytes: bytes * 2 };
  await trial.holds('begins with a snapshot that holds what the volume held', () => same(trial, host, path, snapshotPath, bytes));
  await trial.holds('fills a larger volume with the snapshot and with zeros behind it, also the second time', async () => {
    trial.note(await server.volume.make({ volumeId: copyId, bytes: bytes * 2 }));
    trial.note(await server.copy(spec));
    trial.note(await server.copy(spec));
    const found = await trial.answer(server.volume.look({ volumeId: copyId, bytes: bytes * 2 }));
    if (found.state !== 'present') throw new Broken(`look says ${found.state} of the volume that was filled`);
    await same(trial, host, found.facts.path, snapshotPath, bytes);
    await same(trial, host, found.facts.path, '/dev/zero', bytes, bytes);
  });
  await trial.holds('leaves the snapshot as it was when the copy is written to', async () => {
    const found = await trial.answer(server.volume.look({ volumeId: copyId, bytes: bytes * 2 }));
    if (found.state !== 'present') throw new Broken(`look says ${found.state} of the volume that was filled`);
    await write(trial, host, found.facts.path, 1);
    await same(trial, host, path, snapshotPath, bytes);
  });
  await trial.holds('tells how much of it is done, or that this is not known', async () => {
    const done = await trial.answer(server.progress({ snapshotId, volumeId, bytes }));
    if (done !== undefined && (done < 0 || done > 1)) throw new Broken(`it says ${done}, which is not from 0 to 1`);
  });
  return trial.checks;
}

async function checkGrowth(
  { server, host, bytes }: CheckedVolumeServer,
  volumeId: string,
  before: readonly Check[],
): Promise<readonly Check[]> {
  const trial = createTrial('growth', []);
  const { grow } = server;
  const isFilled = before.every(({ outcome }) => outcome !== 'failed');
  const skipped =
    grow === undefined
      ? trial.skip('makes a volume larger', 'the backend has no "grow"')
      : isFilled
        ? []
        : trial.skip('makes a volume larger, with zeros behind what it holds');
  const larger = { volumeId, bytes: bytes * 3 };
  if (grow !== undefined && isFilled) {
    await trial.holds('makes a volume larger, with zeros behind what it holds, also the second time', async () => {
      trial.note(await grow(larger));
      trial.note(await grow(larger));
      const found = await trial.answer(server.volume.look(larger));
      if (found.state !== 'present') throw new Broken(`look says ${found.state} of the grown volume`);
      if (found.facts.bytes < larger.bytes) throw new Broken(`it has ${found.facts.bytes} bytes and not ${larger.bytes}`);
      await same(trial, host, found.facts.path, '/dev/zero', bytes, bytes * 2);
    });
  }
  await trial.always('is taken away again', async () => {
    trial.note(await server.volume.unmake({ volumeId, bytes: 0 }));
    const found = await trial.answer(server.volume.look({ volumeId, bytes: 0 }));
    if (found.state !== 'absent') throw new Broken(`look says ${found.state} of what was removed`);
  });
  return [...skipped, ...trial.checks];
}

/** One MiB of noise. */
async function write(trial: Trial, host: Host, path: string, atMiB: number): Promise<void> {
  await run(trial, host, ['dd', 'if=/dev/urandom', `of=${path}`, 'bs=1M', 'count=1', `seek=${atMiB}`, 'conv=notrunc,fsync', 'status=none']);
}

async function same(trial: Trial, host: Host, path: string, other: string, bytes: number, skip = 0): Promise<void> {
  const skipped = skip === 0 ? [] : [`--ignore-initial=${skip}:0`];
  await run(trial, host, ['cmp', ...skipped, `--bytes=${bytes}`, '--', path, other]);
}

async function run(trial: Trial, host: Host, argv: HostCommand['argv']): Promise<void> {
  const { exitCode, stdout, stderr, startedAtMs, durationMs } = await host.run({ argv, timeoutMs: dataTimeoutMs });
  const outputTail = (stdout + stderr).trim();
  trial.note([{ host: host.name, argv, startedAtMs, durationMs, ...(exitCode === undefined ? {} : { exitCode }), outputTail }]);
  if (exitCode === undefined) throw new DriverError('unknown', `${posix.basename(argv[0] ?? '')} on ${host.name} did not end`);
  if (exitCode !== 0) throw new Broken(outputTail === '' ? `${argv.join(' ')} exited with ${exitCode}` : outputTail);
}
