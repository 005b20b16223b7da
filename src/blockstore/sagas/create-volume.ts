import { ensureAbsent, ensurePresent, findPresent, repeatUntilDone } from '../../drivers/engine.ts';
import type { SnapshotId, VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, saga } from '../../saga/definition.ts';
import { engineContext, type SagaDependencies, volumeServerOf } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type CreateVolumeInput = {
  readonly volumeId: VolumeId;
  readonly volumeServer: string;
  readonly sizeGiB: number;
  readonly from?: SnapshotOrigin;
};

type SnapshotOrigin = { readonly snapshotId: SnapshotId; readonly volumeId: VolumeId; readonly sizeGiB: number };

export const createVolumeHeader = { kind: 'create-volume', version: 1 } as const;

/** An empty volume, then the contents of its snapshot if it has one. */
export function createVolumeSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  const wanted = ({ volumeId, sizeGiB }: CreateVolumeInput) => ({ volumeId, bytes: bytesOfGiB(sizeGiB) });

  return saga<CreateVolumeInput>({ ...createVolumeHeader, whenAStepFails: 'undo' })
    .step('volume', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        return { ...(await ensurePresent(volumes.volume, wanted(input), engineContext(dependencies, step))) };
      },
      async undo({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensureAbsent(volumes.volume, wanted(input), engineContext(dependencies, step));
      },
    })
    .stepIf('contents', ({ from }) => from !== undefined, {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        const engine = engineContext(dependencies, step);
        const { snapshotId, volumeId, sizeGiB } = input.from as SnapshotOrigin;
        await findPresent(volumes.snapshot, { snapshotId, volumeId, bytes: bytesOfGiB(sizeGiB) }, engine);
        await repeatUntilDone(() => volumes.copy({ ...wanted(input), snapshotId }), engine);
        await findPresent(volumes.volume, wanted(input), engine);
        return null;
      },
    })
    .ends({
      done: (claim, { input }) => store.finishCreateVolume(claim, input.volumeId),
      failed: (claim, input, failure) =>
        store.failCreateVolume(claim, input.volumeId, shownFailure('creation of the volume', claim, failure)),
    });
}
