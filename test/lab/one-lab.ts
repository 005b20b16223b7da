import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLab } from './lab.ts';

/**
 * One lab for all test files, which leave it as they find it: it boots once. VBS_LAB_FOLDER names one that runs already, and that stays. Vitest calls
 * this before the first file and what it answers after the last one.
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.VBS_LAB_FOLDER !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'vbs-lab-'));
  const lab = await startLab({ folder, onProgress: (message) => process.stderr.write(`${message}\n`) });
  // Vitest starts the processes of the test files afterwards, which have it from this one.
  process.env.VBS_LAB_FOLDER = folder;
  return async () => {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
