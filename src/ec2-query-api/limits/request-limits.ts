import { Failure } from '../../model/failure.ts';
import type { AccountId } from '../../model/ids.ts';
import type { Settings } from '../../settings/settings.ts';
import type { ActionName } from '../actions/action.ts';
import type { ParamTree } from '../wire/nest-params.ts';
import { createAccountTurnstile } from './account-turnstile.ts';
import { isListing, type RequestCategory, requestCategory } from './request-category.ts';
import { createTokenBuckets } from './token-buckets.ts';

export type RequestLimitSettings = Settings['limits'];

/** What one account may ask for, so that the others are answered too. */
export interface RequestLimits {
  /** Counts one request of a proved sender, whatever will come of it. Throws Failure (`request-limit`) for one that is too many; costs next to nothing. */
  count(request: ProvedRequest): void;
  /** Does the work of a request when its account has its turn. Throws Failure (`request-limit`) when too many of the account's wait already. */
  inTurn<Result>(request: ProvedRequest, work: () => Promise<Result>): Promise<Result>;
}

export interface ProvedRequest {
  readonly accountId: AccountId;
  readonly action: ActionName;
  /** Its parameters, which are not read yet. */
  readonly members: ParamTree;
}

/** An account that was longest known is forgotten for one more; its buckets are full again then. */
const mostAccounts = 10_000;

/**
 * As EC2 has it: a token bucket for each account and action, of the size of the action's category. Kept in memory, so that they are full after a start.
 * `clock` tells milliseconds.
 */
export function createRequestLimits({ requests, accounts }: RequestLimitSettings, clock: () => number): RequestLimits {
  const buckets = createTokenBuckets({ clock, mostHolders: mostAccounts });
  const { waiting } = requests;
  const turnstile = createAccountTurnstile({ underWay: requests.underWay, waiting });
  // Each holds what it has read until it is answered, and more of them at a time are answered no sooner.
  const listings = createAccountTurnstile({ underWay: requests.listingsUnderWay, waiting });
  const sizeFor = (accountId: AccountId, category: RequestCategory) => accounts[accountId]?.[category] ?? requests[category];
  return {
    count({ accountId, action, members }) {
      const category = requestCategory(action, members);
      // What lists everything has a bucket of its own, beside the one of the same action for what is asked for by id.
      const name = category === 'describeEverything' ? `${action} of everything` : action;
      if (!buckets.take(accountId, name, sizeFor(accountId, category))) {
        throw new Failure({ kind: 'request-limit', reason: `The account asks for ${action} too often; wait a little and try again.` });
      }
    },
    inTurn: ({ accountId, action, members }, work) => (isListing(action, members) ? listings : turnstile)(accountId, work),
  };
}
