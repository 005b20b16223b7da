import type { LabHost } from './lab-host.ts';

export interface DomUResult {
  readonly exitCode: number;
  /** Standard output and error, as they came. */
  readonly output: string;
}

/** A virtual machine on a Xen node: busybox in memory, which takes disks while it runs. */
export interface DomU {
  readonly name: string;
  readonly node: LabHost;
  /** Runs a shell command as root over the console. Rejects when there is no such DomU, or no answer in time, as from a paused one. */
  run(command: string, timeoutMs?: number): Promise<DomUResult>;
}

/** Of domu-run: no answer, and no such DomU. */
const noResult = [124, 125];
const consoleSlackMs = 30_000;

export function domUOn(node: LabHost, name: string): DomU {
  return {
    name,
    node,
    async run(command, timeoutMs = 180_000) {
      const seconds = String(Math.ceil(timeoutMs / 1000));
      const { exitCode, stdout, stderr } = await node.run(['domu-run', name, command, seconds], { timeoutMs: timeoutMs + consoleSlackMs });
      if (noResult.includes(exitCode) && stderr.startsWith('domu-run: ')) throw new Error(`${stderr}: ${command}`);
      return { exitCode, output: stdout };
    },
  };
}
