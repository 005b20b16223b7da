import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const running = z.object({
  pid: z.number(),
  /** Missing while it starts. */
  endpoint: z.string().optional(),
  commandSocket: z.string().optional(),
});

/** A quickstart that runs, as others on this machine find it. */
export type RunningQuickstart = z.infer<typeof running>;

/** The quickstart that a file tells of, if its process still lives. */
export function findRunning(file: string): RunningQuickstart | undefined {
  try {
    const found = running.parse(JSON.parse(readFileSync(file, 'utf8')));
    // A process id is used again after a reboot, so the process must also look like one.
    return readFileSync(`/proc/${found.pid}/cmdline`, 'utf8').includes('quickstart') ? found : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Takes the one place of a running quickstart. Throws when another one was quicker. */
export function claimRunning(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify({ pid: process.pid }), { flag: 'wx' });
}

export function describeRunning(file: string, quickstart: RunningQuickstart): void {
  writeFileSync(file, JSON.stringify(quickstart));
}

export function forgetRunning(file: string): void {
  rmSync(file, { force: true });
}
