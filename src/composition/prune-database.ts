import type { Finding } from '../blockstore/findings.ts';
import { type PruneDependencies, prune } from '../blockstore/pruning.ts';
import type { Log } from '../telemetry/log.ts';

export interface PruneDatabaseDependencies extends Pick<PruneDependencies, 'store'> {
  readonly clock: () => number;
  readonly log: Log;
  /** How long what is over is kept. */
  readonly operationsMs: number;
  readonly clientTokensMs: number;
  /** When the first round begins after the start, and the next one after the end of one. */
  readonly firstAfterMs?: number;
  readonly everyMs?: number;
}

export interface DatabasePruner {
  /** What the last comparison with the hosts has found: its history is kept. */
  spare(findings: readonly Finding[]): void;
  /** Resolves when the piece under way has ended. */
  stop(): Promise<void>;
}

/** Behind the start, which has enough to do. */
const defaultFirstAfterMs = 60_000;
const defaultEveryMs = 6 * 60 * 60 * 1_000;
/** Ten times what a piece takes at the most: all of it together is a tenth of a processor, for as long as there is something to do. */
const restMs = 40;

/** Removes in the background what is over and older than the settings keep it. */
export function pruneDatabase(dependencies: PruneDatabaseDependencies): DatabasePruner {
  const { store, clock, log, operationsMs, clientTokensMs, firstAfterMs = defaultFirstAfterMs, everyMs = defaultEveryMs } = dependencies;
  let findings: readonly { readonly name?: string }[] = [];
  let isStopped = false;
  let wake = (): void => undefined;

  const rest = (milliseconds: number): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(!isStopped), isStopped ? 0 : milliseconds);
      timer.unref();
      wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  const round = async (): Promise<void> => {
    const nowMs = clock();
    const order = { beforeMs: nowMs - operationsMs, clientTokensBeforeMs: nowMs - clientTokensMs, findings, isDryRun: false };
    const removed = await prune({ store, rest: () => rest(restMs) }, order);
    if (Object.values(removed).some((count) => count > 0)) {
      log.info(removed, 'what was over for long was removed from the database');
    }
  };
  const loop = async (): Promise<void> => {
    for (let goesOn = await rest(firstAfterMs); goesOn; goesOn = await rest(everyMs)) {
      await round().catch((cause: unknown) =>
        log.warn({ err: cause }, 'what is over could not be removed from the database; it is tried again later'),
      );
    }
  };
  const looping = loop();
  return {
    spare(found) {
      findings = found.map((finding) => ('name' in finding ? { name: finding.name } : {}));
    },
    async stop() {
      isStopped = true;
      wake();
      await looping;
    },
  };
}
