/**
 * Leaves a dead cloud alone. It opens at a time-out, which costs much, or at several failures in a row, and then lets nothing through;
 * after the pause it lets one request try, whose fate decides for the others.
 */
export interface CircuitBreaker {
  readonly state: 'closed' | 'open' | 'trying';
  /** Whether a request may go; one that may must be followed by `succeeded` or `failed`. */
  mayAsk(): boolean;
  /** Answers whether this closed it. */
  succeeded(): boolean;
  /**
   * `costly`: it took the whole time limit. What did not begin after the last failure was counted is the same mishap seen again: of a hundred questions that
   * fail together one counts. Answers whether this opened it.
   */
  failed(how: { readonly costly: boolean; readonly beganAtMs: number }): boolean;
}

export interface CircuitBreakerSettings {
  /** Failures in a row, none of them a time-out, that open it. */
  readonly failures: number;
  readonly pauseMs: number;
}

export function circuitBreaker({ failures, pauseMs }: CircuitBreakerSettings, clock: () => number): CircuitBreaker {
  let state: CircuitBreaker['state'] = 'closed';
  let inARow = 0;
  let pauseEndsAtMs = 0;
  let countedAtMs = Number.NEGATIVE_INFINITY;
  return {
    get state() {
      return state;
    },
    mayAsk() {
      if (state === 'open' && clock() >= pauseEndsAtMs) {
        state = 'trying';
        return true;
      }
      return state === 'closed';
    },
    succeeded() {
      const wasClosed = state === 'closed';
      state = 'closed';
      inARow = 0;
      return !wasClosed;
    },
    failed({ costly, beganAtMs }) {
      if (beganAtMs > countedAtMs) {
        inARow += 1;
        countedAtMs = clock();
      }
      if (!costly && state === 'closed' && inARow < failures) {
        return false;
      }
      const wasOpen = state === 'open';
      state = 'open';
      pauseEndsAtMs = clock() + pauseMs;
      return !wasOpen;
    },
  };
}
