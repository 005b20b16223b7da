import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { volumeServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import { type EngineContext, ensureAbsent } from '../../src/drivers/engine.ts';
import type { VolumeServer } from '../../src/drivers/volume-server.ts';
import { type FakeVolumeGroup, fakeVolumeGroup } from '../support/fake-lvm.ts';
import { shippedBackends } from './shipped-backend.ts';

const volumeId = 'vol-0123456789abcdef0';
const volume = { volumeId, bytes: 4 * 1024 ** 2 };
let group: FakeVolumeGroup | undefined;
afterEach(() => group?.remove());

const context = (wait: (milliseconds: number) => Promise<void>): EngineContext => ({
  record: () => undefined,
  sleep: wait,
  attempts: 3,
  backoffMs: 200,
  settleMs: 1_000,
});

it.each([
  ['lvm-thick', {}],
  ['lvm-thin', { pool: 'pool' }],
])(
  'a volume by %s that udev has open for a moment is removed, and one that stays open is refused',
  { timeout: 60_000 },
  async (name, settings) => {
    group = fakeVolumeGroup();
    if (group === undefined) return;
    const volumes = group;
    const pattern = shippedBackends.pattern('volume-server', name);
    const server: VolumeServer = volumeServerFromPattern(pattern, volumes.context(pattern, settings));
    volumes.set('free', String(1024 ** 3));
    await server.volume.make(volume);
    volumes.set('open', volumeId);
    const staying = ensureAbsent(
      server.volume,
      volume,
      context(async () => undefined),
    );
    await expect(staying).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining(`${volumeId} is in use`) });
    expect((await server.volume.look(volume)).value.state).toBe('present');

    const passing = ensureAbsent(
      server.volume,
      volume,
      context(async (milliseconds) => void (await sleep(milliseconds))),
    );
    setTimeout(() => volumes.unset('open'), 1_200);
    expect(await passing).toEqual({ state: 'absent' });
  },
);
