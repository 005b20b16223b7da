import type { LabInUse } from '../../test/lab/lab-in-use.ts';
import type { LabBackends } from '../../test/lab/lab-service.ts';
import { localDisk, node, untilWiped, volumeServer } from './bench-lab.ts';
import { plugIn, unplug } from './guest-disk.ts';
import { clientOf, startQuietService } from './service-client.ts';

/** A way to give the DomU a disk of one GiB, which is `guestDevice` there. */
export interface Contender {
  readonly name: string;
  readonly isOurs: boolean;
  /** Answers how the disk is taken away again, with all that was made for it. */
  give(lab: LabInUse): Promise<() => Promise<void>>;
}

export const guestDevice = 'xvdf';

const name = 'bench';

export const contenders: readonly Contender[] = [
  byService('VBS-LVM (tgt)', (address) => exportedBy('tgt', `${address}:3260`)),
  byService('VBS-LVM (LIO)', (address) => exportedBy('lio', `${address}:3261`)),
  byService('VBS-LVM (NVMe/TCP)', (address) => ({ ...exportedBy('nvmet', `${address}:4420`), initiator: 'nvme-tcp' })),
  byHand('AoE-LVM', async (lab, made) => {
    const interfaceOf = (host: string) => lab.run(host, "ip -o -4 address show | awk '$4 ~ /^10[.]77[.]/ { print $2 }'");
    await lab.run(volumeServer, `lvcreate -qq -y -Wy -Zy -L 1G -n ${name} vbs`);
    made(() => lab.run(volumeServer, `lvremove -qq -f vbs/${name}`));
    const serve = `vblade 9 0 ${await interfaceOf(volumeServer)} /dev/vbs/${name}`;
    await lab.run(volumeServer, `setsid ${serve} > /dev/null 2>&1 < /dev/null & echo $! > /run/${name}.pid`);
    made(() => lab.run(volumeServer, `kill $(cat /run/${name}.pid); while pidof vblade > /dev/null; do sleep 0.1; done`));
    const device = '/dev/etherd/e9.0';
    await lab.run(node, `echo ${await interfaceOf(node)} > /dev/etherd/interfaces`);
    await lab.run(node, `until [ -b ${device} ]; do echo 1 > /dev/etherd/discover; sleep 0.5; done`);
    made(() => lab.run(node, 'while [ -e /sys/block/etherd!e9.0 ]; do printf e9.0 > /dev/etherd/flush; sleep 0.5; done'));
    return device;
  }),
  byHand('Local-LVM', async (lab, made) => {
    await lab.run(node, `vgcreate -qq -y local $(readlink -f ${localDisk}) && lvcreate -qq -y -Wy -Zy -L 1G -n ${name} local`);
    made(() => lab.run(node, `vgremove -qq -f local && pvremove -qq $(readlink -f ${localDisk})`));
    return `/dev/local/${name}`;
  }),
  // xl hands a file to a loop device only through programs of QEMU's; by hand it is what xend made of "file:".
  byHand('Local-Image', async (lab, made) => {
    const folder = '/mnt';
    await lab.run(node, `mkfs.ext4 -q -F ${localDisk} && mount ${localDisk} ${folder}`);
    made(() => lab.run(node, `umount ${folder} && wipefs -q -a ${localDisk}`));
    await lab.run(node, `dd if=/dev/zero of=${folder}/${name}.img bs=4M count=256 conv=fsync status=none`);
    const device = await lab.run(node, `modprobe loop && losetup --find --show ${folder}/${name}.img`);
    made(() => lab.run(node, `losetup --detach ${device}`));
    return device;
  }),
];

function exportedBy(driver: string, portal: string): LabBackends {
  return { volumes: { driver: 'lvm-thick', settings: { volumeGroup: 'vbs' } }, exports: { driver, settings: { portal } } };
}

function byService(title: string, backends: (address: string) => LabBackends): Contender {
  return {
    name: title,
    isOurs: true,
    async give(lab) {
      const service = await startQuietService(lab, backends(await lab.volumeServerAddress()));
      const { createVolume, deleteVolume, attach, detach } = clientOf(service);
      try {
        const volumeId = await createVolume();
        await attach(volumeId);
        return async () => {
          await detach(volumeId);
          await deleteVolume(volumeId);
          await untilWiped(lab);
          await service.stop();
        };
      } catch (error) {
        await service.stop();
        throw error;
      }
    },
  };
}

/** What `make` gives is plugged in by hand, and `made` is told how to undo each thing. */
function byHand(title: string, make: (lab: LabInUse, made: (undo: () => Promise<unknown>) => void) => Promise<string>): Contender {
  return {
    name: title,
    isOurs: false,
    async give(lab) {
      const undos: (() => Promise<unknown>)[] = [];
      const takeAway = async () => {
        for (const undo of undos.reverse()) await undo();
      };
      try {
        const device = await make(lab, (undo) => undos.push(undo));
        await plugIn(lab, device, guestDevice, 'rw');
        undos.push(() => unplug(lab, guestDevice));
        return takeAway;
      } catch (error) {
        await takeAway();
        throw error;
      }
    },
  };
}
