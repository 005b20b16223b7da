import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { volumeServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { VolumeServer } from '../../src/drivers/volume-server.ts';
import { type FakeVolumeGroup, fakeVolumeGroup } from '../support/fake-lvm.ts';
import { shippedBackends } from './shipped-backend.ts';

const bytes = 4 * 1024 ** 2;
const volumeId = 'vol-0123456789abcdef0';
const snapshotId = 'snap-0123456789abcdef0';
const volume = { volumeId, bytes };
const snapshot = { snapshotId, volumeId, bytes };

let group: FakeVolumeGroup | undefined;
beforeAll(() => {
  group = fakeVolumeGroup();
});
afterAll(() => group?.remove());

describe.each([
  ['lvm-thick', {}],
  ['lvm-thin', { pool: 'pool' }],
])('%s, where lvm.conf wants reports', (driver, settings) => {
  let server: VolumeServer;
  const here = () => {
    if (group === undefined) throw new Error('these tests run as root, for the volume group is in /dev');
    return group;
  };
  const names = () => here().logicalVolumes();
  beforeAll(() => {
    const pattern = shippedBackends.pattern('volume-server', driver);
    server = volumeServerFromPattern(pattern, here().context(pattern, settings));
    here().set('free', String(1024 ** 3));
  });
  afterEach(async () => {
    here().unset('form');
    for (const { name } of (await server.remains?.list())?.value ?? []) {
      await server.remains?.zero({ name, offset: 0, length: bytes });
      await server.remains?.unmake({ name });
    }
  });

  it.each([
    ['in JSON', 'json'],
    ['with a log of the commands behind each', 'log'],
  ])('%s: finds, lists, fills and removes all the same', async (_, form) => {
    await server.volume.make(volume);
    here().set('form', form);
    expect((await server.volume.look(volume)).value).toMatchObject({ state: 'present', facts: { bytes } });
    expect((await server.volume.list()).value).toEqual([{ name: volumeId }]);
    expect((await server.freeBytes()).value).toBeGreaterThan(0);
    await server.snapshot.make(snapshot);
    expect((await server.snapshot.look(snapshot)).value).toMatchObject({ state: 'present' });
    await server.snapshot.unmake(snapshot);
    await server.volume.unmake(volume);
    expect((await server.volume.look(volume)).value).toEqual({ state: 'absent' });
    expect(names().filter((name) => !name.startsWith('del-'))).toEqual([]);
  });
});
