import { closeSync, openSync, readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Site } from '../../src/blockstore/site.ts';
import { noticeRemains, wipeNext } from '../../src/blockstore/wipes.ts';
import type { BackendContext } from '../../src/drivers/command/command-runner.ts';
import { volumeServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { Remains, VolumeServer } from '../../src/drivers/volume-server.ts';
import { type FakeVolumeGroup, fakeVolumeGroup } from '../support/fake-lvm.ts';
import { Crash, mortalStore } from '../support/mortal-store.ts';
import { createStoreFixture, type StoreFixture } from '../support/store-fixture.ts';
import { contextHere, shippedBackends } from './shipped-backend.ts';

const MiB = 1024 ** 2;
const bytes = 64 * MiB;
const volumeId = 'vol-0123456789abcdef0';
const snapshotId = 'snap-0123456789abcdef0';
const pattern = shippedBackends.pattern('volume-server', 'lvm-thick');

let group: FakeVolumeGroup;
let server: VolumeServer;
let remains: Remains;
let context: BackendContext;
beforeEach((test) => {
  const found = fakeVolumeGroup();
  if (found === undefined) return test.skip('a volume group of files can be made in /dev by root only');
  group = found;
  group.set('free', String(1024 * MiB));
  context = group.context(pattern);
  server = volumeServerFromPattern(pattern, context);
  remains = server.remains as Remains;
});
afterEach(() => group?.remove());

const volume = { volumeId, bytes };
const snapshot = { snapshotId, volumeId, bytes };
const names = async () => (await remains.list()).value.map(({ name }) => name);

function write(name: string, text: string, offset: number): void {
  const file = openSync(group.path(name), 'r+');
  writeSync(file, text, offset);
  closeSync(file);
}

function read(name: string, offset: number, length: number): string {
  const file = openSync(group.path(name), 'r');
  const data = Buffer.alloc(length);
  readSync(file, data, 0, length, offset);
  closeSync(file);
  return data.toString('latin1').replaceAll('\0', '.');
}

const script = (...argv: string[]) =>
  context.host.run({ argv: [`${context.scriptsFolder}/lvm-thick`, ...argv], env: { LVM_SUPPRESS_FD_WARNINGS: '1' }, timeoutMs: 60_000 });

describe('a logical volume that is removed', () => {
  it('is put aside with all that it holds, and keeps its space until it is wiped and removed', async () => {
    await server.volume.make(volume);
    write(volumeId, 'FIRST', 0);
    write(volumeId, 'LAST', bytes - 4);
    const before = group.free();
    await server.volume.unmake(volume);
    expect((await server.volume.look(volume)).value).toEqual({ state: 'absent' });
    expect((await server.volume.list()).value).toEqual([]);
    const name = `del-${volumeId}`;
    expect(await names()).toEqual([name]);
    expect((await remains.look({ name })).value).toEqual({ state: 'present', facts: { was: volumeId, bytes } });
    expect(group.free()).toBe(before);

    await expect(remains.unmake({ name })).rejects.toMatchObject({
      kind: 'refused',
      retryable: false,
      message: expect.stringContaining('not zeros at 0'),
    });
    await remains.zero({ name, offset: 0, length: bytes / 2 });
    expect([read(name, 0, 5), read(name, bytes - 4, 4)]).toEqual(['.....', 'LAST']);
    await expect(remains.unmake({ name })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(`not zeros at ${bytes - 65_536}`),
    });
    // More than there is left, and once more.
    await remains.zero({ name, offset: bytes / 2, length: bytes });
    await remains.zero({ name, offset: bytes / 2, length: bytes });
    await remains.unmake({ name });
    await remains.unmake({ name });
    await remains.zero({ name, offset: 0, length: bytes });
    expect((await remains.look({ name })).value).toEqual({ state: 'absent' });
    expect(group.logicalVolumes()).toEqual([]);
    expect(group.free()).toBe(before + bytes);
  });

  it('is not wiped on the word of a disk that lies', async () => {
    await server.volume.make(volume);
    write(volumeId, 'FIRST', 0);
    await server.volume.unmake(volume);
    group.set('lies', 'yes');
    await expect(remains.zero({ name: `del-${volumeId}`, offset: 0, length: bytes })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('was zeroed, and is not zeros at 0'),
    });
    expect(await names()).toEqual([`del-${volumeId}`]);
  });

  it('is neither put aside nor removed while somebody has it open', async () => {
    await server.volume.make(volume);
    group.set('open', volumeId);
    await expect(server.volume.unmake(volume)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('in use') });
    group.unset('open');
    await server.volume.unmake(volume);
    group.set('open', `del-${volumeId}`);
    // To wipe it again would not help, so that it is no refusal for good.
    await expect(remains.unmake({ name: `del-${volumeId}` })).rejects.toMatchObject({ retryable: true });
    await expect(remains.zero({ name: `del-${volumeId}`, offset: 0, length: bytes })).rejects.toMatchObject({ kind: 'refused' });
    group.unset('open');
    await remains.unmake({ name: `del-${volumeId}` });
    expect(group.logicalVolumes()).toEqual([]);
  });

  it('waits beside another one of its name, and beside what an interrupted snapshot left', async () => {
    for (let made = 0; made < 2; made += 1) {
      await server.volume.make(volume);
      await server.volume.unmake(volume);
    }
    expect(await names()).toEqual([`del-${volumeId}`, `del-${volumeId}.2`]);
    expect((await remains.look({ name: `del-${volumeId}.2` })).value).toMatchObject({ state: 'present', facts: { was: volumeId } });

    await server.volume.make(volume);
    write(volumeId, 'DATA', 0);
    group.set('overflow', 'yes');
    await expect(server.snapshot.make(snapshot)).rejects.toMatchObject({ kind: 'refused' });
    expect((await server.snapshot.look(snapshot)).value.state).toBe('partial');
    group.unset('overflow');
    await server.snapshot.make(snapshot);
    expect((await server.snapshot.look(snapshot)).value.state).toBe('present');
    expect((await names()).filter((name) => name.includes('snap'))).toEqual([
      `del-new-${snapshotId}`,
      `del-tmp-${snapshotId}`,
      `del-tmp-${snapshotId}.2`,
    ]);
    expect((await remains.look({ name: `del-tmp-${snapshotId}.2` })).value).toMatchObject({ facts: { was: `tmp-${snapshotId}` } });
    for (const name of await names()) {
      await remains.zero({ name, offset: 0, length: bytes });
      await remains.unmake({ name });
    }
    expect(group.logicalVolumes()).toEqual([snapshotId, volumeId].sort());
    expect([read(snapshotId, 0, 4), read(volumeId, 0, 4)]).toEqual(['DATA', 'DATA']);
  });
});

it('never zeroes or removes what was not put aside, whoever asks', async () => {
  await server.volume.make(volume);
  write(volumeId, 'DATA', 0);
  for (const call of [
    ['zero', group.name, volumeId, '0', String(bytes)],
    ['remove', group.name, volumeId],
  ]) {
    expect(await script(...call)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('was not put aside') });
  }
  expect(read(volumeId, 0, 4)).toBe('DATA');
});

it('does not list what has the form of its names and bears no mark of ours', async () => {
  await server.volume.make(volume);
  await server.volume.unmake(volume);
  const state = `/dev/${group.name}.state/lv-del-${volumeId}`;
  writeFileSync(state, readFileSync(state, 'utf8').replace(/vbs\.volume=[^|]+/, ''));
  expect(await names()).toEqual([]);
  expect((await remains.look({ name: `del-${volumeId}` })).value).toEqual({ state: 'absent' });
});

it('is the only backend that leaves anything to be wiped', () => {
  for (const name of ['lvm-thin', 'file']) {
    const other = shippedBackends.pattern('volume-server', name);
    expect(other.remains).toBeUndefined();
    const settings = name === 'file' ? { stateFolder: '/nowhere' } : { volumeGroup: 'vbs', pool: 'pool' };
    expect(volumeServerFromPattern(other, contextHere(other, settings)).remains).toBeUndefined();
  }
});

describe('the wiping of a logical volume', () => {
  let fixture: StoreFixture;
  beforeEach(() => {
    fixture = createStoreFixture();
  });
  afterEach(() => fixture.close());

  const pieces = 4;
  const writesOfAWipe = ['beginWipe', ...Array.from({ length: pieces }, () => 'recordWiped'), 'finishWipe'];
  const deaths = writesOfAWipe.flatMap((write, index) =>
    (['before', 'after'] as const).map((moment) => [`${moment} its write ${index + 1}, ${write}`, { atWrite: index + 1, moment }] as const),
  );

  it.each(deaths)('goes on where it was after a service that died %s', async (_, death) => {
    const deletedId = await fixture.store.issueId('volume');
    const deleted = { volumeId: deletedId, bytes };
    const before = group.free();
    await server.volume.make(deleted);
    for (let piece = 0; piece < pieces; piece += 1) write(deletedId, 'SECRET', (piece * bytes) / pieces);
    await server.volume.unmake(deleted);

    const site = { volumeServers: new Map([['vs1', { volumes: server }]]) } as unknown as Site;
    const patience = { attempts: 3, backoffMs: 1, settleMs: 1_000 };
    const wipeAll = async (store: StoreFixture['store']) => {
      await noticeRemains({ store, site }, 'vs1');
      const dependencies = { store, site, clock: Date.now, sleep: async () => undefined, patience };
      while ((await wipeNext(dependencies, { volumeServer: 'vs1', pieceBytes: bytes / pieces })) !== undefined);
    };
    const mortal = mortalStore(fixture.store);
    mortal.expect(death);
    await expect(wipeAll(mortal.store)).rejects.toThrow(Crash);
    // Whatever the dead one had done: nothing of it is given out again with what the tenant had written.
    const left = group.logicalVolumes();
    if (left.length === 0) expect(death).toMatchObject({ atWrite: writesOfAWipe.length });
    else expect(group.free()).toBe(before - bytes);

    await wipeAll(fixture.reopen());
    expect(await fixture.store.wipes()).toEqual([]);
    expect(group.logicalVolumes()).toEqual([]);
    expect(group.free()).toBe(before);
  });
});
