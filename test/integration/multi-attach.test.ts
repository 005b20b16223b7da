import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  AttachVolumeCommand,
  CreateVolumeCommand,
  DeleteVolumeCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TinyVm } from '../../scripts/tiny-vm/tiny-vm.ts';
import { instanceId, prepareRealService, type RealService } from '../support/real-service.ts';
import { findDisk, startTestVm, tinyVmStartTimeoutMs } from '../support/tiny-vm.ts';

const patience = { timeout: 120_000, interval: 100 };
const otherInstanceId = 'i-0fedcba9876543210';

describe('a volume with Multi-Attach, with a real tgtd and two real VMs', () => {
  let service: RealService;
  let other: TinyVm;
  let volumeId: string;

  beforeAll(async () => {
    service = await prepareRealService();
    other = await startTestVm('other');
    const host = (name: string, vm: TinyVm) => ({
      name,
      vmm: { driver: 'qemu', settings: { qmpSocket: join(dirname(vm.qmpSocket), '{domain}.qmp'), detachTimeoutSeconds: 20 } },
    });
    await service.start(
      {},
      {
        vmmHosts: [host('here', service.vm), host('there', other)],
        instances: [
          { id: instanceId, vmmHost: 'here', domain: 'tiny' },
          { id: otherInstanceId, vmmHost: 'there', domain: 'other' },
        ],
      },
    );
  }, tinyVmStartTimeoutMs);
  afterAll(async () => {
    await other?.stop();
    await service.stop();
  });

  const described = async (): Promise<Volume> => {
    const { Volumes: [volume] = [] } = await service.client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
    return volume ?? {};
  };
  const until = (state: string, ...attachments: readonly string[]) =>
    vi.waitFor(async () => {
      const { State, Attachments = [] } = await described();
      expect([State, ...Attachments.map((each) => `${each.State} ${each.InstanceId}`).sort()]).toEqual([state, ...[...attachments].sort()]);
    }, patience);
  const attach = (to: string) => service.client.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: to, Device: '/dev/sdf' }));
  const run = async (vm: TinyVm, command: string): Promise<string> => {
    const { exitCode, output } = await vm.run(`${findDisk(volumeId.replace('-', ''))}; ${command}`);
    expect(exitCode, output).toBe(0);
    return output.trim();
  };
  const write = (vm: TinyVm, text: string, block: number) =>
    run(vm, `printf '%-16s' '${text}' | dd of=/dev/$disk bs=4096 seek=${block} conv=notrunc,fsync 2>/dev/null`);
  /** Past what the guest remembers: a cluster file system would tell it to forget. */
  const read = (vm: TinyVm, block: number) =>
    run(vm, `echo 3 > /proc/sys/vm/drop_caches; dd if=/dev/$disk bs=4096 skip=${block} count=1 2>/dev/null | head -c 16`);

  it('is written to and read by both, through a death of tgtd and a detach of one', async () => {
    const { VolumeId = '' } = await service.client.send(
      new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 4, VolumeType: 'io2', Iops: 100, MultiAttachEnabled: true }),
    );
    volumeId = VolumeId;
    await until('available');
    await Promise.all([attach(instanceId), attach(otherInstanceId)]);
    await until('in-use', `attached ${instanceId}`, `attached ${otherInstanceId}`);
    expect((await described()).MultiAttachEnabled).toBe(true);

    await write(service.vm, 'from the first', 0);
    expect(await read(other, 0)).toBe('from the first');
    await write(other, 'from the second', 1);
    expect(await read(service.vm, 1)).toBe('from the second');
    await write(other, 'changed', 0);
    expect(await read(service.vm, 0)).toBe('changed');

    // tgtd forgets its targets. The service starts it anew and lets both in again, each with its own secret.
    const accounts = async () => (await service.inventory()).filter((line) => line.startsWith('account'));
    const before = await accounts();
    expect(before).toHaveLength(2);
    process.kill(Number(readFileSync(join(service.stateFolder, 'tgtd', 'tgtd.pid'), 'utf8')), 'SIGKILL');
    await write(service.vm, 'after its death', 2);
    expect(await read(other, 2)).toBe('after its death');
    await write(other, 'both of them', 3);
    expect(await read(service.vm, 3)).toBe('both of them');
    await vi.waitFor(async () => expect(await accounts()).toEqual(before), patience);

    await service.client.send(new DetachVolumeCommand({ VolumeId, InstanceId: instanceId }));
    await until('in-use', `attached ${otherInstanceId}`);
    await write(other, 'alone', 4);
    expect(await read(other, 4)).toBe('alone');
    await attach(instanceId);
    await until('in-use', `attached ${instanceId}`, `attached ${otherInstanceId}`);
    expect(await read(service.vm, 4)).toBe('alone');

    for (const id of [otherInstanceId, instanceId]) {
      await service.client.send(new DetachVolumeCommand({ VolumeId, InstanceId: id }));
      await vi.waitFor(async () => expect((await described()).Attachments?.some((each) => each.InstanceId === id)).toBe(false), patience);
    }
    await until('available');
    await service.client.send(new DeleteVolumeCommand({ VolumeId }));
    await vi.waitFor(async () => expect(await service.inventory()).toEqual([]), patience);
  }, 600_000);
});
