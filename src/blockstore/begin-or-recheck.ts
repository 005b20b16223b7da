import { Failure } from '../model/failure.ts';
import type { Operation } from '../saga/operation.ts';
import type { Begun, Done, Refused } from '../store/store.ts';

/** Each round needs another request to have won in between; more than a few in a row do not happen. */
const mostRounds = 5;

/**
 * Begins what was checked already. The store begins only if what was checked still holds; when it refuses, another request was faster,
 * and checking again either throws the exact reason or finds the way free.
 */
export async function beginOrRecheck(begin: () => Promise<Begun | Refused<string>>, check: () => Promise<unknown>): Promise<Operation> {
  return (await doOrRecheck(begin, check)).operation;
}

/** The same for a change that is done at once. */
export async function doOrRecheck<Made extends Begun | Done>(
  change: () => Promise<Made | Refused<string>>,
  check: () => Promise<unknown>,
): Promise<Made> {
  for (let round = 1; round <= mostRounds; round += 1) {
    const result = await change();
    if (result.outcome !== 'refused') {
      return result;
    }
    refuseTooMany(result);
    await check();
  }
  throw new Failure({ kind: 'unavailable', reason: 'Too many requests change the same resource at the same time.' });
}

/** Throws when what stood against a new operation is how many are open: to check again would not show it. */
export function refuseTooMany({ reason }: Refused<string>): void {
  if (reason === 'too-many-open') {
    throw new Failure({
      kind: 'request-limit',
      reason: 'The account has as many operations under way as it may; wait until some have ended.',
    });
  }
}

/** A request that was only to be tried ends here, after all checks and before the first change. */
export function endDryRun(dryRun: boolean): void {
  if (dryRun) {
    throw new Failure({ kind: 'dry-run' });
  }
}
