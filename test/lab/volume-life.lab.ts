import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  type Volume,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabInUse, openLab } from './lab-in-use.ts';
import { instances, type LabService, startLabService } from './lab-service.ts';

/** Emulated machines on a busy one: a step of a second may take a minute. */
const patience = { timeout: 900_000, interval: 1_000 };

let lab: LabInUse;
let portal: string;
beforeAll(async () => {
  lab = await openLab();
  portal = await lab.volumeServerAddress();
});
afterAll(async () => {
  await lab.stop();
});

describe.each([
  ['thin volumes and tgt', 'lvm-thin', { volumeGroup: 'vbs', pool: 'pool' }, 'tgt', '3260'],
  ['thick volumes and LIO', 'lvm-thick', { volumeGroup: 'vbs' }, 'lio', '3261'],
])('a site with %s', (_, volumes, volumeSettings, exports, port) => {
  let service: LabService;
  let before: readonly string[];
  let volumeId: string;

  beforeAll(async () => {
    before = await lab.inventory();
    service = await startLabService(lab, {
      volumes: { driver: volumes, settings: volumeSettings },
      exports: { driver: exports, settings: { portal: `${portal}:${port}` } },
    });
  });
  afterAll(async () => {
    await service.stop();
  });

  const volume = async (): Promise<Volume | undefined> => {
    const { Volumes } = await service.client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
    return Volumes?.[0];
  };
  const become = async (wanted: string) => {
    const state = async () => {
      const { State, Attachments } = (await volume()) ?? {};
      return Attachments?.[0]?.State ?? State;
    };
    await expect
      .poll(state, patience)
      .toBe(wanted)
      .catch(async (cause: unknown) => {
        throw new Error(`${volumeId} did not become ${wanted}:\n${await service.operations(volumeId)}`, { cause });
      });
  };
  const attach = (instance: string, device = '/dev/sdf') =>
    service.client.send(new AttachVolumeCommand({ VolumeId: volumeId, InstanceId: instance, Device: device }));
  const detach = async () => {
    await service.client.send(new DetachVolumeCommand({ VolumeId: volumeId }));
    await become('available');
  };

  it('makes a volume, and moves it from a guest on one host to a guest on another with what was written', async () => {
    const created = await service.client.send(new CreateVolumeCommand({ Size: 1, AvailabilityZone: 'us-east-1a' }));
    volumeId = created.VolumeId ?? '';
    await become('available');
    await attach(instances.domu1);
    await become('attached');
    const wrote = await lab.domU('domu1').run('echo WRITTEN-ON-XEN1 | dd of=/dev/xvdf bs=512 seek=4096 conv=sync,fsync,notrunc', 300_000);
    expect(wrote, wrote.output).toMatchObject({ exitCode: 0 });
    await detach();
    await attach(instances.domu2, '/dev/sdg');
    await become('attached');
    const { output } = await lab.domU('domu2').run('dd if=/dev/xvdg bs=512 skip=4096 count=1 2>/dev/null | head -c 15; echo', 300_000);
    expect(output).toContain('WRITTEN-ON-XEN1');
  });

  it('keeps what was written in a snapshot that is made while the guest has the volume', async () => {
    const { SnapshotId = '' } = await service.client.send(new CreateSnapshotCommand({ VolumeId: volumeId }));
    const state = async () =>
      (await service.client.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] }))).Snapshots?.[0]?.State;
    await expect.poll(state, patience).toBe('completed');
    expect(await lab.run('vs1', `dd if=/dev/vbs/${SnapshotId} bs=512 skip=4096 count=1 status=none | head -c 15`)).toBe('WRITTEN-ON-XEN1');
    await service.client.send(new DeleteSnapshotCommand({ SnapshotId }));
    await expect.poll(() => lab.run('vs1', 'lvs --noheadings -o lv_name vbs'), patience).not.toContain(SnapshotId);
    await detach();
  });

  it.each([
    ['the session', 'xen1', 'mount --bind /bin/false /usr/sbin/iscsiadm', 'umount /usr/sbin/iscsiadm', 'session'],
    // xl leaves an entry in state 3 behind, which holds the device's name in the guest.
    ['the disk', 'xen1', 'mount --bind /bin/false /etc/xen/scripts/block', 'umount /etc/xen/scripts/block', 'disk'],
    ['the export', 'vs1', 'mount -t tmpfs -o ro none /var/lib/vbs/scripts', 'umount /var/lib/vbs/scripts', 'export'],
  ])('takes everything back when %s cannot be made', async (_what, host, breakIt, mendIt, step) => {
    const clean = await lab.inventory();
    await lab.run(host, breakIt);
    try {
      await attach(instances.domu1);
      await become('available');
      const operations = await service.operations(volumeId);
      expect(operations).toMatch(new RegExp(`state +undone[\\s\\S]*failure +${step}: `));
    } finally {
      await lab.run(host, mendIt);
    }
    expect(await lab.inventory()).toEqual(clean);
  });

  it('leaves nothing when the volume is deleted, and has shown no secret', async () => {
    const operations = await service.operations(volumeId);
    await service.client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
    await expect.poll(() => lab.inventory(), { ...patience, interval: 5_000 }).toEqual(before);
    expect(operations).toContain('open-iscsi login');
    expect(await lab.run('xen1', 'find /etc/iscsi/nodes /var/lib/iscsi/nodes /run/vbs/disks -mindepth 1 2>/dev/null || :')).toBe('');
  });
});
