import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { SnapshotId, VolumeId } from '../model/ids.ts';
import { openOperationStates } from '../saga/operation.ts';
import type { Store } from '../store/store.ts';

/** Throws when an operation on the resource is open: under way, or stuck until the operator has looked at it. */
export async function refuseWhileChanging(store: Store, resourceId: VolumeId | SnapshotId): Promise<void> {
  const [operation] = await store.operations({ states: openOperationStates, resourceId, limit: 1 });
  if (operation !== undefined) {
    throw new Failure({ kind: 'operation-under-way', resourceId, operation: `${operation.kind} ${operation.id}` });
  }
}

/** Throws while the volume is barred. */
export async function refuseBarred(store: Store, volumeId: VolumeId): Promise<void> {
  const bar = (await store.openBars()).find((each) => each.volumeId === volumeId);
  if (bar !== undefined) {
    throw new Failure({ kind: 'volume-barred', volumeId, operationId: bar.operationId });
  }
}

/** Throws while a snapshot or a copy of the volume is being made: it reads the volume until it is completed. */
export async function refuseWhileCopied(store: Store, volumeId: VolumeId): Promise<void> {
  const [copyId] = await store.volumeReaders(volumeId);
  if (copyId !== undefined) {
    throw new Failure({ kind: 'volume-being-copied', volumeId, copyId });
  }
}

/** Throws while the volume is modified: it has neither its old size nor its new one for certain. */
export async function refuseWhileModified(store: Store, { accountId }: Caller, volumeId: VolumeId): Promise<void> {
  const [modification] = await store.modifications(accountId, [volumeId]);
  if (modification?.state === 'modifying' || modification?.state === 'optimizing') {
    throw new Failure({ kind: 'modification-under-way', volumeId, state: modification.state });
  }
}

/** Throws while a volume or a copy is being made from the snapshot, be it by another account, which is not named. */
export async function refuseWhileRead(store: Store, { accountId }: Caller, snapshotId: SnapshotId): Promise<void> {
  const readers = await store.snapshotReaders(snapshotId);
  if (readers.length > 0) {
    const own = readers.find((reader) => reader.accountId === accountId);
    throw new Failure({ kind: 'snapshot-in-use', snapshotId, ...(own && { readerId: own.id }) });
  }
}
