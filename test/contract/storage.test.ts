import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { briefStorageMemory } from '../../src/composition/storage-memory.ts';
import { prepareBackend, volumeServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { StorageMemory } from '../../src/drivers/command/storage.ts';
import type { VolumeServer } from '../../src/drivers/volume-server.ts';
import { type FakeVolumeGroup, fakeVolumeGroup } from '../support/fake-lvm.ts';
import { contextHere, shippedBackends, withStorage } from './shipped-backend.ts';

const MiB = 1024 ** 2;
const spec = { volumeId: 'vol-0123456789abcdef0', bytes: 8 * MiB };
const other = { volumeId: 'vol-0123456789abcdef1', bytes: 8 * MiB };
const snapshotSpec = { snapshotId: 'snap-0123456789abcdef0', ...spec };

let memory: StorageMemory;
beforeEach(() => {
  memory = briefStorageMemory(randomUUID);
});

/** No verb of a volume server concludes or changes anything. */
async function expectUnavailable(server: VolumeServer, message: RegExp): Promise<void> {
  const unavailable = { name: 'DriverError', kind: 'unavailable', message: expect.stringMatching(message) };
  for (const look of [server.volume.look(spec), server.snapshot.look(snapshotSpec)]) {
    expect((await look).value).toMatchObject({ state: 'unknown', reason: expect.stringMatching(message) });
  }
  const verbs: readonly (() => Promise<unknown>)[] = [
    () => server.volume.make(other),
    () => server.volume.unmake(spec),
    () => server.volume.list(),
    () => server.snapshot.make(snapshotSpec),
    () => server.snapshot.unmake(snapshotSpec),
    () => server.snapshot.list(),
    () => server.copy(snapshotSpec),
    () => server.freeBytes(),
    async () => server.grow?.(spec),
  ];
  for (const verb of verbs) await expect(verb()).rejects.toMatchObject(unavailable);
}

describe('a folder', () => {
  const pattern = shippedBackends.pattern('volume-server', 'file');
  let scratch = '';
  let folder = '';
  beforeEach(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'vbs-storage-'));
    folder = join(scratch, 'srv');
  });
  afterEach(() => rm(scratch, { recursive: true }));

  /** As a start of the service has it. */
  async function start(): Promise<VolumeServer> {
    const context = withStorage(pattern, contextHere(pattern, { stateFolder: folder }), memory);
    await prepareBackend(pattern, context).catch(() => undefined);
    return volumeServerFromPattern(pattern, context);
  }

  /** What is left under a mount point when its file system is not mounted. */
  async function unmount({ leaving = [] as readonly string[] } = {}): Promise<void> {
    await rename(folder, join(scratch, 'not-mounted'));
    for (const each of ['', ...leaving]) await mkdir(join(folder, each));
  }

  async function marks(): Promise<readonly string[]> {
    return (await readdir(folder, { recursive: true })).filter((name) => name.includes('vbs-storage-')).sort();
  }

  async function mount(): Promise<void> {
    await rm(folder, { recursive: true });
    await rename(join(scratch, 'not-mounted'), folder);
  }

  it('is marked once, when it is first used, and found again by every later start', async () => {
    await (await start()).volume.make(spec);
    const marked = await marks();
    expect(marked.map((mark) => mark.replace(/vbs-storage-[0-9a-f-]{36}$/, 'MARK'))).toEqual(['snapshots/MARK', 'volumes/MARK']);
    expect((await (await start()).volume.list()).value).toEqual([{ name: spec.volumeId }]);
    expect(await marks()).toEqual(marked);
  });

  it.each([
    ['is empty', []],
    ['has folders of an earlier time', ['volumes', 'snapshots']],
  ])(
    'that %s, for want of its file system, makes the server unavailable from its start on, and nothing is made in it',
    async (_, leaving) => {
      await (await start()).volume.make(spec);
      await unmount({ leaving });
      const server = await start();
      await expectUnavailable(server, /the folder \/.*srv on here .*Mount the file system.*vbs storage accept here/);
      expect((await readdir(folder, { recursive: true })).sort()).toEqual([...leaving].sort());
      await mount();
      expect((await server.volume.look(spec)).value.state).toBe('present');
    },
  );

  it('that is unmounted while the service runs reads as absent to no look, and the listing makes the server unavailable', async () => {
    const server = await start();
    await server.volume.make(spec);
    await unmount({ leaving: ['volumes', 'snapshots'] });
    expect((await server.volume.look(spec)).value).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('is its file system mounted?'),
    });
    expect((await server.snapshot.look(snapshotSpec)).value.state).toBe('unknown');
    await expect(server.volume.unmake(spec)).rejects.toMatchObject({ name: 'DriverError' });
    await expect(server.volume.make(other)).rejects.toMatchObject({ name: 'DriverError' });
    await expect(server.volume.list()).rejects.toMatchObject({ kind: 'unavailable' });
    await expectUnavailable(server, /the folder .*Mount the file system/);
    await mount();
    expect((await server.volume.list()).value).toEqual([{ name: spec.volumeId }]);
  });

  it('without a mark in which the database has volumes is marked when they are there, and not when none of them is', async () => {
    await (await start()).volume.make(spec);
    for (const mark of await marks()) await rm(join(folder, mark));
    const upgraded = () => ({ ...briefStorageMemory(randomUUID), expected: async () => [spec.volumeId] });
    memory = upgraded();
    await unmount({ leaving: ['volumes', 'snapshots'] });
    await expectUnavailable(await start(), /none of the 1 volumes and snapshots that the database has there \(vol-0123456789abcdef0\)/);
    expect((await readdir(folder)).sort()).toEqual(['snapshots', 'volumes']);
    await mount();
    memory = upgraded();
    expect((await (await start()).volume.look(spec)).value.state).toBe('present');
    expect(await memory.recall()).toMatchObject({ state: 'known' });
  });

  it.each(['volumes', 'snapshots'])('with the file system of its %s not mounted makes the server unavailable', async (part) => {
    const server = await start();
    await server.volume.make(spec);
    await rename(join(folder, part), join(scratch, part));
    await mkdir(join(folder, part));
    const look = part === 'volumes' ? server.volume.look(spec) : server.snapshot.look(snapshotSpec);
    expect((await look).value.state).toBe('unknown');
    await expect(server.volume.list()).rejects.toMatchObject({ kind: 'unavailable' });
    await expectUnavailable(await start(), /is without the mark of the one that is known here/);
    expect(await readdir(join(folder, part))).toEqual([]);
  });

  it('that was half marked by a start that died is marked by the next one', async () => {
    await mkdir(join(folder, 'volumes'), { recursive: true });
    await mkdir(join(folder, 'snapshots'));
    await writeFile(join(folder, 'volumes', 'vbs-storage-00000000-0000-0000-0000-000000000000'), '');
    await (await start()).volume.make(spec);
    expect(await marks()).toHaveLength(2);
    expect((await (await start()).volume.look(spec)).value.state).toBe('present');
  });

  it('of another service is named with both marks, and taken when the operator says so', async () => {
    await (await start()).volume.make(spec);
    const recalled = await memory.recall();
    const [mine] = recalled.state === 'known' ? [recalled.id] : [];
    await unmount();
    const theirs = withStorage(pattern, contextHere(pattern, { stateFolder: folder }), briefStorageMemory(randomUUID));
    const otherId = await theirs.storage?.id();
    await expectUnavailable(await start(), new RegExp(`${otherId} instead of the one that is known here, ${mine}`));
    memory = { ...memory, recall: async () => ({ state: 'accepting' }) };
    expect((await (await start()).volume.look(spec)).value.state).toBe('absent');
  });
});

describe.each(['lvm-thick', 'lvm-thin'])('the volume group of %s', (driver) => {
  const pattern = shippedBackends.pattern('volume-server', driver);
  let group: FakeVolumeGroup | undefined;
  beforeEach(() => {
    group = fakeVolumeGroup();
    group?.set('free', String(1024 * MiB));
  });
  afterEach(() => group?.remove());

  const mine = 'AAAAAA-0000-0000-0000-0000-0000-000001';
  const anew = 'BBBBBB-0000-0000-0000-0000-0000-000002';

  async function start(on: FakeVolumeGroup): Promise<VolumeServer> {
    const context = on.context(pattern, driver === 'lvm-thin' ? { pool: 'pool' } : {}, memory);
    await prepareBackend(pattern, context).catch(() => undefined);
    return volumeServerFromPattern(pattern, context);
  }

  it('that is another one of its name makes the server unavailable, naming both', async (test) => {
    if (group === undefined) return test.skip('a volume group of files can be made in /dev by root only');
    await (await start(group)).volume.make(spec);
    group.set('uuid', anew);
    const server = await start(group);
    await expectUnavailable(
      server,
      new RegExp(`vbs-fake.* on here is ${anew}.* instead of the one that is known here, ${mine}.*vbs storage accept here`),
    );
    expect(group.logicalVolumes()).toEqual([spec.volumeId]);
    group.set('uuid', mine);
    expect((await server.volume.look(spec)).value.state).toBe('present');
  });

  it('that is exchanged while the service runs loses nothing, and does not let a delete end as done', async (test) => {
    if (group === undefined) return test.skip('a volume group of files can be made in /dev by root only');
    const server = await start(group);
    await server.volume.make(spec);
    group.set('uuid', anew);
    await expect(server.volume.unmake(spec)).rejects.toMatchObject({
      message: expect.stringMatching(`is another one: ${anew}, and not ${mine}`),
    });
    await expect(server.volume.unmake(other)).rejects.toMatchObject({
      message: expect.stringMatching(`is another one: ${anew}, and not ${mine}`),
    });
    expect(group.logicalVolumes()).toEqual([spec.volumeId]);
    await expect(server.volume.list()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(server.volume.make(other)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
