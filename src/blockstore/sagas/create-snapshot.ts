import { ensureAbsent, ensurePresent } from '../../drivers/engine.ts';
import type { SnapshotSpec, VolumeServer } from '../../drivers/volume-server.ts';
import type { SnapshotId, VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, type StepContext, saga } from '../../saga/definition.ts';
import { engineContext, type SagaDependencies, volumeServerOf } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type CreateSnapshotInput = {
  readonly snapshotId: SnapshotId;
  readonly volumeId: VolumeId;
  readonly volumeServer: string;
  readonly sizeGiB: number;
};

export const createSnapshotHeader = { kind: 'create-snapshot', version: 1 } as const;

export function createSnapshotSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  const wanted = ({ snapshotId, volumeId, sizeGiB }: CreateSnapshotInput): SnapshotSpec => ({
    snapshotId,
    volumeId,
    bytes: bytesOfGiB(sizeGiB),
  });

  return saga<CreateSnapshotInput>({ ...createSnapshotHeader, whenAStepFails: 'undo' })
    .step('snapshot', {
      async do({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        const stopReporting = reportProgress(volumes, wanted(input), input, step);
        try {
          return { ...(await ensurePresent(volumes.snapshot, wanted(input), engineContext(dependencies, step))) };
        } finally {
          await stopReporting();
        }
      },
      async undo({ input }, step) {
        const { volumes } = volumeServerOf(dependencies, input.volumeServer);
        await ensureAbsent(volumes.snapshot, wanted(input), engineContext(dependencies, step));
      },
    })
    .ends({
      done: (claim, { input }) => store.finishCreateSnapshot(claim, input.snapshotId),
      failed: (claim, input, failure) => store.failCreateSnapshot(claim, input.snapshotId, shownFailure('snapshot', claim, failure)),
    });

  /** Writes the progress of a copy that is under way, until it is told to stop. Progress is a courtesy: not to know it fails nothing. */
  function reportProgress(
    volumes: VolumeServer,
    spec: SnapshotSpec,
    input: CreateSnapshotInput,
    { claim }: StepContext,
  ): () => Promise<void> {
    let asking: Promise<void> = Promise.resolve();
    const ask = async (): Promise<void> => {
      const fraction = await volumes.progress(spec).then(
        (answer) => answer.value,
        () => undefined,
      );
      if (fraction !== undefined) {
        // Never 100 before it is published.
        await store.reportSnapshotProgress(claim, input.snapshotId, Math.min(99, Math.floor(fraction * 100)));
      }
    };
    const timer = setInterval(() => {
      asking = asking.then(ask).catch(() => undefined);
    }, dependencies.patience.progressEveryMs);
    timer.unref();
    return async () => {
      clearInterval(timer);
      await asking;
    };
  }
}
