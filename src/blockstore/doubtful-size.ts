import type { Caller } from '../model/caller.ts';
import type { Volume } from '../model/volume.ts';
import type { Store } from '../store/store.ts';

/**
 * The larger size that the volume may have besides the one that the database tells: that of a modification which failed and may have worked all
 * the same, since nobody could be asked afterwards. `undefined` when there is no such doubt.
 */
export async function doubtfulSize(
  store: Store,
  { accountId }: Pick<Caller, 'accountId'>,
  { id, sizeGiB }: Pick<Volume, 'id' | 'sizeGiB'>,
): Promise<{ readonly maybeSizeGiB: number } | undefined> {
  const [modification] = await store.modifications(accountId, [id]);
  const isDoubtful = modification?.state === 'failed' && modification.target.sizeGiB > sizeGiB;
  return isDoubtful ? { maybeSizeGiB: modification.target.sizeGiB } : undefined;
}
