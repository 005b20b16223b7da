import { DriverError } from '../../drivers/driver-error.ts';
import { ensurePresent, findPresent, repeatUntilDone } from '../../drivers/engine.ts';
import type { AttachmentId, VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, type StepContext, saga } from '../../saga/definition.ts';
import type { Reach } from '../../store/store.ts';
import { diskSource, diskSpec, exportSpec, sessionSpec } from './attachment-things.ts';
import { grownVolume } from './grown-volume.ts';
import { ofEitherSize } from './of-either-size.ts';
import type { OperationHosts } from './operation-hosts.ts';
import { attachmentSituation, engineContext, type SagaDependencies, volumeServerOf } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type ModifyVolumeInput = OperationHosts & {
  readonly volumeId: VolumeId;
  readonly volumeServer: string;
  readonly oldSizeGiB: number;
  readonly newSizeGiB: number;
  /** What has the volume while it grows. */
  readonly attachmentId?: AttachmentId;
  /** What has it besides. */
  readonly otherAttachmentIds?: readonly AttachmentId[];
};

export const modifyVolumeHeader = { kind: 'modify-volume', version: 1 } as const;

/**
 * The data grow first, then whatever of an attachment shows their size, from the export to the VM, then what is shown of the volume. It goes
 * forward only, since nothing that has grown can shrink.
 */
export function modifyVolumeSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  /** One for each attachment: none when the volume is not attached, or keeps its size. */
  const attached = async (
    { attachmentId, otherAttachmentIds = [] }: ModifyVolumeInput,
    grown: { readonly bytes: number } | null,
    step: StepContext,
  ) => {
    const attachmentIds = attachmentId === undefined || grown === null ? [] : [attachmentId, ...otherAttachmentIds];
    return Promise.all(
      attachmentIds.map(async (id) => {
        const all = await attachmentSituation(dependencies, id, step);
        if (all.plan.reach === undefined) {
          throw new Error(`attachment ${id} was never complete, and its volume grows`);
        }
        return { ...all, reach: { ...all.plan.reach, bytes: grown?.bytes ?? 0 } satisfies Reach };
      }),
    );
  };

  const inSize = ({ volumeId }: ModifyVolumeInput, sizeGiB: number) => ({ volumeId, bytes: bytesOfGiB(sizeGiB) });

  return saga<ModifyVolumeInput>({ ...modifyVolumeHeader, whenAStepFails: 'halt' })
    .step('volume', {
      async do({ input }, step): Promise<{ readonly path: string; readonly bytes: number } | null> {
        const { volume, grow } = volumeServerOf(dependencies, input.volumeServer).volumes;
        if (input.newSizeGiB === input.oldSizeGiB) {
          return null;
        }
        if (grow === undefined) {
          throw new DriverError('refused', 'the backend of the volume server cannot grow volumes any more');
        }
        const oldVolume = ofEitherSize(volume, await store.sizesInDoubt(input.volumeId));
        const grown = grownVolume(volume, grow, (spec) => oldVolume.look({ ...spec, bytes: bytesOfGiB(input.oldSizeGiB) }));
        return { ...(await ensurePresent(grown, inSize(input, input.newSizeGiB), engineContext(dependencies, step))) };
      },
    })
    .step('export', {
      async do({ input, volume }, step) {
        const [found] = await attached(input, volume, step);
        if (found !== undefined) {
          // All of them have the same one.
          const { plan, reach, exports, engine } = found;
          await repeatUntilDone(() => able(exports.grow, 'export server')(exportSpec(plan, reach)), engine);
        }
        return null;
      },
    })
    .step('session', {
      async do({ input, volume }, step) {
        for (const { plan, reach, session, growSession, engine } of await attached(input, volume, step)) {
          if (session !== undefined) {
            await repeatUntilDone(() => able(growSession, 'initiator')(sessionSpec(plan, reach, reach)), engine);
            await findPresent(session, sessionSpec(plan, reach, reach), engine);
          }
        }
        return null;
      },
    })
    .step('disk', {
      async do({ input, volume }, step) {
        for (const { plan, reach, vmm, engine } of await attached(input, volume, step)) {
          const spec = diskSpec(
            plan,
            reach,
            diskSource(plan, reach, reach.devicePath === undefined ? null : { devicePath: reach.devicePath }),
          );
          await repeatUntilDone(() => able(vmm.grow, 'VMM')(spec), engine);
        }
        return null;
      },
    })
    .step('record', {
      async do({ input, volume }, { claim }) {
        await store.recordModified(claim, input.volumeId, volume?.bytes);
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

/** A site whose settings changed since the operation was begun may have lost the ability. */
function able<Verb>(verb: Verb | undefined, who: string): Verb {
  if (verb === undefined) {
    throw new DriverError(
      'refused',
      `the backend of the ${who} cannot make an attached volume larger any more; detach the volume, and ask again`,
    );
  }
  return verb;
}
