import { DriverError } from '../../drivers/driver-error.ts';
import { ensurePresent, findPresent } from '../../drivers/engine.ts';
import type { Vmm } from '../../drivers/vmm.ts';
import type { AttachmentId, VolumeId } from '../../model/ids.ts';
import { type SagaDefinition, type StepContext, saga } from '../../saga/definition.ts';
import type { AttachmentPlan } from '../../store/store.ts';
import { accessSpec, diskSource, diskSpec, exportSpec, sessionSpec, volumeSpec } from './attachment-things.ts';
import { ofEitherSize } from './of-either-size.ts';
import type { OperationHosts } from './operation-hosts.ts';
import { attachmentSituation, type SagaDependencies } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type RestoreAttachmentInput = OperationHosts & { readonly volumeId: VolumeId; readonly attachmentId: AttachmentId };

export const restoreAttachmentHeader = { kind: 'restore-attachment', version: 1 } as const;

/**
 * Makes whatever of an attachment was lost, as after a reboot of its volume server or VMM host: under the same name, portal, LUN and secret, so that an
 * initiator that has gone on trying finds its disk again. Forward only: what is there serves the VM, whether or not the rest could be made.
 */
export function restoreAttachmentSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  const situation = async (input: RestoreAttachmentInput, step: StepContext) => {
    const all = await attachmentSituation(dependencies, input.attachmentId, step);
    // A detach that the VM held up goes on where it stopped: until then the VM keeps its disk, and gets no other.
    return { ...all, isLeaving: all.plan.state === 'busy' };
  };

  return saga<RestoreAttachmentInput>({ ...restoreAttachmentHeader, whenAStepFails: 'halt' })
    .step('volume', {
      async do({ input }, step) {
        const { plan, volumes, sizesInDoubt, engine } = await situation(input, step);
        return { ...(await findPresent(ofEitherSize(volumes.volume, await sizesInDoubt()), volumeSpec(plan), engine)) };
      },
    })
    .step('export', {
      async do({ input, volume }, step) {
        const { plan, exports, sizesInDoubt, engine } = await situation(input, step);
        return { ...(await ensurePresent(ofEitherSize(exports.export, await sizesInDoubt()), exportSpec(plan, volume), engine)) };
      },
    })
    .step('access', {
      async do({ input }, step) {
        const { plan, sharers, exports, engine } = await situation(input, step);
        // Who has lost the export has lost its access, and no look at the exports would tell that of the volume's other attachments.
        const barred = new Set((sharers.length === 0 ? [] : await store.openBars()).map(({ attachmentId }) => attachmentId));
        const all = [plan, ...sharers];
        for (const each of all.filter(({ id }) => !barred.has(id))) {
          await ensurePresent(
            exports.access,
            accessSpec(
              each,
              all.filter(({ id }) => id !== each.id),
            ),
            engine,
          );
        }
        return null;
      },
    })
    .step('session', {
      async do({ input, volume, export: exported }, step): Promise<{ readonly devicePath: string } | null> {
        const { plan, session, sizesInDoubt, engine, isLeaving } = await situation(input, step);
        if (session === undefined) {
          return null;
        }
        const { devicePath } = plan.reach ?? {};
        if (isLeaving && devicePath !== undefined) {
          return { devicePath };
        }
        return { ...(await ensurePresent(ofEitherSize(session, await sizesInDoubt()), sessionSpec(plan, volume, exported), engine)) };
      },
    })
    .step('disk', {
      async do({ input, volume, export: exported, session }, step) {
        const { plan, vmm, sizesInDoubt, engine, isLeaving } = await situation(input, step);
        if (!isLeaving && (await isRunning(vmm, plan, step))) {
          await ensurePresent(
            ofEitherSize(vmm.disk, await sizesInDoubt()),
            diskSpec(plan, volume, diskSource(plan, exported, session)),
            engine,
          );
        }
        return null;
      },
    })
    .ends({
      done: async (claim, { input, volume, export: exported, session }) => {
        const plan = await store.attachmentPlan(input.attachmentId);
        const { path, bytes } = volume;
        const { portal, lun } = exported;
        return store.finishRestore(claim, input.attachmentId, { ...plan?.reach, path, bytes, portal, lun, ...session });
      },
      failed: (claim, input, failure) =>
        store.failRestore(claim, input.attachmentId, shownFailure('repair of the attachment', claim, failure)),
    });
}

/** Whether the VM that the volume was attached to runs. Another one that bears its name by now must not get its disk. */
async function isRunning(vmm: Vmm, { domain, reach }: AttachmentPlan, step: StepContext): Promise<boolean> {
  const { value: found, commands } = await vmm.domain(domain);
  step.record(commands);
  if (found?.state !== 'running') {
    return false;
  }
  if (reach?.domainUuid !== undefined && reach.domainUuid !== found.uuid) {
    throw new DriverError('conflict', `the VM ${domain} is another one by now (${found.uuid}, not ${reach.domainUuid}); detach the volume`);
  }
  return true;
}
