import { ensureAbsent, ensurePresent, findPresent } from '../../drivers/engine.ts';
import type { AttachmentId, VolumeId } from '../../model/ids.ts';
import { bytesOfGiB } from '../../model/size.ts';
import { type SagaDefinition, type StepContext, saga } from '../../saga/definition.ts';
import { accessSpec, diskSource, diskSpec, exportSpec, sessionSpec, volumeSpec } from './attachment-things.ts';
import { keepAccesses } from './keep-accesses.ts';
import { ofEitherSize } from './of-either-size.ts';
import type { OperationHosts } from './operation-hosts.ts';
import { attachmentSituation, type SagaDependencies } from './saga-dependencies.ts';
import { shownFailure } from './shown-failure.ts';

export type AttachVolumeInput = OperationHosts & {
  readonly volumeId: VolumeId;
  readonly attachmentId: AttachmentId;
  readonly domainUuid: string;
};

export const attachVolumeHeader = { kind: 'attach-volume', version: 1 } as const;

/**
 * Volume → export → access → session → disk. What fails is taken back from the failed step on. Of a volume that other instances have too, the export
 * is there already and stays.
 */
export function attachVolumeSaga(dependencies: SagaDependencies): SagaDefinition {
  const { store } = dependencies;
  const situation = async (input: AttachVolumeInput, step: StepContext) => attachmentSituation(dependencies, input.attachmentId, step);

  return saga<AttachVolumeInput>({ ...attachVolumeHeader, whenAStepFails: 'undo' })
    .step('volume', {
      async do({ input }, step) {
        const { plan, volumes, sizesInDoubt, engine } = await situation(input, step);
        const sizes = await sizesInDoubt();
        const found = await findPresent(ofEitherSize(volumes.volume, sizes), volumeSpec(plan), engine);
        const sizeGiB = Math.max(plan.sizeGiB, ...sizes.filter((size) => found.bytes >= bytesOfGiB(size)));
        if (sizeGiB > plan.sizeGiB) {
          await store.settleSize(step.claim, input.volumeId, sizeGiB);
        }
        return { ...found };
      },
    })
    .step('export', {
      async do({ input, volume }, step) {
        const { plan, exports, engine } = await situation(input, step);
        return { ...(await ensurePresent(exports.export, exportSpec(plan, volume), engine)) };
      },
      async undo({ input, volume }, step) {
        const { plan, sharers, exports, engine } = await situation(input, step);
        if (sharers.length === 0) {
          await ensureAbsent(exports.export, exportSpec(plan, volume), engine);
        }
      },
    })
    .step('access', {
      async do({ input }, step) {
        const { plan, sharers, exports, engine } = await situation(input, step);
        await ensurePresent(exports.access, accessSpec(plan, sharers), engine);
        return null;
      },
      async undo({ input }, step) {
        const { plan, sharers, exports, engine } = await situation(input, step);
        await ensureAbsent(exports.access, accessSpec(plan, sharers), engine);
        await keepAccesses(exports, plan, sharers, engine);
      },
    })
    .step('session', {
      async do({ input, volume, export: exported }, step): Promise<{ readonly devicePath: string } | null> {
        const { plan, session, engine } = await situation(input, step);
        return session === undefined ? null : { ...(await ensurePresent(session, sessionSpec(plan, volume, exported), engine)) };
      },
      async undo({ input, volume, export: exported }, step) {
        const { plan, session, engine } = await situation(input, step);
        if (session !== undefined) {
          await ensureAbsent(session, sessionSpec(plan, volume, exported), engine);
        }
      },
    })
    .step('disk', {
      async do({ input, volume, export: exported, session }, step) {
        const { plan, vmm, engine } = await situation(input, step);
        await ensurePresent(vmm.disk, diskSpec(plan, volume, diskSource(plan, exported, session)), engine);
        return null;
      },
      async undo({ input, volume, export: exported, session }, step) {
        const { plan, vmm, engine } = await situation(input, step);
        await ensureAbsent(vmm.disk, diskSpec(plan, volume, diskSource(plan, exported, session)), engine);
      },
    })
    .ends({
      done: (claim, { input, volume, export: exported, session }) =>
        store.finishAttach(claim, input.attachmentId, {
          path: volume.path,
          bytes: volume.bytes,
          portal: exported.portal,
          lun: exported.lun,
          ...session,
          domainUuid: input.domainUuid,
        }),
      failed: (claim, input, failure) => store.failAttach(claim, input.attachmentId, shownFailure('attachment', claim, failure)),
    });
}
