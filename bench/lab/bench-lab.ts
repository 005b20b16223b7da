import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../test/lab/lab-image.ts';
import { type LabInUse, openLab } from '../../test/lab/lab-in-use.ts';
import type { Cleanup } from '../support/cleanup.ts';
import { until } from '../support/until.ts';

export const volumeServer = 'vs1';
export const node = 'xen1';
export const domU = 'domu1';
/** Of the node's own, for what is kept beside the VMs. */
export const localDisk = '/dev/disk/by-id/virtio-local';
export const toolsDisk = '/dev/disk/by-id/virtio-tools';

const localDiskBytes = 4 * 1024 ** 3;
const toolsScript = fileURLToPath(new URL('tools-disk.sh', import.meta.url));

/** A volume server and one node, which has a disk of its own and one with the programs that measure. */
export async function openBenchLab(cleanup: Cleanup, onProgress: (message: string) => void): Promise<LabInUse> {
  const tools = await ensureBuilt(toolsScript, onProgress);
  const local = join(cleanup.folder(), 'local.img');
  await writeFile(local, '');
  await truncate(local, localDiskBytes);
  const disks = [
    { name: 'local', file: local },
    { name: 'tools', file: tools, isReadOnly: true },
  ] as const;
  const lab = await openLab([{ name: node, domUs: [domU], disks }], onProgress);
  cleanup.add(lab.stop);
  return lab;
}

/** Waits for the wiping of what was deleted, which would take part in the next measurement. */
export async function untilWiped(lab: LabInUse): Promise<void> {
  const look = async () => ((await lab.run(volumeServer, 'lvs --noheadings -o lv_name vbs')).includes('del-') ? undefined : true);
  await until(look, { everyMs: 1_000, timeoutMs: 600_000, describe: () => 'what was deleted is not wiped' });
}
