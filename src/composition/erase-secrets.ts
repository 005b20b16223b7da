import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** How long a secret that has ended may still be found in the files of the database. */
const everyMs = 1_000;

/** Takes secrets that have ended out of the files of the database, soon after they have. */
export function eraseSecrets({ store, log }: { readonly store: Pick<Store, 'eraseEndedSecrets'>; readonly log: Log }): { stop(): void } {
  let isFailing = false;
  const timer = setInterval(() => {
    store.eraseEndedSecrets().then(
      () => {
        isFailing = false;
      },
      (cause: unknown) => {
        // Told once: a full disk stays full for a while.
        if (!isFailing) log.warn({ err: cause }, 'secrets that have ended could not be taken out of the database; it is tried again');
        isFailing = true;
      },
    );
  }, everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
