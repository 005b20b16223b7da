import { ensureAbsent, ensurePresent, findPresent, repeatUntilDone } from '../../drivers/engine.ts';
import type { SnapshotId, VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, saga } from '../../saga/definition.ts';
import { engineContext, removeOurs, type SagaDependencies, volumeServerOf } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type CopyVolumeInput = {
  readonly volumeId: VolumeId;
  readonly volumeServer: string;
  readonly sizeGiB: number;
  readonly source: { readonly volumeId: VolumeId; readonly sizeGiB: number };
  /** Holds the contents of one moment while they are copied, and is nobody's. */
  readonly temporarySnapshotId: SnapshotId;
};

export const copyVolumeHeader = { kind: 'copy-volume', version: 1 } as const;

/** A snapshot of the source, a volume from that, and the snapshot goes: by verbs that every volume server has, so that no backend needs more. */
export function copyVolumeSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  const wanted = ({ volumeId, sizeGiB }: CopyVolumeInput) => ({ volumeId, bytes: bytesOfGiB(sizeGiB) });
  const temporary = ({ source, temporarySnapshotId }: CopyVolumeInput) => ({
    snapshotId: temporarySnapshotId,
    volumeId: source.volumeId,
    bytes: bytesOfGiB(source.sizeGiB),
  });

  return saga<CopyVolumeInput>({ ...copyVolumeHeader, whenAStepFails: 'undo' })
    .step('snapshot', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensurePresent(volumes.snapshot, temporary(input), engineContext(dependencies, step));
        return null;
      },
      async undo({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensureAbsent(volumes.snapshot, temporary(input), engineContext(dependencies, step));
      },
    })
    .step('volume', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensurePresent(volumes.volume, wanted(input), engineContext(dependencies, step));
        return null;
      },
      async undo({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensureAbsent(volumes.volume, wanted(input), engineContext(dependencies, step));
      },
    })
    .step('contents', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        const engine = engineContext(dependencies, step);
        await findPresent(volumes.snapshot, temporary(input), engine);
        await repeatUntilDone(() => volumes.copy({ ...wanted(input), snapshotId: input.temporarySnapshotId }), engine);
        await findPresent(volumes.volume, wanted(input), engine);
        return null;
      },
    })
    .step('tidy', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await removeOurs(volumes.snapshot, temporary(input), engineContext(dependencies, step));
        return null;
      },
    })
    .ends({
      done: (claim, { input }) => store.finishCreateVolume(claim, input.volumeId),
      failed: (claim, input, failure) => store.failCreateVolume(claim, input.volumeId, shownFailure('copy of the volume', claim, failure)),
    });
}
