import { readFileSync } from 'node:fs';

/** What the kernel says of a process: the memory that it has, and the most that it ever had. */
export function memoryOf(pid: number): { readonly residentMB: number; readonly mostMB: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => {
    const kiB = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
    if (kiB === undefined) {
      throw new Error(`/proc/${pid}/status has no ${name}`);
    }
    return (Number(kiB) * 1_024) / 1e6;
  };
  return { residentMB: field('VmRSS'), mostMB: field('VmHWM') };
}
