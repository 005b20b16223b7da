import type { Caller } from '../model/caller.ts';
import type { SnapshotId } from '../model/ids.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Store } from '../store/store.ts';

/** A snapshot of the caller's own, or one that is shared with the caller, which comes without its owner's tags. */
export async function findVisibleSnapshot(store: Store, { accountId }: Caller, snapshotId: SnapshotId): Promise<Snapshot | undefined> {
  const [own] = await store.snapshots(accountId, [snapshotId]);
  const [visible] = own === undefined ? await store.visibleSnapshots(accountId, { snapshotIds: [snapshotId] }) : [own];
  return visible;
}
