/** How long an asking may take, for requests that can be aborted and for commands that want a number. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Milliseconds that are left, at least 1. */
  remainingMs(): number;
}

/** The work did not end within its limit. */
class TimeLimitReached extends Error {
  constructor(limitMs: number) {
    super(`no answer within ${limitMs} ms`);
    this.name = 'TimeLimitReached';
  }
}

/** Gives the work so many milliseconds. Rejects with TimeLimitReached at their end even when the work does not heed its signal. */
export async function within<Value>(limitMs: number, work: (limit: TimeLimit) => Promise<Value>): Promise<Value> {
  const controller = new AbortController();
  const endsAtMs = performance.now() + limitMs;
  const limit: TimeLimit = {
    signal: controller.signal,
    remainingMs: () => Math.max(1, Math.ceil(endsAtMs - performance.now())),
  };
  let timer: NodeJS.Timeout | undefined;
  const reached = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new TimeLimitReached(limitMs);
      // The rejection first: what the abort makes of the work comes second and is not heard.
      reject(error);
      controller.abort(error);
    }, limitMs);
  });
  try {
    return await Promise.race([work(limit), reached]);
  } finally {
    clearTimeout(timer);
  }
}
