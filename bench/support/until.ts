import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until there is an answer. Rejects with what `describe` says when there is none in time. */
export async function until<Value>(
  probe: () => Promise<Value | undefined>,
  { everyMs, timeoutMs, describe }: { readonly everyMs: number; readonly timeoutMs: number; readonly describe: () => string },
): Promise<Value> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) {
      return value;
    }
    if (performance.now() > deadlineMs) {
      throw new Error(describe());
    }
    await sleep(everyMs);
  }
}
