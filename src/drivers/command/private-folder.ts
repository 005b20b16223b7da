import { mkdir, stat } from 'node:fs/promises';
import { DriverError } from '../driver-error.ts';

/** Makes a folder that is ours alone. For sockets: whoever can open one commands what listens on it, and in the folder for temporary files a stranger could have been first. Throws DriverError `conflict`. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await stat(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new DriverError('conflict', `${folder} is open to others: it must belong to the service's user with mode 0700; remove it`);
  }
}
