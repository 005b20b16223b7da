import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { DriverError } from '../../../../src/drivers/driver-error.ts';
import { realisticLatencyMs } from '../../../../src/drivers/simulated/latency.ts';
import {
  createSimulatedWorld,
  type SimulatedWorld,
  type SimulatedWorldOptions,
} from '../../../../src/drivers/simulated/simulated-world.ts';
import type { DiskSpec } from '../../../../src/drivers/vmm.ts';

const bytes = 1024 ** 3;
const volumeId = 'vol-00000001';
const snapshotId = 'snap-00000001';
const target = 'iqn.2009-11.org.vbs:vol-00000001';
const path = `/dev/simulated/${volumeId}`;
const access = { target, initiatorName: 'iqn.2009-11.org.vbs:host', chapUser: 'att-00000001', chapSecret: 'sixteen-letters_' };
const portal = '192.0.2.10:3260';
const lun = 1;
const session = { volumeId, bytes, portal, lun, ...access };
const deviceDisk: DiskSpec = {
  domain: 'dom1',
  volumeId,
  device: '/dev/sdf',
  bytes,
  source: { kind: 'device', path: `/dev/disk/by-path/${target}` },
};
const exportDisk: DiskSpec = { ...deviceDisk, domain: 'dom2', source: { kind: 'export', portal, lun, ...access } };

function world(options: Partial<SimulatedWorldOptions> = {}): SimulatedWorld {
  return createSimulatedWorld({ clock: () => 0, sleep: async () => {}, latencyMs: () => 0, ...options });
}

async function exported(made = world()): Promise<SimulatedWorld> {
  await made.volumeServer.volume.make({ volumeId, bytes });
  await made.exportServer.export.make({ volumeId, target, path, bytes });
  await made.exportServer.access.make(access);
  return made;
}

async function attachedToDom1(made = world()): Promise<SimulatedWorld> {
  await exported(made);
  await made.initiator('vmm1').session.make(session);
  await made.vmm('vmm1').disk.make(deviceDisk);
  return made;
}

async function attachedToDom2(made = world()): Promise<SimulatedWorld> {
  await exported(made);
  await made.vmm('vmm2').disk.make(exportDisk);
  return made;
}

const refused = (message: string) => expect.objectContaining({ name: 'DriverError', message: expect.stringContaining(message) });

describe('the simulated world', () => {
  it('carries a volume to a VM on a host that takes devices, and back, leaving nothing', async () => {
    const made = await attachedToDom1();
    expect(made.inventory()).toEqual([
      `access ${target} ${access.initiatorName}`,
      `disk vmm1 dom1 ${volumeId}`,
      `export ${target}`,
      `session vmm1 ${target}`,
      `volume ${volumeId}`,
    ]);
    expect((await made.vmm('vmm1').disk.look(deviceDisk)).value).toEqual({ state: 'present', facts: {} });
    await made.vmm('vmm1').disk.unmake(deviceDisk);
    await made.initiator('vmm1').session.unmake(session);
    await made.exportServer.access.unmake(access);
    await made.exportServer.export.unmake({ volumeId, target, path, bytes });
    await made.volumeServer.volume.unmake({ volumeId, bytes });
    expect(made.inventory()).toEqual([]);
  });

  it('takes every verb a second time without another effect', async () => {
    const made = await attachedToDom1(await attachedToDom1());
    const inventory = made.inventory();
    expect(inventory).toHaveLength(5);
    for (let time = 0; time < 2; time += 1) {
      await made.vmm('vmm1').disk.unmake(deviceDisk);
      await made.initiator('vmm1').session.unmake(session);
    }
    expect(made.inventory()).toHaveLength(3);
  });

  it('reads the bytes that a VM wrote from a volume made of a snapshot, and not what was written after it', async () => {
    const made = await attachedToDom2();
    made.guest('dom2').write(volumeId, 4000, Buffer.from('recognisable'.repeat(100)));
    await made.volumeServer.snapshot.make({ snapshotId, volumeId, bytes });
    made.guest('dom2').write(volumeId, 4000, Buffer.from('later'));
    const clone = 'vol-00000002';
    await made.volumeServer.volume.make({ volumeId: clone, bytes: 2 * bytes });
    await made.volumeServer.copy({ snapshotId, volumeId: clone, bytes: 2 * bytes });
    const cloneTarget = `${target}-2`;
    await made.exportServer.export.make({ volumeId: clone, target: cloneTarget, path: `/dev/simulated/${clone}`, bytes: 2 * bytes });
    await made.exportServer.access.make({ ...access, target: cloneTarget });
    const source = { kind: 'export', portal, lun, ...access, target: cloneTarget } as const;
    await made.vmm('vmm2').disk.make({ domain: 'dom4', volumeId: clone, device: '/dev/sdf', bytes: 2 * bytes, source });
    expect(made.guest('dom4').read(clone, 4000, 1200).toString()).toBe('recognisable'.repeat(100));
    expect(made.guest('dom4').read(clone, 3999, 1)).toEqual(Buffer.from([0]));
    expect(made.guest('dom2').read(volumeId, 4000, 12).toString()).toBe('laternisable');
  });

  it('lets nobody log in without access, with another secret, or to a volume that is not exported', async () => {
    const made = await exported();
    const { session: sessions } = made.initiator('vmm1');
    await expect(sessions.make({ ...session, chapSecret: 'another_secret__' })).rejects.toEqual(refused('Authentication failure(513)'));
    await expect(sessions.make({ ...session, initiatorName: 'iqn.x:y' })).rejects.toEqual(refused('Target not found(515)'));
    await expect(sessions.make({ ...session, target: 'iqn.x:none' })).rejects.toEqual(refused('Target not found(515)'));
    const wrongSecret = { ...exportDisk, source: { kind: 'export', portal, lun, ...access, chapSecret: 'another_secret__' } } as const;
    await expect(made.vmm('vmm2').disk.make(wrongSecret)).rejects.toEqual(refused('Authentication failure(513)'));
    await expect(made.vmm('vmm1').disk.make(deviceDisk)).rejects.toEqual(refused('no such device'));
  });

  it('refuses to take away what is in use', async () => {
    const made = await attachedToDom1();
    await expect(made.volumeServer.volume.unmake({ volumeId, bytes })).rejects.toEqual(refused('exported'));
    await expect(made.exportServer.export.unmake({ volumeId, target, path, bytes })).rejects.toEqual(refused('still active'));
    await expect(made.initiator('vmm1').session.unmake(session)).rejects.toEqual(refused('in use by dom1'));
    const other = await attachedToDom2();
    await expect(other.exportServer.export.unmake({ volumeId, target, path, bytes })).rejects.toEqual(refused('vmm2/dom2'));
  });

  it('never puts another volume than the wanted one into a VM', async () => {
    const made = await exported();
    await expect(made.vmm('vmm2').disk.make({ ...exportDisk, volumeId: 'vol-00000009' })).rejects.toMatchObject({ kind: 'conflict' });
    await expect(made.vmm('vmm2').disk.make({ ...exportDisk, bytes: 2 * bytes })).rejects.toMatchObject({ kind: 'conflict' });
    expect(made.guest('dom2').disks()).toEqual([]);
  });

  it('makes nothing over what is different', async () => {
    const made = await attachedToDom1();
    const inventory = made.inventory();
    const conflict = { name: 'DriverError', kind: 'conflict' };
    await expect(made.volumeServer.volume.make({ volumeId, bytes: 2 * bytes })).rejects.toMatchObject(conflict);
    await expect(made.exportServer.export.make({ volumeId, target, path: '/elsewhere', bytes })).rejects.toMatchObject(conflict);
    await expect(made.exportServer.access.make({ ...access, chapUser: 'another' })).rejects.toMatchObject(conflict);
    await expect(made.initiator('vmm1').session.make({ ...session, bytes: 2 * bytes })).rejects.toMatchObject(conflict);
    await expect(made.vmm('vmm1').disk.make({ ...deviceDisk, bytes: 2 * bytes })).rejects.toMatchObject(conflict);
    await expect(made.volumeServer.volume.unmake({ volumeId, bytes: 2 * bytes })).rejects.toMatchObject(conflict);
    await expect(made.exportServer.export.unmake({ volumeId, target, path: '/elsewhere', bytes })).rejects.toMatchObject(conflict);
    await expect(made.exportServer.access.unmake({ ...access, chapUser: 'another' })).rejects.toMatchObject(conflict);
    await expect(made.initiator('vmm1').session.unmake({ ...session, bytes: 2 * bytes })).rejects.toMatchObject(conflict);
    await expect(made.vmm('vmm1').disk.unmake({ ...deviceDisk, bytes: 2 * bytes })).rejects.toMatchObject(conflict);
    expect(made.inventory()).toEqual(inventory);
  });

  it('takes away an access without its export before it says that there is none to give access to', async () => {
    const made = await exported();
    await made.exportServer.export.unmake({ volumeId, target, path, bytes });
    expect((await made.exportServer.access.look(access)).value.state).toBe('partial');
    await expect(made.exportServer.access.make(access)).rejects.toEqual(refused("can't find the target"));
    expect((await made.exportServer.access.look(access)).value.state).toBe('absent');
  });

  it('keeps a disk that the guest holds, and takes it away as soon as the guest lets go', async () => {
    const made = await attachedToDom2();
    made.guest('dom2').hold(volumeId);
    await expect(made.vmm('vmm2').disk.unmake(exportDisk)).rejects.toEqual(refused('still holds'));
    expect((await made.vmm('vmm2').disk.look(exportDisk)).value.state).toBe('present');
    made.guest('dom2').release(volumeId);
    expect((await made.vmm('vmm2').disk.look(exportDisk)).value.state).toBe('absent');
    await made.vmm('vmm2').disk.unmake(exportDisk);
  });

  it('finds no disk in a stopped VM and puts none into it', async () => {
    const made = await attachedToDom1();
    made.stopDomain('dom1');
    expect((await made.vmm('vmm1').disk.look(deviceDisk)).value.state).toBe('absent');
    await expect(made.vmm('vmm1').disk.make(deviceDisk)).rejects.toEqual(refused('does not run'));
    expect((await made.vmm('vmm1').domain('dom1')).value?.state).toBe('stopped');
    expect((await made.vmm('vmm1').domain('dom2')).value).toBeUndefined();
  });

  it('says unknown on a look at a host that does not answer, and unavailable on the other verbs', async () => {
    const made = await attachedToDom1();
    made.loseHost('vmm1');
    expect((await made.vmm('vmm1').disk.look(deviceDisk)).value.state).toBe('unknown');
    await expect(made.vmm('vmm1').disk.unmake(deviceDisk)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
    await expect(made.vmm('vmm1').disk.list()).rejects.toBeInstanceOf(DriverError);
    made.findHost('vmm1');
    expect((await made.vmm('vmm1').disk.list()).value).toEqual([{ name: `dom1:${volumeId}` }]);
  });

  it('fails the I/O of a VM while the export is lost, and serves it again once export and access are back', async () => {
    const made = await attachedToDom1();
    made.guest('dom1').write(volumeId, 0, Buffer.from('text'));
    made.loseExports();
    expect(() => made.guest('dom1').read(volumeId, 0, 4)).toThrow('I/O error');
    await exported(made);
    expect(made.guest('dom1').read(volumeId, 0, 4).toString()).toBe('text');
  });

  it('says how far a copy is, and that a snapshot whose copy was cut short is partial', async () => {
    let nowMs = 1_000;
    const waiting: (() => void)[] = [];
    const sleep = (ms: number) =>
      new Promise<void>((resolve) => {
        waiting.push(() => {
          nowMs += ms;
          resolve();
        });
      });
    const latencyMs = (verb: string) => (verb === 'snapshot.make' ? 4_000 : 0);
    const made = await exported(world({ clock: () => nowMs, sleep, latencyMs }));
    const spec = { snapshotId, volumeId, bytes };
    const making = made.volumeServer.snapshot.make(spec);
    nowMs += 1_000;
    expect((await made.volumeServer.progress(spec)).value).toBe(0.25);
    expect((await made.volumeServer.snapshot.look(spec)).value.state).toBe('partial');
    waiting.shift()?.();
    await making;
    expect((await made.volumeServer.snapshot.look(spec)).value.state).toBe('present');
    expect((await made.volumeServer.progress(spec)).value).toBeUndefined();
  });

  it('refuses what does not fit and says what is free', async () => {
    const made = world({ capacityBytes: 3 * bytes });
    await made.volumeServer.volume.make({ volumeId, bytes: 2 * bytes });
    expect((await made.volumeServer.freeBytes()).value).toBe(bytes);
    await expect(made.volumeServer.volume.make({ volumeId: 'vol-00000002', bytes: 2 * bytes })).rejects.toEqual(refused('insufficient'));
  });

  it('tells what it did without the secret', async () => {
    const made = await exported();
    const commands = await made.initiator('vmm1').session.make(session);
    expect(commands).toEqual([
      { host: 'vmm1', argv: ['simulated', 'session.make', target, volumeId], startedAtMs: 0, durationMs: 0, exitCode: 0, outputTail: '' },
    ]);
    expect(JSON.stringify(await made.exportServer.access.make(access))).not.toContain(access.chapSecret);
  });

  it('takes the time that each verb is given', async () => {
    const slept: number[] = [];
    const sleep = async (ms: number) => void slept.push(ms);
    await attachedToDom1(world({ sleep, latencyMs: (verb) => realisticLatencyMs[verb] }));
    expect(slept).toEqual([300, 200, 140, 600, 1_000]);
  });

  it('carries ten thousand volumes in little memory', async () => {
    const made = world();
    const before = process.memoryUsage().heapUsed;
    for (let number = 0; number < 10_000; number += 1) {
      await made.volumeServer.volume.make({ volumeId: `vol-${number}`, bytes });
    }
    expect((await made.volumeServer.volume.list()).value).toHaveLength(10_000);
    expect((process.memoryUsage().heapUsed - before) / 10_000).toBeLessThan(5_000);
  });
});

describe('the journal of the simulated world', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vbs-simulated-'));
  const journalFile = join(folder, 'world.jsonl');
  afterEach(() => rmSync(journalFile, { force: true }));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives the same world, contents included, to the next process', async () => {
    const first = await attachedToDom1(world({ journalFile }));
    first.guest('dom1').write(volumeId, 8190, Buffer.from('over a block border'));
    first.guest('dom1').hold(volumeId);
    first.close();
    const second = world({ journalFile });
    expect(second.inventory()).toEqual(first.inventory());
    expect(second.guest('dom1').read(volumeId, 8190, 19).toString()).toBe('over a block border');
    await expect(second.vmm('vmm1').disk.unmake(deviceDisk)).rejects.toEqual(refused('still holds'));
    second.close();
    expect(readFileSync(journalFile, 'utf8')).not.toContain(access.chapSecret);
  });

  it('forgets a last line that was cut off, and goes on behind the whole ones', async () => {
    const first = world({ journalFile });
    await first.volumeServer.volume.make({ volumeId, bytes });
    first.close();
    appendFileSync(journalFile, '{"change":"volume-ma');
    const second = world({ journalFile });
    await second.volumeServer.volume.make({ volumeId: 'vol-00000002', bytes });
    second.close();
    const third = world({ journalFile });
    expect(third.inventory()).toEqual(['volume vol-00000001', 'volume vol-00000002']);
    third.close();
  });

  it('refuses a file with a line that is no change, naming the line', () => {
    appendFileSync(journalFile, '{"change":"something-else"}\n');
    expect(() => world({ journalFile })).toThrow(`${journalFile}:1`);
  });
});
