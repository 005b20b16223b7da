import type { VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, saga } from '../../saga/definition.ts';
import { engineContext, removeOurs, type SagaDependencies, volumeServerOf } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';
import { volumeOfEitherSize } from './volume-of-either-size.ts';

export type DeleteVolumeInput = {
  readonly volumeId: VolumeId;
  readonly volumeServer: string;
  readonly sizeGiB: number;
  /** Another size that it may have. */
  readonly maybeSizeGiB?: number;
};

export const deleteVolumeHeader = { kind: 'delete-volume', version: 1 } as const;

export function deleteVolumeSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  return saga<DeleteVolumeInput>({ ...deleteVolumeHeader, whenAStepFails: 'halt' })
    .step('volume', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        const spec = { volumeId: input.volumeId, bytes: bytesOfGiB(input.sizeGiB) };
        const volume = volumeOfEitherSize(volumes.volume, input.maybeSizeGiB);
        await removeOurs(volume, spec, engineContext(dependencies, step));
        return null;
      },
    })
    .ends({
      done: (claim, { input }) => store.finishDeleteVolume(claim, input.volumeId),
      failed: (claim, input, failure) =>
        store.failDeleteVolume(claim, input.volumeId, shownFailure('deletion of the volume', claim, failure)),
    });
}
