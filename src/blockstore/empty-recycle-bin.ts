import type { Operation } from '../saga/operation.ts';
import type { ExpiredResource, NewOperation, Store } from '../store/store.ts';
import { type DeleteSnapshotInput, deleteSnapshotHeader } from './sagas/delete-snapshot.ts';
import { type DeleteVolumeInput, deleteVolumeHeader } from './sagas/delete-volume.ts';

/**
 * Begins to delete what has been in the recycle bin for its time, with the same operations as a delete that the bin did not hold up. The caller
 * has to start them when it is their owner. What is restored in the same moment is left alone.
 */
export async function emptyRecycleBin({ store, owner }: { readonly store: Store; readonly owner?: string }): Promise<readonly Operation[]> {
  const begun: Operation[] = [];
  for (const expired of await store.recycledTooLong()) {
    const id = await store.issueId('operation');
    const result = await store.beginDeleteRecycled({ operation: { id, ...deletionOf(expired), ...(owner !== undefined && { owner }) } });
    if (result.outcome === 'begun') {
      begun.push(result.operation);
    }
  }
  return begun;
}

function deletionOf(expired: ExpiredResource): Pick<NewOperation, 'kind' | 'version' | 'resourceId' | 'accountId' | 'input'> {
  const { accountId, volumeId, volumeServer, sizeGiB } = expired;
  if (expired.kind === 'volume') {
    const input: DeleteVolumeInput = { volumeId, volumeServer, sizeGiB };
    return { ...deleteVolumeHeader, resourceId: volumeId, accountId, input };
  }
  const { snapshotId } = expired;
  const input: DeleteSnapshotInput = { snapshotId, volumeId, volumeServer, sizeGiB };
  return { ...deleteSnapshotHeader, resourceId: snapshotId, accountId, input };
}
