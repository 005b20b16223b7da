import type { Log } from '../telemetry/log.ts';

/** What is written of somebody who has proved nothing. */
export interface Refusal {
  readonly code: string;
  /** Where it came from, as far as it is counted. */
  readonly network: string;
  readonly fields: object;
  readonly message: string;
}

export interface RefusalLog {
  note(refusal: Refusal): void;
  /** Writes how often what was noted already has come again. To be called every minute or so, and at the end. */
  flush(): void;
}

/** Between two flushes. Anyone can be refused ten thousand times a second, from as many addresses as he likes, and the log is on a disk. */
const mostLines = 100;

/** Writes the first refusal of each kind and network as a line of its own, and counts the others. */
export function createRefusalLog(log: Log): RefusalLog {
  const times = new Map<string, { readonly code: string; readonly network: string; again: number }>();
  let unnamed = 0;
  return {
    note({ code, network, fields, message }) {
      const key = `${network} ${code}`;
      const known = times.get(key);
      if (known !== undefined) known.again += 1;
      else if (times.size < mostLines) {
        times.set(key, { code, network, again: 0 });
        log.info({ code, ...fields }, message);
      } else unnamed += 1;
    },
    flush() {
      for (const { code, network, again } of times.values()) {
        if (again > 0) log.info({ code, network, times: again }, 'the same was refused again');
      }
      if (unnamed > 0) log.warn({ times: unnamed }, 'requests of many more addresses were refused');
      times.clear();
      unnamed = 0;
    },
  };
}
