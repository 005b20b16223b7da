import { ensurePresent } from '../drivers/engine.ts';
import type { Log } from '../telemetry/log.ts';
import { accessSpec, exportSpec } from './sagas/attachment-things.ts';
import { type SagaDependencies, volumeServerOf } from './sagas/saga-dependencies.ts';

/**
 * Makes the exports of all attached volumes that are missing, as after a restart of the export server: same name, portal, LUN and secret,
 * so that the initiators, which have gone on trying, find their disks again. One that cannot be made is reported and does not stop the others.
 */
export async function restoreExports(dependencies: SagaDependencies, log: Log): Promise<void> {
  const { store, sleep, patience } = dependencies;
  const context = { record: () => undefined, sleep, ...patience };
  for (const plan of await store.liveAttachments()) {
    if (plan.reach === undefined) {
      continue;
    }
    try {
      const { exports } = volumeServerOf(dependencies, plan.volumeServer);
      await ensurePresent(exports.export, exportSpec(plan, plan.reach), context);
      await ensurePresent(exports.access, accessSpec(plan), context);
    } catch (cause) {
      log.error({ volumeId: plan.volumeId, instanceId: plan.instanceId, cause }, 'the export of an attached volume could not be restored');
    }
  }
}
