import type { AccountId } from '../model/ids.ts';
import { type CircuitBreaker, type CircuitBreakerSettings, circuitBreaker } from './circuit-breaker.ts';
import type { Asker } from './cloud-resolver.ts';

/**
 * The circuit breakers of one cloud. What the service or the operator asks for tells of the cloud itself, and opens the circuit for all. What another
 * account asks for may fail because of what it asks, ids that break a program among it: that leaves this account alone and nobody else.
 */
export interface Circuits {
  /** Of the cloud: while it is not closed, nobody's question goes through. */
  readonly ofCloud: CircuitBreaker;
  /** The one that counts the failures of this asker's questions. */
  of(asker: Asker | undefined): CircuitBreaker;
}

export function circuits(settings: CircuitBreakerSettings, clock: () => number): Circuits {
  const ofCloud = circuitBreaker(settings, clock);
  // As many as there are accounts with access keys.
  const ofAccounts = new Map<AccountId, CircuitBreaker>();
  return {
    ofCloud,
    of(asker) {
      if (asker === undefined || asker.isOperator) {
        return ofCloud;
      }
      const found = ofAccounts.get(asker.accountId) ?? circuitBreaker(settings, clock);
      ofAccounts.set(asker.accountId, found);
      return found;
    },
  };
}
