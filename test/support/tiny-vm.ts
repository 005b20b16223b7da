import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTinyVm, type TinyVm } from '../../scripts/tiny-vm/tiny-vm.ts';
import { buildTinyVmImage } from '../../scripts/tiny-vm/tiny-vm-image.ts';

const cacheFolder = fileURLToPath(new URL('../../.cache/tiny-vm/', import.meta.url));

/** How long a test may wait for its VM: the image is built the first time, which takes a download of 28 MB. */
export const tinyVmStartTimeoutMs = 180_000;

/** Boots a real VM for a test, in a folder of its own that goes with it. */
export async function startTestVm(name: string): Promise<TinyVm> {
  const image = await buildTinyVmImage({ cacheFolder, onProgress: () => {} });
  // Not the repository: a unix socket's path must be short.
  const folder = await mkdtemp(join(tmpdir(), 'vbs-vm-'));
  const vm = await startTinyVm({ folder, name, image });
  return {
    ...vm,
    async stop() {
      await vm.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** A shell command that waits until the disk with a serial is there, and puts its name (`vda`) into `$disk`. The kernel shows a disk in /sys a moment before its node in /dev. */
export function findDisk(serial: string): string {
  const isIt = `[ "$(cat $d/serial 2>/dev/null)" = ${serial} ] && [ -b /dev/\${d##*/} ]`;
  return `disk=; until [ -n "$disk" ]; do for d in /sys/block/vd*; do ${isIt} && disk=\${d##*/}; done; usleep 20000; done`;
}
