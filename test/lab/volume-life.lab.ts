import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  ModifyVolumeCommand,
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

/** Targets that are not ours, of the device of a volume. */
const strangers: Readonly<Record<string, { readonly make: string; readonly unmake: string }>> = {
  tgt: {
    make: `tgtadm --lld iscsi --op new --mode target --tid 99 -T iqn.2009-11.org.example:stranger
      tgtadm --lld iscsi --op new --mode logicalunit --tid 99 --lun 1 -b /dev/vbs/VOLUME`,
    unmake: 'tgtadm --lld iscsi --op delete --force --mode target --tid 99',
  },
  lio: {
    make: `cd /sys/kernel/config/target && mkdir -p core/iblock_99/stranger && cd core/iblock_99/stranger &&
      printf udev_path=/dev/vbs/VOLUME > control && printf /dev/vbs/VOLUME > udev_path && echo 1 > enable &&
      cd /sys/kernel/config/target/iscsi && mkdir -p iqn.2009-11.org.example:stranger/tpgt_1/lun/lun_0 &&
      ln -s /sys/kernel/config/target/core/iblock_99/stranger iqn.2009-11.org.example:stranger/tpgt_1/lun/lun_0/it`,
    unmake: `cd /sys/kernel/config/target && rm iscsi/iqn.2009-11.org.example:stranger/tpgt_1/lun/lun_0/it &&
      rmdir iscsi/iqn.2009-11.org.example:stranger/tpgt_1/lun/lun_0 iscsi/iqn.2009-11.org.example:stranger/tpgt_1 &&
      rmdir iscsi/iqn.2009-11.org.example:stranger core/iblock_99/stranger core/iblock_99`,
  },
  nvmet: {
    make: `cd /sys/kernel/config/nvmet/subsystems && mkdir -p nqn.2009-11.org.example:stranger/namespaces/1 &&
      cd nqn.2009-11.org.example:stranger/namespaces/1 && echo /dev/vbs/VOLUME > device_path && echo 1 > enable`,
    unmake: `cd /sys/kernel/config/nvmet/subsystems && rmdir nqn.2009-11.org.example:stranger/namespaces/1 nqn.2009-11.org.example:stranger`,
  },
};

/** What stands in the way of an attach to domu1 as xvdf, at which of its steps it does, and how it is put there and taken away. */
type Obstacle = readonly [what: string, step: string, put: () => Promise<unknown>, take: () => Promise<unknown>];

describe.each([
  ['thin volumes and tgt', 'lvm-thin', { volumeGroup: 'vbs', pool: 'pool' }, 'tgt', '3260', 'open-iscsi'],
  ['thick volumes and LIO', 'lvm-thick', { volumeGroup: 'vbs' }, 'lio', '3261', 'open-iscsi'],
  ['thin volumes and NVMe over TCP', 'lvm-thin', { volumeGroup: 'vbs', pool: 'pool' }, 'nvmet', '4420', 'nvme-tcp'],
])('a site with %s', (_, volumes, volumeSettings, exports, port, initiator) => {
  const tool = initiator === 'open-iscsi' ? '/usr/sbin/iscsiadm' : '/usr/sbin/nvme';
  let service: LabService;
  let before: readonly string[];
  let volumeId: string;

  beforeAll(async () => {
    before = await lab.inventory();
    const backends = {
      volumes: { driver: volumes, settings: volumeSettings },
      exports: { driver: exports, settings: { portal: `${portal}:${port}` } },
      initiator,
    };
    // The lab has no room for one of EBS's four GiB.
    service = await startLabService(lab, backends, { volumeTypes: { io2: { sizeGiB: [1, 4] } } });
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
  const newestOperation = async () => (await service.operations(volumeId)).split(/^operation /m)[1];
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

  const grow = () => service.client.send(new ModifyVolumeCommand({ VolumeId: volumeId, Size: 2 }));
  const guestBytes = async () => Number((await lab.domU('domu2').run('blockdev --getsize64 /dev/xvdg', 300_000)).output);

  it.skipIf(exports === 'tgt')('shows the guest that its volume grew, without taking it away', async () => {
    await grow();
    await expect.poll(async () => (await volume())?.Size, patience).toBe(2);
    // Xen tells the guest with the next thing that it does with the disk.
    const read = () => lab.domU('domu2').run('dd if=/dev/xvdg of=/dev/null bs=512 count=1 iflag=direct 2>&1', 300_000);
    await expect.poll(async () => ((await read()).exitCode === 0 ? guestBytes() : 0), patience).toBe(2 * 1024 ** 3);
    const end = 'dd if=/dev/xvdg bs=512 skip=4194303 count=1 2>/dev/null | tr -d "\\000" | wc -c';
    expect((await lab.domU('domu2').run(end, 300_000)).output.trim()).toBe('0');
    const { output } = await lab.domU('domu2').run('dd if=/dev/xvdg bs=512 skip=4096 count=1 2>/dev/null | head -c 15; echo', 300_000);
    expect(output).toContain('WRITTEN-ON-XEN1');
  });

  it.runIf(exports === 'tgt')('refuses to make a volume larger while the guest has it, and says why', async () => {
    await expect(grow()).rejects.toMatchObject({ name: 'UnsupportedOperation', message: expect.stringContaining('Detach it') });
    expect(await guestBytes()).toBe(1024 ** 3);
  });

  it('keeps what was written in a snapshot that is made while the guest has the volume', async () => {
    const { SnapshotId = '' } = await service.client.send(new CreateSnapshotCommand({ VolumeId: volumeId }));
    const state = async () =>
      (await service.client.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] }))).Snapshots?.[0]?.State;
    await expect.poll(state, patience).not.toBe('pending');
    expect(await state(), await service.operations(SnapshotId)).toBe('completed');
    expect(await lab.run('vs1', `dd if=/dev/vbs/${SnapshotId} bs=512 skip=4096 count=1 status=none | head -c 15`)).toBe('WRITTEN-ON-XEN1');
    await service.client.send(new DeleteSnapshotCommand({ SnapshotId }));
    await expect.poll(() => lab.run('vs1', 'lvs --noheadings -o lv_name vbs'), patience).not.toContain(SnapshotId);
    await detach();
  });

  it.skipIf(exports === 'nvmet')('gives one volume to guests on two hosts, each of which reads what the other wrote', async () => {
    const shared = { Size: 1, VolumeType: 'io2', Iops: 100, MultiAttachEnabled: true, AvailabilityZone: 'us-east-1a' } as const;
    const { VolumeId: sharedId = '' } = await service.client.send(new CreateVolumeCommand(shared));
    const attachments = async () => {
      const { Volumes } = await service.client.send(new DescribeVolumesCommand({ VolumeIds: [sharedId] }));
      return [Volumes?.[0]?.State, ...(Volumes?.[0]?.Attachments ?? []).map(({ State }) => State)].join(' ');
    };
    const both = Object.entries(instances);
    for (const [index, [, InstanceId]] of both.entries()) {
      await expect.poll(attachments, patience).toBe(index === 0 ? 'available' : 'in-use attached');
      await service.client.send(new AttachVolumeCommand({ VolumeId: sharedId, InstanceId, Device: '/dev/sdh' }));
    }
    await expect.poll(attachments, patience).toBe('in-use attached attached');
    const write = (domU: string, place: number) =>
      lab.domU(domU).run(`echo OF-${domU} | dd of=/dev/xvdh bs=512 seek=${place} conv=sync,fsync,notrunc`, 300_000);
    const read = async (domU: string, place: number) =>
      (
        await lab.domU(domU).run(`dd if=/dev/xvdh bs=512 skip=${place} count=1 iflag=direct 2>/dev/null | head -c 8`, 300_000)
      ).output.trim();
    await write('domu1', 100);
    expect(await read('domu2', 100)).toBe('OF-domu1');
    await write('domu2', 200);
    expect(await read('domu1', 200)).toBe('OF-domu2');
    for (const [index, [, InstanceId]] of both.entries()) {
      await service.client.send(new DetachVolumeCommand({ VolumeId: sharedId, InstanceId }));
      await expect.poll(attachments, patience).toBe(index === 0 ? 'in-use attached' : 'available');
    }
    await service.client.send(new DeleteVolumeCommand({ VolumeId: sharedId }));
    await expect.poll(() => lab.run('vs1', 'lvs --noheadings -o lv_name vbs'), patience).not.toContain(sharedId);
  });

  const wrongSecret: Obstacle = [
    'the target refuses the secret',
    'session',
    // Between the service and the login, so that it is tgtd, or the kernel's target, that refuses.
    () =>
      lab.run(
        'xen1',
        `cp ${tool} /run/iscsiadm && printf '%s\\n' '#!/bin/sh' 'case "$*" in *login*)' \\
          'find /etc/iscsi/nodes /var/lib/iscsi/nodes -type f -exec sed -i "s/^\\(node.session.auth.password\\) = .*/\\1 = not-the-secret-1/" {} +;; esac' \\
          'exec /run/iscsiadm "$@"' > /run/wrong-secret && chmod 755 /run/wrong-secret && mount --bind /run/wrong-secret ${tool}`,
      ),
    () => lab.run('xen1', `umount ${tool} && rm /run/iscsiadm /run/wrong-secret`),
  ];
  const obstacles: readonly Obstacle[] = [
    [
      'the session cannot be made',
      'session',
      () => lab.run('xen1', `mount --bind /bin/false ${tool}`),
      () => lab.run('xen1', `umount ${tool}`),
    ],
    ...(initiator === 'open-iscsi' ? [wrongSecret] : []),
    ['the node does not reach the volume server', 'session', () => lab.cable('xen1', false), () => lab.cable('xen1', true)],
    [
      // xl leaves an entry in state 3 behind, which holds the device's name in the guest.
      'the disk cannot be made',
      'disk',
      () => lab.run('xen1', 'mount --bind /bin/false /etc/xen/scripts/block'),
      () => lab.run('xen1', 'umount /etc/xen/scripts/block'),
    ],
    [
      'the guest has another disk of that name',
      'disk',
      () =>
        lab.run(
          'xen1',
          'modprobe loop && truncate -s 8M /run/other && losetup /dev/loop7 /run/other && xl block-attach domu1 phy:/dev/loop7,xvdf,w',
        ),
      () => lab.run('xen1', 'xl block-detach domu1 xvdf && losetup -d /dev/loop7 && rm /run/other'),
    ],
    [
      'somebody else exports its device',
      'export',
      () => lab.run('vs1', strangers[exports]?.make.replaceAll('VOLUME', volumeId) ?? ''),
      () => lab.run('vs1', strangers[exports]?.unmake ?? ''),
    ],
  ];
  /** What the test before this one was seen to leave: an inventory takes long in emulation. */
  let handedOn: readonly string[] | undefined;
  const cleanInventory = async () => {
    const handed = handedOn;
    handedOn = undefined;
    if (handed !== undefined) return handed;
    // What a snapshot has left to be wiped is gone then, and does not go meanwhile.
    let found: readonly string[] = [];
    const take = async () => {
      found = await lab.inventory();
      return found;
    };
    await expect.poll(take, patience).not.toContainEqual(expect.stringContaining(' del-'));
    return found;
  };
  const expectInventory = async (clean: readonly string[]) => {
    expect(await lab.inventory()).toEqual(clean);
    handedOn = clean;
  };

  it.each(obstacles)('takes everything back when %s', async (_what, step, put, take) => {
    const clean = await cleanInventory();
    await put();
    try {
      await attach(instances.domu1);
      await become('available');
      expect(await newestOperation()).toMatch(new RegExp(`state +undone[\\s\\S]*failure +${step}: `));
    } finally {
      await take();
    }
    await expectInventory(clean);
  });

  it('takes everything back when the guest goes away meanwhile', async () => {
    const clean = await cleanInventory();
    await attach(instances.domu1);
    await lab.run('xen1', 'xl destroy domu1');
    try {
      await become('available');
      expect(await newestOperation()).toMatch(/state +undone[\s\S]*failure +disk: /);
    } finally {
      await lab.run('xen1', 'domu-start domu1');
    }
    await expectInventory(clean);
  });

  it.runIf(exports === 'tgt')('takes nothing of somebody who has the name of its target', async () => {
    const clean = await cleanInventory();
    const target = `iqn.2009-11.org.vbs:${volumeId}`;
    await lab.run(
      'vs1',
      `truncate -s 8M /run/of-another && tgtadm --lld iscsi --op new --mode target --tid 98 -T ${target} &&
        tgtadm --lld iscsi --op new --mode logicalunit --tid 98 --lun 1 -b /run/of-another`,
    );
    const stolen = await lab.inventory();
    await attach(instances.domu1);
    await become('available');
    expect(await newestOperation()).toMatch(/state +undone[\s\S]*failure +export: /);
    expect(await lab.inventory()).toEqual(stolen);
    await lab.run('vs1', 'tgtadm --lld iscsi --op delete --force --mode target --tid 98 && rm /run/of-another');
    await expectInventory(clean);
  });

  it('leaves nothing when the volume is deleted, and has shown no secret', async () => {
    const operations = await service.operations(volumeId);
    await service.client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
    await expect.poll(() => lab.inventory(), { ...patience, interval: 5_000 }).toEqual(before);
    expect(operations).toContain(initiator === 'open-iscsi' ? 'open-iscsi login' : 'nvme-tcp connect');
    expect(await lab.run('xen1', 'find /etc/iscsi/nodes /var/lib/iscsi/nodes /run/vbs/disks -mindepth 1 2>/dev/null || :')).toBe('');
  });
});
