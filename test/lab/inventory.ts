import { readFile } from 'node:fs/promises';
import type { LabHost } from './lab-host.ts';

/** Dozens of programs, each of which takes its time in emulation. */
const timeoutMs = 300_000;

const script = new URL('inventory.sh', import.meta.url);

/** What all hosts hold of volumes, exports, sessions, node records and disks, as sorted lines `HOST KIND WHAT`. Equal before and after something means that it left nothing behind. */
export async function takeInventory(hosts: readonly LabHost[]): Promise<readonly string[]> {
  const stdin = await readFile(script, 'utf8');
  const lines = hosts.map(async (host) => {
    const { exitCode, stdout, stderr } = await host.run(['sh', '-s'], { stdin, timeoutMs });
    if (exitCode !== 0) throw new Error(`the inventory of ${host.name} ended with ${exitCode}: ${stderr}`);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => `${host.name} ${line}`);
  });
  return (await Promise.all(lines)).flat().sort();
}
