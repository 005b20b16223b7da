import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeInstancesCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/drivers/command/clock.ts';
import { connectMonitor } from '../../src/drivers/qemu/monitor-socket.ts';
import { withQmp } from '../../src/drivers/qemu/qmp-client.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { instanceId, prepareRealService, type RealService } from '../support/real-service.ts';
import { findDisk, tinyVmStartTimeoutMs } from '../support/tiny-vm.ts';

const zone = 'us-east-1a';
const patience = { timeout: 90_000, interval: 50 };
/** What the VM writes: a text that is recognised, over a region that is more than one block. */
const writePattern = `seq 1 20000 | sed 's/^/written by the VM, line /' > /pattern; dd if=/pattern of=/dev/$disk bs=64k conv=fsync 2>/dev/null; wc -c < /pattern; md5sum < /pattern`;

describe('the whole way, with a real tgtd and a real VM', () => {
  let service: RealService;

  beforeAll(async () => {
    service = await prepareRealService();
    await service.start();
  }, tinyVmStartTimeoutMs);
  afterAll(() => service.stop());

  const describeVolume = async (volumeId: string): Promise<Volume> => {
    const { Volumes: [volume] = [] } = await service.client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
    return volume ?? {};
  };
  const until = (volumeId: string, state: string, attachment?: string) =>
    vi.waitFor(async () => {
      const volume = await describeVolume(volumeId);
      expect([volume.State, volume.Attachments?.[0]?.State]).toEqual([state, attachment]);
    }, patience);
  const createVolume = async (from?: string): Promise<string> => {
    const source = from === undefined ? { Size: 1 } : { SnapshotId: from };
    const { VolumeId = '' } = await service.client.send(new CreateVolumeCommand({ AvailabilityZone: zone, ...source }));
    await until(VolumeId, 'available');
    return VolumeId;
  };
  const attach = (volumeId: string, device = '/dev/sdf', to = instanceId) =>
    service.client.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: to, Device: device }));
  const detach = (volumeId: string) => service.client.send(new DetachVolumeCommand({ VolumeId: volumeId }));
  const deleteVolume = async (volumeId: string) => {
    await service.client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
    await vi.waitFor(async () => {
      await expect(describeVolume(volumeId)).rejects.toThrow(/does not exist/);
    }, patience);
  };
  const inVm = async (volumeId: string, command: string): Promise<string> => {
    const { exitCode, output } = await service.vm.run(`${findDisk(volumeId.replace('-', ''))}; ${command}`);
    expect(exitCode, output).toBe(0);
    return output;
  };
  /** What tgtd tells of a volume's target, without who is logged in at the moment. */
  const exportOf = async (volumeId: string): Promise<string> => {
    const targets = (await service.tgtadm('--op', 'show', '--mode', 'target')).split(/^(?=Target )/m);
    const target = targets.find((text) => text.includes(`:${volumeId}`)) ?? '';
    return target.replace(/I_T nexus information:[\s\S]*?(?= {4}LUN information)/, '').replace(/^Target \d+/, 'Target');
  };
  const tellQemu = async (command: string) => {
    const socket = await connectMonitor(service.vm.qmpSocket);
    if (socket === undefined) {
      throw new Error('the VM does not run');
    }
    await withQmp(socket, { host: 'here', clock: systemClock, timeoutMs: 5_000, record: () => {} }, (qmp) => qmp.execute(command));
  };

  afterEach(async () => {
    expect(await service.inventory()).toEqual([]);
  });

  it('carries what a VM writes through a snapshot into another volume', async () => {
    const original = await createVolume();
    expect((await attach(original)).State).toBe('attaching');
    await until(original, 'in-use', 'attached');
    const { Reservations: [reservation] = [] } = await service.client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }));
    expect(reservation?.Instances?.[0]?.BlockDeviceMappings?.[0]).toMatchObject({ DeviceName: '/dev/sdf', Ebs: { VolumeId: original } });
    expect(await inVm(original, 'cat /sys/block/$disk/size')).toMatch(/\b2097152\b/);
    const written = await inVm(original, writePattern);

    const { SnapshotId: snapshotId = '' } = await service.client.send(new CreateSnapshotCommand({ VolumeId: original }));
    await vi.waitFor(async () => {
      const { Snapshots: [snapshot] = [] } = await service.client.send(new DescribeSnapshotsCommand({ SnapshotIds: [snapshotId] }));
      expect(snapshot).toMatchObject({ State: 'completed', Progress: '100%' });
    }, patience);
    await detach(original);
    await until(original, 'available');

    const copy = await createVolume(snapshotId);
    // The paper's direct form, which needs no cloud.
    await attach(copy, '/dev/sdg', 'here/tiny');
    await until(copy, 'in-use', 'attached');
    const read = await inVm(copy, 'n=$(wc -c < /pattern); echo $n; head -c $n /dev/$disk | md5sum; head -n 1 /dev/$disk');
    const [bytes, sum] = written.trim().split(/\s+/);
    expect(read).toContain(`${bytes}`);
    expect(read).toContain(`${sum}`);
    expect(read).toContain('written by the VM, line 1');

    await detach(copy);
    await until(copy, 'available');
    await deleteVolume(copy);
    await deleteVolume(original);
    await service.client.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }));
    await vi.waitFor(async () => expect(await service.inventory()).toEqual([]), patience);
  });

  it('shows a CHAP secret to nobody: not in the arguments of a process, the journal, the log or an answer', async () => {
    const volumeId = await createVolume();
    const seen = new Set<string>();
    const readArguments = () => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
          seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        } catch {
          // The process ended between the two reads.
        }
      }
    };
    const sampler = setInterval(readArguments, 2);
    await attach(volumeId);
    await until(volumeId, 'in-use', 'attached');
    clearInterval(sampler);

    const store = openSqliteStore({ file: join(service.stateFolder, 'vbs.db'), clock: Date.now, newUuid: () => '' });
    const [plan] = await store.liveAttachments();
    store.close();
    const secret = plan?.chapSecret ?? '';
    expect(secret).toMatch(/^[\w-]{16}$/);
    const journal = await service.vbs('operations', 'list', '--json', '--resource', volumeId);
    const [operation] = JSON.parse(journal) as { id: string }[];
    const shown = await service.vbs('operations', 'show', operation?.id ?? '', '--json');
    expect(shown).toContain('tgt-account');
    const answers = JSON.stringify(await describeVolume(volumeId));
    for (const place of [...seen, journal, shown, answers, service.log()]) {
      expect(place).not.toContain(secret);
    }
    expect([...seen].join('\n')).toContain('tgtd');

    await detach(volumeId);
    await until(volumeId, 'available');
    await deleteVolume(volumeId);
  });

  it('leaves the disk in a VM that does not let go of it, says so, and goes on when asked again', async () => {
    const volumeId = await createVolume();
    await attach(volumeId);
    await until(volumeId, 'in-use', 'attached');
    await inVm(volumeId, 'true');
    await tellQemu('stop');
    await detach(volumeId);
    await until(volumeId, 'in-use', 'busy');
    expect(await service.tgtadm('--op', 'show', '--mode', 'target')).toContain(volumeId);
    const [operation] = JSON.parse(await service.vbs('operations', 'list', '--json', '--resource', volumeId)) as {
      state: string;
      failure: string;
    }[];
    expect(operation).toMatchObject({ state: 'halted', failure: expect.stringMatching(/^disk: /) });
    await tellQemu('cont');
    await vi.waitFor(() => detach(volumeId), patience);
    await until(volumeId, 'available');
    await deleteVolume(volumeId);
  });

  it('bars a volume that a paused VM does not let go of by force, and believes no word about a VM that answers', async () => {
    const volumeId = await createVolume();
    await attach(volumeId);
    await until(volumeId, 'in-use', 'attached');
    await inVm(volumeId, 'true');
    await tellQemu('stop');
    const target = await exportOf(volumeId);
    await service.client.send(new DetachVolumeCommand({ VolumeId: volumeId, Force: true }));
    await until(volumeId, 'in-use', 'busy');
    expect(await exportOf(volumeId)).toEqual(target);
    const report = async () => JSON.parse(await service.vbs('volumes', 'show', volumeId, '--json'));
    expect(await report()).toMatchObject({
      bar: { volumeId, target: `iqn.2009-11.org.vbs:${volumeId}` },
      failedCommand: { step: 'disk', host: 'here', argv: expect.arrayContaining(['qmp']) },
      next: expect.stringContaining(`vbs volumes clear ${volumeId}`),
    });
    await expect(service.client.send(new DeleteVolumeCommand({ VolumeId: volumeId }))).rejects.toMatchObject({ name: 'IncorrectState' });
    const said = await service.vbs('volumes', 'clear', volumeId, '--fenced', 'this is not true: the VM is paused');
    const [clearing = ''] = /op-[0-9a-f]{17}/.exec(said) ?? [];
    await vi.waitFor(
      async () => expect(JSON.parse(await service.vbs('operations', 'show', clearing, '--json')).operation.state).toBe('halted'),
      patience,
    );
    expect(await report()).toHaveProperty('bar');
    expect(await exportOf(volumeId)).toEqual(target);

    await tellQemu('cont');
    await vi.waitFor(() => detach(volumeId), patience);
    await until(volumeId, 'available');
    expect(await report()).not.toHaveProperty('bar');
    await deleteVolume(volumeId);
  });

  it.each(['attach', 'detach'].flatMap((what) => [0, 25, 60, 120].map((delayMs) => ({ what, delayMs }))))(
    'heals after kill -9 in the middle of a(n) $what, $delayMs ms after it was asked for',
    async ({ what, delayMs }) => {
      const volumeId = await createVolume();
      if (what === 'detach') {
        await attach(volumeId);
        await until(volumeId, 'in-use', 'attached');
        await detach(volumeId);
      } else {
        await attach(volumeId);
      }
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await service.kill();
      await service.start();
      if (what === 'attach') {
        await until(volumeId, 'in-use', 'attached');
        await inVm(volumeId, 'true');
        await detach(volumeId);
      }
      await until(volumeId, 'available');
      await deleteVolume(volumeId);
    },
  );

  it('gives a VM its disk back after the death of tgtd, with the data that it wrote', async () => {
    const volumeId = await createVolume();
    await attach(volumeId);
    await until(volumeId, 'in-use', 'attached');
    const written = await inVm(volumeId, writePattern);
    const exported = await exportOf(volumeId);
    expect(exported).toContain(`Target: iqn.2009-11.org.vbs:${volumeId}`);
    process.kill(Number(readFileSync(join(service.stateFolder, 'tgtd', 'tgtd.pid'), 'utf8')), 'SIGKILL');
    // The guest's read waits for its target, which the service brings back under the same name and secret.
    const read = await service.vm.run('echo 3 > /proc/sys/vm/drop_caches; head -c $(wc -c < /pattern) /dev/vda | md5sum', 90_000);
    expect(written).toContain(read.output.trim().split(/\s+/)[0]);
    // The same name, LUN, serial number, account and initiator.
    expect(await exportOf(volumeId)).toEqual(exported);
    const rewritten = await service.vm.run('echo again | dd of=/dev/vda conv=notrunc,fsync 2>/dev/null; head -c 5 /dev/vda', 90_000);
    expect(rewritten.output).toContain('again');
    await detach(volumeId);
    await until(volumeId, 'available');
    await deleteVolume(volumeId);
  });

  it('undoes an attach whose export daemon is gone, and tells the operator which command said what', async () => {
    const volumeId = await createVolume();
    const attachWithoutDaemon = async (): Promise<{ readonly id: string; readonly state: string } | undefined> => {
      await vi.waitFor(() => service.tgtadm('--op', 'show', '--mode', 'target'), patience);
      execFileSync('kill', ['-9', readFileSync(join(service.stateFolder, 'tgtd', 'tgtd.pid'), 'utf8').trim()]);
      await attach(volumeId);
      await vi.waitFor(async () => {
        const volume = await describeVolume(volumeId);
        expect(volume.Attachments?.[0]?.State ?? 'none').not.toBe('attaching');
      }, patience);
      const operations = await service.vbs('operations', 'list', '--json', '--resource', volumeId, '--limit', '1');
      return (JSON.parse(operations) as { id: string; state: string }[])[0];
    };
    let operation = await attachWithoutDaemon();
    // The service looks after its tgtd, and may have brought it back before the attach came to it.
    for (let attempt = 1; operation?.state === 'done' && attempt < 5; attempt += 1) {
      await detach(volumeId);
      await until(volumeId, 'available');
      operation = await attachWithoutDaemon();
    }
    expect(operation?.state).toBe('undone');
    expect((await describeVolume(volumeId)).State).toBe('available');
    expect(await service.vbs('operations', 'show', operation?.id ?? '')).toMatch(
      /tgt-list .* -> 107[\s\S]*Transport endpoint is not connected/,
    );
    await vi.waitFor(() => service.tgtadm('--op', 'show', '--mode', 'target'), patience);
    await attach(volumeId);
    await until(volumeId, 'in-use', 'attached');
    await detach(volumeId);
    await until(volumeId, 'available');
    await deleteVolume(volumeId);
  });
});
