import { noticeRemains, type WipeDependencies, wipeNext, wipingServers } from '../blockstore/wipes.ts';
import { DriverError } from '../drivers/driver-error.ts';
import type { Log } from '../telemetry/log.ts';

export interface WipeSiteDependencies extends WipeDependencies {
  readonly log: Log;
}

/** Wipes in the background what was deleted, on each volume server by itself and no faster than its settings allow. */
export interface SiteWiper {
  begin(): void;
  /** Something may have been left to wipe in this moment. */
  notice(): void;
  /** Resolves when the pieces under way have ended. What is left goes on at the next start. */
  stop(): Promise<void>;
}

const MiB = 1024 ** 2;
/** How often a volume server is asked for what waits there, beside the moments in which something may have come. */
const noticeEveryMs = 60_000;
/** Long enough that asking costs little beside writing, short enough that nobody waits long behind it. */
const pieceSeconds = 2;
const smallestPieceMiB = 16;
const largestPieceMiB = 1_024;

export function wipeSite(dependencies: WipeSiteDependencies): SiteWiper {
  const { site, log } = dependencies;
  const loops: Promise<void>[] = [];
  const noticers: (() => void)[] = [];
  let isStopped = false;

  const wipe = async (volumeServer: string, wipeMiBps: number): Promise<void> => {
    const pieceBytes = Math.ceil(Math.min(largestPieceMiB, Math.max(smallestPieceMiB, wipeMiBps * pieceSeconds))) * MiB;
    let mayHaveMore = true;
    let failure: string | undefined;
    let wake = (): void => undefined;
    noticers.push(() => {
      mayHaveMore = true;
      wake();
    });
    const rest = (milliseconds: number, isToBeWoken: boolean): Promise<void> =>
      new Promise((resolve) => {
        if (isStopped) {
          resolve();
          return;
        }
        const timer = setTimeout(resolve, milliseconds);
        timer.unref();
        wake = () => {
          if (isToBeWoken || isStopped) {
            clearTimeout(timer);
            resolve();
          }
        };
      });
    const step = async (): Promise<void> => {
      if (mayHaveMore) {
        mayHaveMore = false;
        await noticeRemains(dependencies, volumeServer);
      }
      const startedAtMs = performance.now();
      const done = await wipeNext(dependencies, { volumeServer, pieceBytes });
      if (done?.outcome === 'wiped') {
        const dueMs = (done.bytes / (wipeMiBps * MiB)) * 1_000;
        await rest(dueMs - (performance.now() - startedAtMs), false);
      } else if (done?.outcome === 'removed') {
        log.info({ volumeServer, name: done.wipe.name, bytes: done.wipe.bytes }, 'what was deleted is wiped, and its space is free');
      } else if (done?.outcome === 'failed') {
        log.warn(
          { volumeServer, name: done.wipe.name, reason: done.reason },
          'what was deleted could not be wiped; it is tried again after a minute',
        );
      } else if (!mayHaveMore) {
        await rest(noticeEveryMs, true);
        mayHaveMore = true;
      }
      failure = undefined;
    };
    while (!isStopped) {
      try {
        await step();
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        if (reason !== failure) {
          log.warn({ volumeServer, ...(cause instanceof DriverError ? { reason } : { err: cause }) }, 'what is to be wiped cannot be seen');
          failure = reason;
        }
        await rest(noticeEveryMs, true);
        mayHaveMore = true;
      }
    }
  };

  return {
    begin() {
      for (const name of wipingServers(site)) {
        const { wipeMiBps = Number.POSITIVE_INFINITY } = site.volumeServers.get(name) ?? {};
        loops.push(wipe(name, wipeMiBps));
      }
    },
    notice() {
      for (const notice of noticers) {
        notice();
      }
    },
    async stop() {
      isStopped = true;
      for (const notice of noticers) {
        notice();
      }
      await Promise.all(loops);
    },
  };
}
