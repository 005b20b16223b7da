import { type EngineContext, ensureAbsent, ensurePresent } from '../drivers/engine.ts';
import type { AttachmentState } from '../model/attachment.ts';
import type { AttachmentId } from '../model/ids.ts';
import { openOperationStates } from '../saga/operation.ts';
import type { AttachmentPlan, Reach } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { accessSpec, exportSpec } from './sagas/attachment-things.ts';
import { type SagaDependencies, volumeServerOf } from './sagas/saga-dependencies.ts';

/**
 * Makes the exports of all attached volumes that are missing, as after a restart of the export server: same name, portal, LUN and secret,
 * so that the initiators, which have gone on trying, find their disks again. One that cannot be made is reported and does not stop the others.
 * Requests go on meanwhile: what a detach that was faster has taken away is not left behind.
 */
export async function restoreExports(dependencies: SagaDependencies, log: Log): Promise<void> {
  for (const { id, volumeId, instanceId } of await dependencies.store.liveAttachments()) {
    try {
      await restore(dependencies, id);
    } catch (cause) {
      log.error({ volumeId, instanceId, cause }, 'the export of an attached volume could not be restored');
    }
  }
}

/** The targets of attached volumes that their export server does not list. Throws DriverError when it cannot be asked. */
export async function missingExports({ store, site }: Pick<SagaDependencies, 'store' | 'site'>): Promise<readonly string[]> {
  const live = await store.liveAttachments();
  const listed = new Set<string>();
  for (const name of new Set(live.map(({ volumeServer }) => volumeServer))) {
    const answer = await site.volumeServers.get(name)?.exports.export.list();
    for (const { name: target } of answer?.value ?? []) {
      listed.add(target);
    }
  }
  return live.map(({ target }) => target).filter((target) => !listed.has(target));
}

async function restore(dependencies: SagaDependencies, attachmentId: AttachmentId): Promise<void> {
  // Read anew: those before it took their time.
  const plan = await dependencies.store.attachmentPlan(attachmentId);
  if (plan?.reach === undefined || !isLive(plan.state)) {
    return;
  }
  const { exports } = volumeServerOf(dependencies, plan.volumeServer);
  const context: EngineContext = { record: () => undefined, sleep: dependencies.sleep, ...dependencies.patience };
  await ensurePresent(exports.export, exportSpec(plan, plan.reach), context);
  await ensurePresent(exports.access, accessSpec(plan), context);
  if ((await stateAfterDetach(dependencies, attachmentId)) === 'detached') {
    await takeBack(dependencies, plan, plan.reach, context);
  }
}

function isLive(state: AttachmentState): boolean {
  return state === 'attached' || state === 'busy';
}

/** The state of an attachment as soon as no detach is under way: what it has passed already it will not take away once more. */
async function stateAfterDetach(
  { store, sleep, patience }: SagaDependencies,
  attachmentId: AttachmentId,
): Promise<AttachmentState | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const state = (await store.attachmentPlan(attachmentId))?.state;
    if (state !== 'detaching') {
      return state;
    }
    if (attempt > patience.attempts) {
      throw new Error('a detach began while the export was restored, and took longer than this could wait; what was restored may be left');
    }
    await sleep(patience.settleMs);
  }
}

async function takeBack(dependencies: SagaDependencies, plan: AttachmentPlan, reach: Reach, context: EngineContext): Promise<void> {
  const { store } = dependencies;
  const { exports } = volumeServerOf(dependencies, plan.volumeServer);
  await ensureAbsent(exports.access, accessSpec(plan), context);
  // The next attachment of the volume has the same target, and may be using it by now.
  const attached = (await store.liveAttachments()).some(({ volumeId }) => volumeId === plan.volumeId);
  const [underWay] = await store.operations({ states: openOperationStates, resourceId: plan.volumeId, limit: 1 });
  if (!attached && underWay === undefined) {
    await ensureAbsent(exports.export, exportSpec(plan, reach), context);
  }
}
