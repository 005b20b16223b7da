import { ensureAbsent, ensurePresent, findPresent, repeatUntilDone } from '../../drivers/engine.ts';
import type { SnapshotId, VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, saga } from '../../saga/definition.ts';
import { engineContext, removeOurs, type SagaDependencies, volumeServerOf } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type CopySnapshotInput = {
  readonly snapshotId: SnapshotId;
  readonly from: { readonly snapshotId: SnapshotId; readonly volumeId: VolumeId };
  /** Holds the contents on their way, and is nobody's. */
  readonly temporaryVolumeId: VolumeId;
  readonly volumeServer: string;
  readonly sizeGiB: number;
};

export const copySnapshotHeader = { kind: 'copy-snapshot', version: 1 } as const;

/** A volume from the snapshot, a snapshot of that, and the volume goes: by verbs that every volume server has, so that no backend needs more. */
export function copySnapshotSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  const temporary = ({ temporaryVolumeId, sizeGiB }: CopySnapshotInput) => ({ volumeId: temporaryVolumeId, bytes: bytesOfGiB(sizeGiB) });
  const copy = (input: CopySnapshotInput) => ({ ...temporary(input), snapshotId: input.snapshotId });

  return saga<CopySnapshotInput>({ ...copySnapshotHeader, whenAStepFails: 'undo' })
    .step('volume', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensurePresent(volumes.volume, temporary(input), engineContext(dependencies, step));
        return null;
      },
      async undo({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensureAbsent(volumes.volume, temporary(input), engineContext(dependencies, step));
      },
    })
    .step('contents', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        const engine = engineContext(dependencies, step);
        await findPresent(volumes.snapshot, { ...input.from, bytes: bytesOfGiB(input.sizeGiB) }, engine);
        await repeatUntilDone(() => volumes.copy({ ...temporary(input), snapshotId: input.from.snapshotId }), engine);
        await findPresent(volumes.volume, temporary(input), engine);
        return null;
      },
    })
    .step('snapshot', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensurePresent(volumes.snapshot, copy(input), engineContext(dependencies, step));
        return null;
      },
      async undo({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensureAbsent(volumes.snapshot, copy(input), engineContext(dependencies, step));
      },
    })
    .step('tidy', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await removeOurs(volumes.volume, temporary(input), engineContext(dependencies, step));
        return null;
      },
    })
    .ends({
      done: (claim, { input }) => store.finishCreateSnapshot(claim, input.snapshotId),
      failed: (claim, input, failure) =>
        store.failCreateSnapshot(claim, input.snapshotId, shownFailure('copy of the snapshot', claim, failure)),
    });
}
