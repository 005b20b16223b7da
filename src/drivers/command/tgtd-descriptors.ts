import { readdirSync, readFileSync, statSync } from 'node:fs';

/** How many file descriptors a tgtd has open, and how many it may have: its soft limit. */
export interface TgtdDescriptors {
  readonly pid: number;
  readonly open: number;
  readonly limit: number;
  /** What the limit can be raised to without leave. */
  readonly hardLimit: number;
}

/** Kept for initiators that log in: one each. */
const leastForSessions = 16;
const shareForSessions = 1 / 8;
/** The new LUN's, and the connection that asks for it. */
const forAnExport = 2;

/**
 * Of the tgtd behind a control socket of this machine; `undefined` when there is none, or nothing can be told of it, as of another user's on an old Linux.
 * The process is that which holds the lock beside the socket (usr/tgtd.c), so nothing is asked of a tgtd that may hang. All is in memory, in /proc,
 * and read at once.
 */
export function descriptorsOf(controlSocket: string): TgtdDescriptors | undefined {
  try {
    const pid = lockHolder(`${controlSocket}.0.lock`);
    if (pid === undefined || readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'tgtd\n') return undefined;
    const [, limit, hardLimit] = /^Max open files +(\d+) +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
    if (limit === undefined) return undefined;
    return { pid, open: openDescriptors(`/proc/${pid}/fd`), limit: Number(limit), hardLimit: Number(hardLimit) };
  } catch {
    // Gone meanwhile, or not ours to see.
    return undefined;
  }
}

/**
 * Why another export is not to be made, `undefined` when there is room. tgtd ends itself, and every export with it, when a LUN's thread finds no descriptor,
 * and with none for a connection it spins (tgt 1.0.85). In the words of the script tgt-room.
 */
export function lackOfDescriptors({ pid, open, limit }: Pick<TgtdDescriptors, 'pid' | 'open' | 'limit'>): string | undefined {
  const kept = keptForSessions(limit);
  if (open + forAnExport + kept <= limit) return undefined;
  return `tgtd (process ${pid}) has ${open} of ${limit} descriptors open and keeps ${kept} for sessions, so it takes no further export: ${raiseLimitOf(pid)}`;
}

/** The mend, for the host's root. */
export function raiseLimitOf(pid: number): string {
  return `raise the limit with "prlimit --pid ${pid} --nofile=65536", at once and without a restart, and for its next start with LimitNOFILE=65536 in its unit`;
}

/** Of so many descriptors, how many are no export's. */
function keptForSessions(limit: number): number {
  return Math.max(leastForSessions, Math.floor(limit * shareForSessions));
}

/** `FLOCK|POSIX ADVISORY WRITE PID MAJOR:MINOR:INODE 0 EOF` (proc_locks(5)). The device is another in some file systems, so the name of the process decides. */
function lockHolder(lock: string): number | undefined {
  const { ino } = statSync(lock);
  const holder = readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .find((line) => line.includes(`:${ino} `) && !line.includes('->'));
  return holder === undefined ? undefined : Number(/ WRITE +(\d+) /.exec(holder)?.[1]);
}

/** The size of the folder, since Linux 6.2 and for everybody; before, its entries. */
function openDescriptors(folder: string): number {
  return statSync(folder).size || readdirSync(folder).length;
}
