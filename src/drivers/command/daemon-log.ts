import { createReadStream, createWriteStream } from 'node:fs';
import { stat, truncate } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

const mostBytes = 16 * 1024 ** 2;
const keptForMs = 60_000;

/**
 * Keeps what a daemon logs from growing without end: of a file of more the first 16 MiB are copied to `FILE.1`, and it is emptied. The daemon goes on
 * writing at its end, since the file was opened for that. To be called from time to time; what is written in between may be lost. In a flood `FILE.1`
 * stays for a minute, since the cause is at its beginning, and copying all would be another flood.
 */
export async function boundDaemonLog(file: string): Promise<void> {
  const status = await stat(file).catch(() => undefined);
  if (status === undefined || status.size <= mostBytes) return;
  const aside = `${file}.1`;
  const kept = await stat(aside).catch(() => undefined);
  if (kept === undefined || Math.abs(Date.now() - kept.mtimeMs) > keptForMs) {
    await pipeline(createReadStream(file, { end: mostBytes - 1 }), createWriteStream(aside, { mode: 0o600 }));
  }
  await truncate(file, 0);
}
