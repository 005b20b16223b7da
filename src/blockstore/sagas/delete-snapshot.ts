import type { SnapshotId, VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, saga } from '../../saga/definition.ts';
import { engineContext, removeOurs, type SagaDependencies, volumeServerOf } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type DeleteSnapshotInput = {
  readonly snapshotId: SnapshotId;
  readonly volumeId: VolumeId;
  readonly volumeServer: string;
  readonly sizeGiB: number;
  /** The volume by way of which it was to be made, of a copy that was abandoned. */
  readonly temporary?: { readonly volumeId: VolumeId };
};

export const deleteSnapshotHeader = { kind: 'delete-snapshot', version: 1 } as const;

export function deleteSnapshotSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  return saga<DeleteSnapshotInput>({ ...deleteSnapshotHeader, whenAStepFails: 'halt' })
    .step('snapshot', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        const spec = { snapshotId: input.snapshotId, volumeId: input.volumeId, bytes: bytesOfGiB(input.sizeGiB) };
        const engine = engineContext(dependencies, step);
        await removeOurs(volumes.snapshot, spec, engine);
        if (input.temporary !== undefined) {
          await removeOurs(volumes.volume, { ...input.temporary, bytes: spec.bytes }, engine);
        }
        return null;
      },
    })
    .ends({
      done: (claim, { input }) => store.finishDeleteSnapshot(claim, input.snapshotId),
      failed: (claim, input, failure) =>
        store.failDeleteSnapshot(claim, input.snapshotId, shownFailure('deletion of the snapshot', claim, failure)),
    });
}
