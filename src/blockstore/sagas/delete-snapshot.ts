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
};

export const deleteSnapshotHeader = { kind: 'delete-snapshot', version: 1 } as const;

export function deleteSnapshotSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  return saga<DeleteSnapshotInput>({ ...deleteSnapshotHeader, whenAStepFails: 'halt' })
    .step('snapshot', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        const spec = { snapshotId: input.snapshotId, volumeId: input.volumeId, bytes: bytesOfGiB(input.sizeGiB) };
        await removeOurs(volumes.snapshot, spec, engineContext(dependencies, step));
        return null;
      },
    })
    .ends({
      done: (claim, { input }) => store.finishDeleteSnapshot(claim, input.snapshotId),
      failed: (claim, input, failure) =>
        store.failDeleteSnapshot(claim, input.snapshotId, shownFailure('deletion of the snapshot', claim, failure)),
    });
}
