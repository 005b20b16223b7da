import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTinyVm, type TinyVm, type TinyVmMachine } from '../../scripts/tiny-vm/tiny-vm.ts';
import { buildTinyVmImage } from '../../scripts/tiny-vm/tiny-vm-image.ts';

const cacheFolder = fileURLToPath(new URL('../../.cache/tiny-vm/', import.meta.url));

/** How long a test may wait for its VM: the image is built the first time, which takes a download of 28 MB. */
export const tinyVmStartTimeoutMs = 300_000;

/** Boots a real VM for a test, in a folder of its own that goes with it. */
export async function startTestVm(name: string, machine?: TinyVmMachine): Promise<TinyVm> {
  const image = await buildTinyVmImage({ cacheFolder, onProgress: () => {} });
  // Not the repository: a unix socket's path must be short.
  const folder = await mkdtemp(join(tmpdir(), 'vbs-vm-'));
  const vm = await startTinyVm({ folder, name, image, ...(machine && { machine }) });
  return {
    ...vm,
    async stop() {
      await vm.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** A shell command that waits until the VM can use the disk with a serial, and puts its name (`vda`) into `$disk`. */
export function findDisk(serial: string): string {
  return `disk=$(find-disk ${serial})`;
}
