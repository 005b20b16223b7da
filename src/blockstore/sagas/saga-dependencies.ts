import { DriverError } from '../../drivers/driver-error.ts';
import { type EngineContext, ensureAbsent } from '../../drivers/engine.ts';
import type { Thing } from '../../drivers/thing.ts';
import type { AttachmentId } from '../../model/ids.ts';
import type { StepContext } from '../../saga/definition.ts';
import { LostClaim } from '../../saga/journal.ts';
import type { AttachmentPlan, Store } from '../../store/store.ts';
import type { Site, VmmHost, VolumeServerHost } from '../site.ts';

export interface SagaDependencies {
  readonly store: Store;
  readonly site: Site;
  readonly clock: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly patience: Patience;
}

/** How long drivers are given, see EngineContext. */
export interface Patience extends Pick<EngineContext, 'attempts' | 'backoffMs' | 'settleMs'> {
  /** How often the progress of a copy is asked for. */
  readonly progressEveryMs: number;
}

export function engineContext({ sleep, patience }: SagaDependencies, { record }: StepContext): EngineContext {
  return { record, sleep, ...patience };
}

export function volumeServerOf({ site }: SagaDependencies, name: string): VolumeServerHost {
  const host = site.volumeServers.get(name);
  if (host === undefined) {
    throw new DriverError(
      'unavailable',
      `the settings name no volume server ${name} any more; put it back, or see "vbs servers list", and start the service again`,
    );
  }
  return host;
}

export function vmmHostOf({ site }: SagaDependencies, name: string): VmmHost {
  const host = site.vmmHosts.get(name);
  if (host === undefined) {
    throw new DriverError(
      'unavailable',
      `the settings name no VMM host ${name} any more; put it back, or see "vbs servers list", and start the service again`,
    );
  }
  return host;
}

/** All that the steps of an attachment work with. */
export async function attachmentSituation(dependencies: SagaDependencies, attachmentId: AttachmentId, step: StepContext) {
  const { plan, sharers } = await readPlan(dependencies, attachmentId, step);
  const { volumes, exports } = volumeServerOf(dependencies, plan.volumeServer);
  const { vmm, initiator } = vmmHostOf(dependencies, plan.vmmHost);
  // A VMM that takes exports logs in by itself, so there is no session of the host to make.
  const session = vmm.takes === 'device' ? initiator?.session : undefined;
  return {
    plan,
    sharers,
    volumes,
    exports,
    vmm,
    session,
    growSession: initiator?.grow,
    sizesInDoubt: () => sizesInDoubt(dependencies, plan),
    engine: engineContext(dependencies, step),
  };
}

/** What those steps of an attachment work with that concern its volume server alone, which a VMM host that is gone must not keep from being done. */
export async function exportSituation(dependencies: SagaDependencies, attachmentId: AttachmentId, step: StepContext) {
  const { plan, sharers } = await readPlan(dependencies, attachmentId, step);
  return {
    plan,
    sharers,
    ...volumeServerOf(dependencies, plan.volumeServer),
    sizesInDoubt: () => sizesInDoubt(dependencies, plan),
    engine: engineContext(dependencies, step),
  };
}

/**
 * The attachment, and the volume's others: while an operation on the volume is open, none of them comes or goes. An attachment that is over was
 * brought to its end by another process, and what bears its names on the hosts by now may be a later one's.
 */
async function readPlan({ store }: SagaDependencies, attachmentId: AttachmentId, { claim }: StepContext) {
  const plan = await store.attachmentPlan(attachmentId);
  if (plan === undefined) {
    throw new Error(`no attachment ${attachmentId}`);
  }
  if (plan.state === 'detached') {
    throw new LostClaim(claim);
  }
  return { plan, sharers: plan.shared ? await store.sharers(attachmentId) : [] };
}

/** The sizes that what belongs to an attachment may have, when its volume was to grow and nobody knows how far that came; else none. */
async function sizesInDoubt({ store }: SagaDependencies, plan: AttachmentPlan): Promise<readonly number[]> {
  const sizes = await store.sizesInDoubt(plan.volumeId);
  return sizes.length === 0 ? [] : [plan.sizeGiB, ...sizes];
}

/** Takes a thing away that is surely ours; something foreign in its place stops the operation, since taking away what lies behind it could hurt its user. */
export async function removeOurs<Spec, Facts>(thing: Thing<Spec, Facts>, spec: Spec, context: EngineContext): Promise<void> {
  const found = await ensureAbsent(thing, spec, context);
  if (found.state === 'different') {
    throw new DriverError('conflict', `something that is not as we made it stands in its place, and was left alone: ${found.difference}`);
  }
}
