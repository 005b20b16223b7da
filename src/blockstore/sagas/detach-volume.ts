import { DriverError } from '../../drivers/driver-error.ts';
import { findPresent } from '../../drivers/engine.ts';
import type { AttachmentId, OperationId, VolumeId } from '../../model/ids.ts';
import { type SagaDefinition, type StepContext, saga } from '../../saga/definition.ts';
import type { OperatorStatement } from '../../saga/journal.ts';
import type { Deletion } from '../../store/store.ts';
import { accessSpec, diskSource, diskSpec, exportSpec, sessionSpec, volumeSpec } from './attachment-things.ts';
import { type DeleteVolumeInput, deleteVolumeHeader } from './delete-volume.ts';
import { keepAccesses } from './keep-accesses.ts';
import { ofEitherSize } from './of-either-size.ts';
import type { OperationHosts } from './operation-hosts.ts';
import { attachmentSituation, exportSituation, removeOurs, type SagaDependencies } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type DetachVolumeInput = OperationHosts & {
  readonly volumeId: VolumeId;
  readonly attachmentId: AttachmentId;
  /** The volume is barred when its host is not known to have let go. */
  readonly force?: true;
  /** The operator answers for it that the host cannot reach the volume, should the host not answer by itself. */
  readonly fenced?: OperatorStatement;
  /** The volume is to be deleted with its instance; its id was issued before, so that it is begun once. */
  readonly deletion?:
    | { readonly operationId: OperationId; readonly volumeServer: string; readonly sizeGiB: number }
    /** Into the recycle bin, for so long. */
    | { readonly retentionMs: number };
};

export const detachVolumeHeader = { kind: 'detach-volume', version: 1 } as const;

/** By what it is known that a thing of the host's is gone. */
type Release = { readonly proof: 'seen' | 'stated'; readonly unseen?: string };

/** The steps on the side of the host: until these are done, a VM may be using the volume. */
const hostSteps: readonly string[] = ['disk', 'session'];

/**
 * Disk → session → access → export, forward only: the host side before the target side, since a device that loses its target while a VM uses it can come back as another tenant's (CVE-2023-2088).
 * It stops at the first thing that will not go and touches nothing behind it. That a host was fenced counts only where the host cannot be asked: one that answers knows better.
 */
export function detachVolumeSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;

  const released = async ({ fenced }: DetachVolumeInput, remove: () => Promise<void>): Promise<Release> => {
    try {
      await remove();
      return { proof: 'seen' };
    } catch (cause) {
      const cannotTell = cause instanceof DriverError && (cause.kind === 'unknown' || cause.kind === 'unavailable');
      if (fenced !== undefined && cannotTell) {
        return { proof: 'stated', unseen: cause.message };
      }
      throw cause;
    }
  };

  return saga<DetachVolumeInput>({ ...detachVolumeHeader, whenAStepFails: 'halt' })
    .step('disk', {
      do: ({ input }, step) =>
        released(input, async () => {
          const { plan, vmm, session, sizesInDoubt, engine } = await attachmentSituation(dependencies, input.attachmentId, step);
          const { reach } = plan;
          // An attach that was abandoned before it had an export, or a session where it needs one, never came to its disk.
          if (reach !== undefined && (session === undefined || reach.devicePath !== undefined)) {
            const device = reach.devicePath === undefined ? null : { devicePath: reach.devicePath };
            await removeOurs(ofEitherSize(vmm.disk, await sizesInDoubt()), diskSpec(plan, reach, diskSource(plan, reach, device)), engine);
          }
        }),
    })
    .step('session', {
      do: ({ input }, step) =>
        released(input, async () => {
          const { plan, session, sizesInDoubt, engine } = await attachmentSituation(dependencies, input.attachmentId, step);
          if (session !== undefined && plan.reach !== undefined) {
            await removeOurs(ofEitherSize(session, await sizesInDoubt()), sessionSpec(plan, plan.reach, plan.reach), engine);
          }
        }),
    })
    .step('access', {
      async do({ input }, step) {
        const { plan, sharers, exports, engine } = await exportSituation(dependencies, input.attachmentId, step);
        await removeOurs(exports.access, accessSpec(plan, sharers), engine);
        await keepAccesses(exports, plan, sharers, engine);
        return null;
      },
    })
    .step('export', {
      async do({ input }, step: StepContext) {
        const { plan, sharers, volumes, exports, sizesInDoubt, engine } = await exportSituation(dependencies, input.attachmentId, step);
        // It goes with the last attachment.
        if (sharers.length > 0) {
          return null;
        }
        const stored = plan.reach ?? (await findPresent(ofEitherSize(volumes.volume, await sizesInDoubt()), volumeSpec(plan), engine));
        await removeOurs(ofEitherSize(exports.export, await sizesInDoubt()), exportSpec(plan, stored), engine);
        return null;
      },
    })
    .ends({
      done: (claim, { input, disk, session }) =>
        store.finishDetach(claim, input.attachmentId, proofOf(claim.operationId, input, [disk, session]), deletionOf(input)),
      failed: (claim, input, failure) => {
        const shown = shownFailure('detachment', claim, failure);
        return input.force && hostSteps.includes(failure.step)
          ? store.failDetach(claim, input.attachmentId, { ...shown, shown: `${shown.shown} ${barredText}` }, barReason(failure))
          : store.failDetach(claim, input.attachmentId, shown);
      },
    });
}

const barredText = 'The volume is barred until the operator has cleared it.';

function barReason({ step, reason }: { readonly step: string; readonly reason: string }): string {
  return `a forced detach could not prove that the VMM host has let go: ${step}: ${reason}`;
}

function proofOf(operationId: string, { fenced }: DetachVolumeInput, releases: readonly (Release | null)[]): string {
  // The journal of an operation that an earlier version began has none.
  const isStated = releases.some((release) => release?.proof === 'stated');
  return fenced !== undefined && isStated
    ? `stated by ${fenced.by}: ${fenced.statement ?? ''} (${operationId})`
    : `disk and session seen gone (${operationId})`;
}

/** Without an owner: whoever looks for work first claims it. */
function deletionOf({ volumeId, deletion }: DetachVolumeInput): Deletion | undefined {
  if (deletion === undefined || 'retentionMs' in deletion) {
    return deletion;
  }
  const { operationId, volumeServer, sizeGiB } = deletion;
  const input: DeleteVolumeInput = { volumeId, volumeServer, sizeGiB };
  return { operation: { ...deleteVolumeHeader, id: operationId, resourceId: volumeId, input } };
}
