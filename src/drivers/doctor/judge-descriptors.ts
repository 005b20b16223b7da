import { lackOfDescriptors, raiseLimitOf } from '../command/tgtd-descriptors.ts';
import type { Finding } from './finding.ts';

/** Below this a tgtd is full with some hundred attached volumes: systemd's default is 1,024. */
const manyDescriptors = 4_096;

/** Of each tgtd of a host, by its process, `OPEN|LIMIT`: file descriptors, of which an export or a session takes one. */
export function judgeDescriptors(host: string, descriptors: ReadonlyMap<string, string>): readonly Finding[] {
  return [...descriptors].flatMap(([process, numbers]): readonly Finding[] => {
    const [open = 0, limit = 0] = numbers.split('|').map(Number);
    // Another user's, on an old Linux.
    if (!(open > 0 && limit > 0)) return [];
    const pid = Number(process);
    const about = { host, subject: `tgtd ${pid}`, found: `${open} of ${limit} descriptors are open` };
    if (lackOfDescriptors({ pid, open, limit }) !== undefined) {
      return [{ ...about, outcome: 'wrong', found: `${about.found}: it takes no further export`, mend: raiseLimitOf(pid) }];
    }
    return [limit < manyDescriptors ? { ...about, outcome: 'warning', mend: raiseLimitOf(pid) } : { ...about, outcome: 'ok' }];
  });
}
