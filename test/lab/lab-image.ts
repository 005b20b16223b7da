import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const buildScript = fileURLToPath(new URL('image/build.sh', import.meta.url));
const ownCache = fileURLToPath(new URL('../../.cache/lab', import.meta.url));

/** What guests boot from. */
export interface LabImage {
  readonly rootFile: string;
  readonly kernelFile: string;
  readonly initramfsFile: string;
  readonly hypervisorFile: string;
}

/** From the cache, or built by `image/build.sh`. */
export async function ensureLabImage(onProgress: (message: string) => void): Promise<LabImage> {
  const folder = await ensureBuilt(buildScript, onProgress);
  return {
    rootFile: join(folder, 'root.ext4'),
    kernelFile: join(folder, 'vmlinux'),
    initramfsFile: join(folder, 'initramfs.gz'),
    hypervisorFile: join(folder, 'xen'),
  };
}

/** What a script answers that makes something in the cache unless it is there. `VBS_LAB_CACHE` names a cache that several checkouts share. */
export async function ensureBuilt(script: string, onProgress: (message: string) => void): Promise<string> {
  const build = execa('sh', [script, process.env.VBS_LAB_CACHE ?? ownCache]);
  createInterface(build.stderr).on('line', onProgress);
  return (await build).stdout;
}
