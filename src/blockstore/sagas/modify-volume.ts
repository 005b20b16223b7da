import { DriverError } from '../../drivers/driver-error.ts';
import { ensurePresent, findPresent } from '../../drivers/engine.ts';
import type { VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, saga } from '../../saga/definition.ts';
import { grownVolume } from './grown-volume.ts';
import { engineContext, type SagaDependencies, volumeServerOf } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';
import { volumeOfEitherSize } from './volume-of-either-size.ts';

export type ModifyVolumeInput = {
  readonly volumeId: VolumeId;
  readonly volumeServer: string;
  readonly oldSizeGiB: number;
  readonly newSizeGiB: number;
  /** Another size that it may have already. */
  readonly maybeSizeGiB?: number;
};

export const modifyVolumeHeader = { kind: 'modify-volume', version: 1 } as const;

/** The data grow first, then what is shown of the volume changes. It goes forward only, since nothing that has grown can shrink. */
export function modifyVolumeSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  const inSize = ({ volumeId }: ModifyVolumeInput, sizeGiB: number) => ({ volumeId, bytes: bytesOfGiB(sizeGiB) });

  return saga<ModifyVolumeInput>({ ...modifyVolumeHeader, whenAStepFails: 'halt' })
    .step('volume', {
      async do({ input }, step) {
        const { volume, grow } = volumeServerOf(dependencies, input.volumeServer).volumes;
        if (input.newSizeGiB === input.oldSizeGiB) {
          return null;
        }
        if (grow === undefined) {
          throw new DriverError('refused', 'the backend of the volume server cannot grow volumes any more');
        }
        const oldVolume = volumeOfEitherSize(volume, input.maybeSizeGiB);
        const grown = grownVolume(volume, grow, (spec) => oldVolume.look({ ...spec, bytes: bytesOfGiB(input.oldSizeGiB) }));
        await ensurePresent(grown, inSize(input, input.newSizeGiB), engineContext(dependencies, step));
        return null;
      },
    })
    .step('record', {
      async do({ input }, { claim }) {
        await store.recordModified(claim, input.volumeId);
        return null;
      },
    })
    .step('check', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        return { ...(await findPresent(volumes.volume, inSize(input, input.newSizeGiB), engineContext(dependencies, step))) };
      },
    })
    .ends({
      done: (claim, { input }) => store.finishModify(claim, input.volumeId),
      failed: (claim, input, failure) =>
        store.failModify(claim, input.volumeId, shownFailure('modification of the volume', claim, failure)),
    });
}
