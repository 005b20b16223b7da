import type { AttachmentId, OperationId, VolumeId } from '../../model/ids.ts';
import { type SagaDefinition, type StepContext, saga } from '../../saga/definition.ts';
import type { AttachmentPlan, NewOperation, Reach } from '../../store/store.ts';
import { accessSpec, diskSource, diskSpec, exportSpec, sessionSpec } from './attachment-things.ts';
import { type DeleteVolumeInput, deleteVolumeHeader } from './delete-volume.ts';
import { attachmentSituation, removeOurs, type SagaDependencies } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type DetachVolumeInput = {
  readonly volumeId: VolumeId;
  readonly attachmentId: AttachmentId;
  /** The volume is to be deleted with its instance; its id was issued before, so that it is begun once. */
  readonly deletion?: { readonly operationId: OperationId; readonly volumeServer: string; readonly sizeGiB: number };
};

export const detachVolumeHeader = { kind: 'detach-volume', version: 1 } as const;

/**
 * Disk → session → access → export, forward only: the host side before the target side, since a device that loses its target while a VM uses it can come back as another tenant's (CVE-2023-2088).
 * It stops at the first thing that will not go and touches nothing behind it.
 */
export function detachVolumeSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  const situation = async (input: DetachVolumeInput, step: StepContext) => {
    const all = await attachmentSituation(dependencies, input.attachmentId, step);
    return { ...all, reach: reachOf(all.plan) };
  };

  return saga<DetachVolumeInput>({ ...detachVolumeHeader, whenAStepFails: 'halt' })
    .step('disk', {
      async do({ input }, step) {
        const { plan, reach, vmm, engine } = await situation(input, step);
        const session = reach.devicePath === undefined ? null : { devicePath: reach.devicePath };
        await removeOurs(vmm.disk, diskSpec(plan, reach, diskSource(plan, reach, session)), engine);
        return null;
      },
    })
    .step('session', {
      async do({ input }, step) {
        const { plan, reach, session, engine } = await situation(input, step);
        if (session !== undefined) {
          await removeOurs(session, sessionSpec(plan, reach, reach), engine);
        }
        return null;
      },
    })
    .step('access', {
      async do({ input }, step) {
        const { plan, exports, engine } = await situation(input, step);
        await removeOurs(exports.access, accessSpec(plan), engine);
        return null;
      },
    })
    .step('export', {
      async do({ input }, step) {
        const { plan, reach, exports, engine } = await situation(input, step);
        await removeOurs(exports.export, exportSpec(plan, reach), engine);
        return null;
      },
    })
    .ends({
      done: (claim, { input }) => store.finishDetach(claim, input.attachmentId, deletionOf(input)),
      failed: (claim, input, failure) => store.failDetach(claim, input.attachmentId, shownFailure('detachment', claim, failure)),
    });
}

/** Without an owner: whoever looks for work first claims it. */
function deletionOf({ volumeId, deletion }: DetachVolumeInput): NewOperation | undefined {
  if (deletion === undefined) {
    return undefined;
  }
  const { operationId, volumeServer, sizeGiB } = deletion;
  const input: DeleteVolumeInput = { volumeId, volumeServer, sizeGiB };
  return { ...deleteVolumeHeader, id: operationId, resourceId: volumeId, input };
}

function reachOf({ id, reach }: AttachmentPlan): Reach {
  if (reach === undefined) {
    throw new Error(`attachment ${id} was never complete, and is being detached`);
  }
  return reach;
}
