import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { briefStorageMemory } from '../../src/composition/storage-memory.ts';
import type { BackendContext } from '../../src/drivers/command/command-runner.ts';
import { volumeServerFromPattern } from '../../src/drivers/command/driver-from-pattern.ts';
import type { VolumeServer } from '../../src/drivers/volume-server.ts';
import { shippedBackends, withStorage } from '../contract/shipped-backend.ts';
import { describeThing } from '../contract/thing-suite.ts';
import { contextOnLab } from './lab-backend.ts';
import { type LabInUse, openLab } from './lab-in-use.ts';

const MiB = 1024 ** 2;
const bytes = 128 * MiB;
const volumeId = 'vol-0123456789abcdef0';
const copyId = 'vol-0123456789abcdef1';
const snapshotId = 'snap-0123456789abcdef0';
const tenant = 'THE-TENANT-BEFORE';

let lab: LabInUse;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.stop();
});

describe.each([
  ['lvm-thick', { volumeGroup: 'vbs' }],
  ['lvm-thin', { volumeGroup: 'vbs', pool: 'pool' }],
])('%s', (driver, settings) => {
  let context: BackendContext;
  let server: VolumeServer;
  const volume = { volumeId, bytes };
  const snapshot = { snapshotId, volumeId, bytes };

  beforeAll(async () => {
    const pattern = await shippedBackends.pattern('volume-server', driver);
    context = await contextOnLab(lab, 'vs1', pattern, settings);
    server = volumeServerFromPattern(pattern, context);
  });

  const sh = async (script: string) => {
    const result = await context.host.run({ argv: ['sh', '-c', script], timeoutMs: 120_000 });
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    return result.stdout;
  };
  const write = (name: string, text: string, atMiB = 0) =>
    sh(`printf %s '${text}' | dd of=/dev/vbs/${name} bs=1M seek=${atMiB} conv=notrunc,fsync status=none`);
  const read = async (name: string, count: number, atMiB = 0) =>
    sh(`dd if=/dev/vbs/${name} bs=1M skip=${atMiB} count=1 iflag=direct status=none | head -c ${count} | tr '\\0' .`);

  const wipeAll = async () => {
    for (const { name } of (await server.remains?.list())?.value ?? []) {
      await server.remains?.zero({ name, offset: 0, length: 1024 ** 4 });
      await server.remains?.unmake({ name });
    }
  };
  afterEach(wipeAll);

  describeThing(`a volume by ${driver}`, {
    thing: () => server.volume,
    spec: () => volume,
    listedName: () => volumeId,
    checkFacts: (facts) => expect(facts).toEqual({ path: `/dev/vbs/${volumeId}`, bytes }),
    different: {
      'a volume of that name without our mark': async () => {
        await sh(`lvcreate -qq -y -Wy -L 4M -n ${volumeId} vbs`);
        return async () => {
          await sh(`lvremove -qq -y vbs/${volumeId}`);
        };
      },
      'a volume that is too small': async () => {
        await sh(`lvcreate -qq -y -Wy -L 4M --addtag vbs.volume=${volumeId} -n ${volumeId} vbs`);
        return async () => {
          await sh(`lvremove -qq -y vbs/${volumeId}`);
        };
      },
    },
    partial:
      driver === 'lvm-thick'
        ? {}
        : {
            'a copy that was interrupted': async () => {
              await sh(`lvcreate -qq -y -V 128M -T --addtag vbs.volume=${volumeId} -n new-${volumeId} vbs/pool`);
            },
          },
  });

  describe('a volume with contents', () => {
    beforeAll(async () => {
      await server.volume.make(volume);
      await write(volumeId, `${tenant} FIRST`);
      await write(volumeId, `${tenant} LAST`, 127);
      return async () => {
        await server.volume.unmake(volume);
      };
    });

    describeThing(`a snapshot by ${driver}`, {
      thing: () => server.snapshot,
      spec: () => snapshot,
      listedName: () => snapshotId,
      checkFacts: (facts) => expect(facts).toEqual({ path: `/dev/vbs/${snapshotId}`, bytes }),
      partial:
        driver === 'lvm-thick'
          ? {
              'a crash during its copy': async () => {
                await sh(`lvcreate -qq -y -s -l 100%ORIGIN --addtag vbs.temp=${snapshotId} -n tmp-${snapshotId} vbs/${volumeId}`);
                await sh(`lvcreate -qq -y -Wy -L 128M --addtag vbs.snapshot=${snapshotId} -n new-${snapshotId} vbs`);
              },
            }
          : {},
    });

    it('has a snapshot of one moment, and a larger copy of that with zeros behind', async () => {
      const copy = { snapshotId, volumeId: copyId, bytes: 192 * MiB };
      await server.snapshot.make(snapshot);
      await write(volumeId, `${tenant} LATER`);
      expect(await read(snapshotId, 24)).toBe('THE-TENANT-BEFORE FIRST.');
      await server.volume.make(copy);
      await server.copy(copy);
      await server.copy(copy);
      expect((await server.volume.look(copy)).value).toMatchObject({ state: 'present', facts: { bytes: 192 * MiB } });
      expect(await read(copyId, 24)).toBe('THE-TENANT-BEFORE FIRST.');
      expect(await read(copyId, 23, 127)).toBe('THE-TENANT-BEFORE LAST.');
      expect(await sh(`cmp -n $((64*1024*1024)) -i $((128*1024*1024)):0 /dev/vbs/${copyId} /dev/zero && echo zeros`)).toBe('zeros\n');
      const grown = { volumeId: copyId, bytes: 256 * MiB };
      await server.grow?.(grown);
      await server.grow?.(grown);
      expect((await server.volume.look(grown)).value).toMatchObject({ state: 'present', facts: { bytes: 256 * MiB } });
      expect(await read(copyId, 23, 127)).toBe('THE-TENANT-BEFORE LAST.');
      await server.volume.unmake(grown);
      await server.snapshot.unmake(snapshot);
    });

    it('is not removed while somebody has it open', async () => {
      const holder = context.host.run({
        argv: ['sh', '-c', `exec 3</dev/vbs/${volumeId}; echo held > /run/held; sleep 20`],
        timeoutMs: 60_000,
      });
      await expect.poll(async () => (await sh('cat /run/held 2>/dev/null || :')).trim(), { timeout: 30_000 }).toBe('held');
      await expect(server.volume.unmake(volume)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('in use') });
      expect((await server.volume.look(volume)).value.state).toBe('present');
      await sh('rm /run/held; pkill -x sleep || :');
      await holder;
    });
  });

  it('gives nobody what the tenant before had written', async () => {
    const free = (await server.freeBytes()).value ?? 0;
    // Of a whole pool, whose blocks are given out in turns. LVM gives out the first extents that are free, so that some of them are enough.
    const most = driver === 'lvm-thin' ? (free * 15) / 16 : Math.min(free, 1024 * MiB);
    const whole = { volumeId: copyId, bytes: Math.floor(most / (4 * MiB)) * 4 * MiB };
    await server.volume.make(whole);
    try {
      if (driver === 'lvm-thin') {
        // It has no block before somebody writes to a part of it.
        const touch =
          'open $d, "+<", shift; for (0 .. shift() / 65536 - 1) { sysseek $d, $_ * 65536 + 32768, 0; syswrite $d, "x" x 4096 or die $! }';
        const touched = await context.host.run({
          argv: ['perl', '-e', touch, `/dev/vbs/${copyId}`, String(whole.bytes)],
          timeoutMs: 600_000,
        });
        expect(touched, touched.stderr).toMatchObject({ exitCode: 0 });
      }
      const found = await context.host.run({
        // Zeros end lines: a volume of nothing else would be a line that no memory holds.
        argv: ['grep', '--text', '--null-data', '--fixed-strings', '--count', '--max-count=1', tenant, `/dev/vbs/${copyId}`],
        timeoutMs: 600_000,
      });
      expect(found, found.stderr).toMatchObject({ stdout: '0\n' });
    } finally {
      await server.volume.unmake(whole);
    }
  });

  it('is out of the way at once when it is removed, and frees its blocks once they are zeros', async () => {
    const { remains } = server;
    if (remains === undefined) return;
    const before = (await server.freeBytes()).value ?? 0;
    await server.volume.make(volume);
    await write(volumeId, `${tenant} FIRST`);
    await write(volumeId, `${tenant} LAST`, 127);
    await server.volume.unmake(volume);
    const name = `del-${volumeId}`;
    expect((await remains.look({ name })).value).toEqual({ state: 'present', facts: { was: volumeId, bytes } });
    expect(await read(name, 23, 127)).toBe('THE-TENANT-BEFORE LAST.');
    expect((await server.freeBytes()).value).toBe(before - bytes);
    await expect(remains.unmake({ name })).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('not zeros at 0') });
    await remains.zero({ name, offset: 0, length: bytes / 2 });
    expect(await read(name, 23)).toBe('.'.repeat(23));
    expect(await read(name, 23, 127)).toBe('THE-TENANT-BEFORE LAST.');
    await remains.zero({ name, offset: bytes / 2, length: bytes });
    await remains.unmake({ name });
    expect((await remains.list()).value).toEqual([]);
    expect((await server.freeBytes()).value).toBe(before);
  });

  it('is of this volume group, and not of another one of its name', async () => {
    const pattern = await shippedBackends.pattern('volume-server', driver);
    const memory = briefStorageMemory(randomUUID);
    const known = volumeServerFromPattern(pattern, withStorage(pattern, context, memory));
    await known.volume.make(volume);
    const [group = '', pool = ''] = (
      await sh('lvs --reportformat basic --config log/report_command_log=0 --noheadings --separator " " -o vg_uuid,lv_uuid vbs/pool')
    )
      .trim()
      .split(' ');
    const id = driver === 'lvm-thick' ? group : `${group}:${pool}`;
    expect(await memory.recall()).toEqual({ state: 'known', id });
    const other = id.replace(/^./, (letter) => (letter === 'a' ? 'b' : 'a'));
    await memory.remember(other);
    await expect(known.volume.list()).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(`${id} instead of .*${other}`),
    });
    // The scripts look by themselves, as when the group is exchanged while the service runs.
    const trusted = volumeServerFromPattern(pattern, { ...context, storage: { id: async () => other, check: async () => [] } });
    for (const volumeOrNone of [volume, { ...volume, volumeId: copyId }]) {
      await expect(trusted.volume.unmake(volumeOrNone)).rejects.toMatchObject({ message: expect.stringContaining('is another one') });
    }
    expect((await server.volume.look(volume)).value.state).toBe('present');
    await server.volume.unmake(volume);
  });

  it('says when there is no room, and leaves nothing', async () => {
    if (driver === 'lvm-thin') return;
    const before = (await server.volume.list()).value;
    await expect(server.volume.make({ volumeId, bytes: 1024 ** 4 })).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('insufficient free space'),
    });
    expect((await server.volume.list()).value).toEqual(before);
  });
});
