import type { SnapshotId, VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, saga } from '../../saga/definition.ts';
import { ofEitherSize } from './of-either-size.ts';
import { engineContext, removeOurs, type SagaDependencies, volumeServerOf } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type DeleteVolumeInput = {
  readonly volumeId: VolumeId;
  readonly volumeServer: string;
  readonly sizeGiB: number;
  /** The snapshot by way of which it was to be made, of a copy that was abandoned. */
  readonly temporary?: { readonly snapshotId: SnapshotId; readonly volumeId: VolumeId; readonly sizeGiB: number };
};

export const deleteVolumeHeader = { kind: 'delete-volume', version: 1 } as const;

export function deleteVolumeSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  return saga<DeleteVolumeInput>({ ...deleteVolumeHeader, whenAStepFails: 'halt' })
    .step('volume', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        const spec = { volumeId: input.volumeId, bytes: bytesOfGiB(input.sizeGiB) };
        const volume = ofEitherSize(volumes.volume, await store.sizesInDoubt(input.volumeId));
        const engine = engineContext(dependencies, step);
        if (input.temporary !== undefined) {
          const { sizeGiB, ...temporary } = input.temporary;
          await removeOurs(volumes.snapshot, { ...temporary, bytes: bytesOfGiB(sizeGiB) }, engine);
        }
        await removeOurs(volume, spec, engine);
        return null;
      },
    })
    .ends({
      done: (claim, { input }) => store.finishDeleteVolume(claim, input.volumeId),
      failed: (claim, input, failure) =>
        store.failDeleteVolume(claim, input.volumeId, shownFailure('deletion of the volume', claim, failure)),
    });
}
