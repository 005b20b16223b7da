import type { SnapshotId, VolumeId } from '../model/ids.ts';
import type { Store } from '../store/store.ts';
import { type CopySnapshotInput, copySnapshotHeader } from './sagas/copy-snapshot.ts';
import { type CopyVolumeInput, copyVolumeHeader } from './sagas/copy-volume.ts';
import type { DeleteSnapshotInput } from './sagas/delete-snapshot.ts';
import type { DeleteVolumeInput } from './sagas/delete-volume.ts';

/** More than are ever asked for of something that is in error. */
const operationsRead = 100;

/** What a copy that the operator abandoned may have left besides the volume: nobody has it, so it goes with the volume. */
export async function leftOfVolumeCopy(store: Store, volumeId: VolumeId): Promise<Pick<DeleteVolumeInput, 'temporary'>> {
  const input = (await abandonedInput(store, volumeId, copyVolumeHeader.kind)) as CopyVolumeInput | undefined;
  return input === undefined ? {} : { temporary: { snapshotId: input.temporarySnapshotId, ...input.source } };
}

/** The same of a snapshot. */
export async function leftOfSnapshotCopy(store: Store, snapshotId: SnapshotId): Promise<Pick<DeleteSnapshotInput, 'temporary'>> {
  const input = (await abandonedInput(store, snapshotId, copySnapshotHeader.kind)) as CopySnapshotInput | undefined;
  return input === undefined ? {} : { temporary: { volumeId: input.temporaryVolumeId } };
}

async function abandonedInput(store: Store, resourceId: string, kind: string): Promise<unknown> {
  const operations = await store.operations({ states: ['abandoned'], resourceId, limit: operationsRead });
  return operations.find((operation) => operation.kind === kind)?.input;
}
