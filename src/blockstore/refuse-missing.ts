import { Failure, type FailureReason } from '../model/failure.ts';

/** Throws when one of the ids that were asked for was not found; the failure names every one of them. */
export function refuseMissing<Id extends string>(
  wanted: readonly Id[] | undefined,
  found: readonly { readonly id: Id }[],
  reasonFor: (missing: readonly Id[]) => FailureReason,
): void {
  const foundIds = new Set(found.map(({ id }) => id));
  const missing = (wanted ?? []).filter((id) => !foundIds.has(id));
  if (missing.length > 0) {
    throw new Failure(reasonFor(missing));
  }
}
