import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { type ArchiveEntry, cpioArchive } from './cpio-archive.ts';

/** The metapackage that always depends on Debian's newest kernel for clouds, the smallest that boots in QEMU. */
const kernelMetapackage = 'linux-image-cloud-amd64';

/** In the order in which they need each other. PCI hot-plug by ACPI is built into the kernel. */
const moduleNames = ['virtio_ring', 'virtio', 'virtio_pci_modern_dev', 'virtio_pci_legacy_dev', 'virtio_pci', 'virtio_blk'];

/** What the VM writes to its console once it takes commands. */
export const readyLine = 'TINY-VM-READY';

/**
 * The first and only process tree of the VM. The console (ttyS0) has a shell for people; ttyS1 takes commands for programs, one a line:
 * `ID SECONDS BASE64-OF-THE-COMMAND`, answered by `ID EXIT-CODE BASE64-OF-THE-OUTPUT`, so that no echo, prompt or odd byte can be misread.
 */
const initScript = `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
for module in ${moduleNames.join(' ')}; do insmod /modules/$module.ko || insmod /modules/$module.ko.xz; done
serve_commands() {
  stty raw -echo < /dev/ttyS1
  exec < /dev/ttyS1 > /dev/ttyS1
  echo ${readyLine} > /dev/console
  while read -r id seconds encoded; do
    echo "$encoded" | base64 -d > /tmp/command
    timeout "$seconds" sh /tmp/command > /tmp/output 2>&1 < /dev/null
    echo "$id $? $(base64 /tmp/output | tr -d '\\n')"
  done
}
serve_commands &
while true; do setsid cttyhack sh; done
`;

/**
 * `find-disk SERIAL` waits for a disk and prints its name (`vda`). The kernel shows a disk in /sys, then makes its node, and only then lets
 * it be opened (device_add_disk), and a guest that is quicker than that loses what it writes.
 */
const findDiskScript = `#!/bin/sh
while true; do
  for folder in /sys/block/vd*; do
    name=\${folder##*/}
    if [ "$(cat "$folder/serial" 2>/dev/null)" = "$1" ] && [ -b "/dev/$name" ] && (: < "/dev/$name") 2>/dev/null; then
      echo "$name"
      exit
    fi
  done
  usleep 20000
done
`;

export interface TinyVmImage {
  readonly kernelFile: string;
  readonly initramfsFile: string;
}

export interface TinyVmImageRequest {
  readonly cacheFolder: string;
  readonly onProgress: (message: string) => void;
}

/**
 * The kernel and initramfs of a VM small enough to boot in emulation within seconds: from the cache, or built of two Debian packages that are
 * downloaded by apt and not installed, so that an ordinary user can. Delete the cache folder to get a newer kernel.
 */
export async function buildTinyVmImage({ cacheFolder, onProgress }: TinyVmImageRequest): Promise<TinyVmImage> {
  await mkdir(cacheFolder, { recursive: true });
  const recipe = createHash('sha256')
    .update(initScript + findDiskScript)
    .digest('hex')
    .slice(0, 8);
  const cached = (await readdir(cacheFolder)).filter((name) => name.endsWith(`.${recipe}`)).sort();
  const newest = cached.at(-1);
  if (newest !== undefined) return imageIn(join(cacheFolder, newest));

  const workFolder = await mkdtemp(join(cacheFolder, 'building-'));
  try {
    const { kernelDeb, busyboxDeb } = await downloadPackages(workFolder, onProgress);
    onProgress('Building the VM image');
    const built = join(workFolder, 'image');
    await mkdir(built);
    await extract(kernelDeb, workFolder, ['*/boot/vmlinuz-*', ...moduleNames.map((name) => `*/${name}.ko*`)]);
    await extract(busyboxDeb, workFolder, ['*/bin/busybox']);
    const files = await readdir(workFolder, { recursive: true });
    const find = (form: RegExp) => files.filter((file) => form.test(file)).map((file) => join(workFolder, file));
    const [kernel] = find(/\/vmlinuz-[^/]*$/);
    const [busybox] = find(/\/busybox$/);
    if (kernel === undefined || busybox === undefined) throw new Error(`no kernel or no busybox in ${kernelDeb} and ${busyboxDeb}`);
    const image = imageIn(built);
    await rename(kernel, image.kernelFile);
    await writeFile(image.initramfsFile, gzipSync(await initramfs(busybox, find(/\.ko(\.xz)?$/))));
    // Whoever builds it may keep its own files from others, and a VM may be started by another user, as by libvirt.
    await Promise.all([chmod(built, 0o755), chmod(image.kernelFile, 0o644), chmod(image.initramfsFile, 0o644)]);
    return await publish(built, join(cacheFolder, `${basename(kernelDeb, '.deb')}.${recipe}`));
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

function imageIn(folder: string): TinyVmImage {
  return { kernelFile: join(folder, 'vmlinuz'), initramfsFile: join(folder, 'initramfs.gz') };
}

/** Puts a finished image in its place in one go. Whoever built the same one meanwhile was first, and theirs is as good. */
async function publish(built: string, folder: string): Promise<TinyVmImage> {
  try {
    await rename(built, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
  return imageIn(folder);
}

interface Packages {
  readonly kernelDeb: string;
  readonly busyboxDeb: string;
}

/** By the machine's own apt sources; when its package lists are missing or out of date, with lists of our own, since renewing the machine's takes root. */
async function downloadPackages(workFolder: string, onProgress: (message: string) => void): Promise<Packages> {
  try {
    return await download(workFolder, [], onProgress);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    onProgress('Renewing the package lists, as the machine has none that serve');
    const lists = join(workFolder, 'apt-lists');
    const cache = join(workFolder, 'apt-cache');
    await mkdir(join(lists, 'partial'), { recursive: true });
    await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
    const options = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`];
    await execa('apt-get', ['update', ...unsandboxed, ...options]);
    return download(workFolder, options, onProgress);
  }
}

/** As root, apt would download as the user _apt, who cannot write to our folder. */
const unsandboxed = ['-o', 'APT::Sandbox::User=root'];

async function download(workFolder: string, options: readonly string[], onProgress: (message: string) => void): Promise<Packages> {
  const { stdout } = await execa('apt-cache', ['show', '--no-all-versions', ...options, kernelMetapackage]);
  const kernelPackage = /^Depends: (linux-image-[^ ,]+)/m.exec(stdout)?.[1];
  if (kernelPackage === undefined) throw new Error(`${kernelMetapackage} names no kernel: the VM image needs Debian on amd64`);
  onProgress(`Downloading ${kernelPackage} and busybox-static (about 28 MB, nothing is installed)`);
  await execa('apt-get', ['download', ...unsandboxed, ...options, kernelPackage, 'busybox-static'], { cwd: workFolder });
  const debs = (await readdir(workFolder)).filter((name) => name.endsWith('.deb')).map((name) => join(workFolder, name));
  const kernelDeb = debs.find((deb) => basename(deb).startsWith(kernelPackage));
  const busyboxDeb = debs.find((deb) => basename(deb).startsWith('busybox-static'));
  if (kernelDeb === undefined || busyboxDeb === undefined) throw new Error(`apt-get download left only ${debs.join(', ')}`);
  return { kernelDeb, busyboxDeb };
}

async function extract(deb: string, folder: string, patterns: readonly string[]): Promise<void> {
  await execa('dpkg-deb', ['--fsys-tarfile', deb], { buffer: false }).pipe('tar', ['-x', '-C', folder, '--wildcards', ...patterns]);
}

async function initramfs(busyboxFile: string, moduleFiles: readonly string[]): Promise<Buffer> {
  const folders: ArchiveEntry[] = ['bin', 'dev', 'modules', 'proc', 'sys', 'tmp'].map((path) => ({ path, content: 'folder' }));
  const modules = moduleFiles.map(async (file) => ({ path: `modules/${basename(file)}`, content: await readFile(file) }));
  return cpioArchive([
    ...folders,
    { path: 'init', content: Buffer.from(initScript), executable: true },
    { path: 'bin/find-disk', content: Buffer.from(findDiskScript), executable: true },
    { path: 'bin/busybox', content: await readFile(busyboxFile), executable: true },
    ...(await Promise.all(modules)),
  ]);
}
