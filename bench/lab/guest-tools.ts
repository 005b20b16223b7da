import type { LabInUse } from '../../test/lab/lab-in-use.ts';
import type { Cleanup } from '../support/cleanup.ts';
import { domU, toolsDisk } from './bench-lab.ts';
import { plugIn, unplug } from './guest-disk.ts';

/** Programs that the DomU, which is busybox in memory, does not have itself. */
export interface GuestTools {
  /** Runs a shell command in the DomU, and answers what it wrote. Throws when it fails. */
  shell(command: string): Promise<string>;
  /** Runs fio, bonnie++ or mkfs.ext4, which have `/volume` for a mount that `shell` makes below `root`. */
  run(command: string): Promise<string>;
  /** Where the DomU has the programs' root. */
  readonly root: string;
}

const guestDevice = 'xvdt';
const root = '/tools';
const timeoutMs = 900_000;

export async function openGuestTools(lab: LabInUse, cleanup: Cleanup): Promise<GuestTools> {
  const shell = async (command: string) => {
    const { exitCode, output } = await lab.domU(domU).run(command, timeoutMs);
    if (exitCode !== 0) throw new Error(`${command} in ${domU} ended with ${exitCode}: ${output}`);
    return output;
  };
  await plugIn(lab, toolsDisk, guestDevice, 'ro');
  cleanup.add(() => unplug(lab, guestDevice));
  await shell(`mkdir -p ${root} && mount -t ext4 -o ro /dev/${guestDevice} ${root}`);
  cleanup.add(async () => void (await shell(`umount ${root}`)));
  // fio is linked with Ceph's libraries, which ask for more memory than the DomU has, and use little of it.
  await shell('echo 1 > /proc/sys/vm/overcommit_memory');
  await shell(`mount -o bind /dev ${root}/dev && mount -t proc proc ${root}/proc && mount -t tmpfs tmp ${root}/tmp`);
  cleanup.add(async () => void (await shell(`umount ${root}/dev ${root}/proc ${root}/tmp`)));
  return { shell, root, run: (command) => shell(`PATH=$PATH:/usr/bin:/usr/sbin:/sbin chroot ${root} ${command}`) };
}
