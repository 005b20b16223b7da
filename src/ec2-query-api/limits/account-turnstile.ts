import { Failure } from '../../model/failure.ts';
import type { AccountId } from '../../model/ids.ts';

interface Visitors {
  underWay: number;
  readonly waiting: (() => void)[];
}

/**
 * Lets `underWay` requests of an account be worked on at a time and `waiting` more wait for them, in the order in which they came. All accounts share
 * one event loop: a thousand requests that come at once would be worked on before anybody else's, so the next one is let in only after the loop has
 * looked at what others sent.
 */
export function createAccountTurnstile(most: { readonly underWay: number; readonly waiting: number }) {
  const accounts = new Map<AccountId, Visitors>();

  const leave = (accountId: AccountId, visitors: Visitors): void => {
    const next = visitors.waiting.shift();
    if (next !== undefined) {
      setImmediate(next);
      return;
    }
    visitors.underWay -= 1;
    if (visitors.underWay === 0) {
      accounts.delete(accountId);
    }
  };

  return async <Result>(accountId: AccountId, work: () => Promise<Result>): Promise<Result> => {
    const visitors: Visitors = accounts.get(accountId) ?? { underWay: 0, waiting: [] };
    accounts.set(accountId, visitors);
    if (visitors.underWay < most.underWay) {
      visitors.underWay += 1;
    } else if (visitors.waiting.length < most.waiting) {
      // Whoever leaves hands on its place.
      await new Promise<void>((resolve) => visitors.waiting.push(resolve));
    } else {
      throw new Failure({ kind: 'request-limit', reason: 'Too many requests of the account wait for their answers.' });
    }
    try {
      return await work();
    } finally {
      leave(accountId, visitors);
    }
  };
}
