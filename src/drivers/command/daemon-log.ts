import { copyFile, stat, truncate } from 'node:fs/promises';

const mostBytes = 16 * 1024 ** 2;

/**
 * Keeps what a daemon logs from growing without end: a file of more is copied to `FILE.1` and emptied. The daemon goes on writing at its end, since
 * the file was opened for that. To be called from time to time; what is written in between may be lost.
 */
export async function boundDaemonLog(file: string): Promise<void> {
  const status = await stat(file).catch(() => undefined);
  if (status !== undefined && status.size > mostBytes) {
    await copyFile(file, `${file}.1`);
    await truncate(file, 0);
  }
}
