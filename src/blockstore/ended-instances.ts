import { DriverError } from '../drivers/driver-error.ts';
import type { InstanceId, VolumeId } from '../model/ids.ts';
import type { Retention } from '../model/recycled.ts';
import type { InstanceEnd, InstanceResolver, Resolution } from '../resolvers/cloud-resolver.ts';
import type { Operation } from '../saga/operation.ts';
import type { AttachmentPlan, Store } from '../store/store.ts';
import { type DetachVolumeInput, detachVolumeHeader } from './sagas/detach-volume.ts';
import type { Site } from './site.ts';

export interface EndedInstancesDependencies {
  readonly store: Store;
  readonly site: Site;
  readonly resolver: InstanceResolver;
  readonly owner: string;
  readonly clock: () => number;
  /** Whether it is enough that the cloud has forgotten the instance. */
  readonly when: InstanceEnd;
  readonly retention: Retention;
  /** For how long the cloud has to have said so, at every look. */
  readonly graceMs: number;
}

/** What a look saw, for the log. */
export interface EndsSeen {
  /** Instances of which their cloud says for the first time that they have ended. */
  readonly noticed: readonly { readonly instanceId: InstanceId; readonly reason: string }[];
  /** Those of which it does no longer, or cannot be asked. */
  readonly doubted: readonly { readonly instanceId: InstanceId; readonly reason: string }[];
  /** Those that are over their time, and why a volume is left with them all the same. */
  readonly held: readonly { readonly instanceId: InstanceId; readonly volumeId: VolumeId; readonly reason: string }[];
  /** The caller has to start them. */
  readonly begun: readonly {
    readonly operation: Operation;
    readonly instanceId: InstanceId;
    readonly volumeId: VolumeId;
    /** The volume is deleted when it is detached. */
    readonly isDeleted: boolean;
  }[];
}

/** How many instances are asked for at the same time. */
const togetherAtMost = 8;
/** A detach that stopped is tried again after this. */
const retryAfterMs = 60_000;

/**
 * Ends the attachments of instances that have come to their end. Only the word of a cloud counts that the instance has ended, said again at every
 * look for the grace time, while no other cloud places it and all can be asked; and then the VMM host has to say that the VM does not run. What is
 * remembered between two looks is only since when: a new process begins the time anew.
 */
export function createEndedInstances(dependencies: EndedInstancesDependencies): { look(): Promise<EndsSeen> } {
  const { store, resolver, clock, when, graceMs } = dependencies;
  const endedSinceMs = new Map<InstanceId, number>();

  return {
    async look() {
      const seen = { noticed: [], doubted: [], held: [], begun: [] } as { [Key in keyof EndsSeen]: EndsSeen[Key][number][] };
      const attached = attachedByInstance(await store.liveAttachments());
      for (const instanceId of endedSinceMs.keys()) {
        if (!attached.has(instanceId)) endedSinceMs.delete(instanceId);
      }
      // Who is listed is there. That somebody is not listed means nothing, and is asked for.
      const listed = new Set((await resolver.list().catch(() => [])).map(({ id }) => id));
      const resolutions = await resolveAll(
        resolver,
        [...attached.keys()].filter((instanceId) => !listed.has(instanceId)),
      );
      for (const [instanceId, attachments] of attached) {
        const resolution = resolutions.get(instanceId);
        const sinceMs = endedSinceMs.get(instanceId);
        if (resolution === undefined || !isEnded(resolution, when)) {
          if (endedSinceMs.delete(instanceId)) {
            seen.doubted.push({ instanceId, reason: resolution === undefined ? 'its cloud lists it' : inWords(resolution) });
          }
        } else if (sinceMs === undefined) {
          endedSinceMs.set(instanceId, clock());
          seen.noticed.push({ instanceId, reason: inWords(resolution) });
        } else if (clock() - sinceMs >= graceMs) {
          for (const attachment of attachments) {
            const end = await beginEnd(dependencies, attachment);
            if ('operation' in end) {
              seen.begun.push({ instanceId, volumeId: attachment.volumeId, ...end });
            } else {
              seen.held.push({ instanceId, volumeId: attachment.volumeId, reason: end.held });
            }
          }
        }
      }
      return seen;
    },
  };
}

function attachedByInstance(attachments: readonly AttachmentPlan[]): ReadonlyMap<InstanceId, readonly AttachmentPlan[]> {
  const byInstance = new Map<InstanceId, AttachmentPlan[]>();
  for (const attachment of attachments) {
    const known = byInstance.get(attachment.instanceId) ?? [];
    known.push(attachment);
    byInstance.set(attachment.instanceId, known);
  }
  return byInstance;
}

async function resolveAll(resolver: InstanceResolver, instanceIds: readonly InstanceId[]): Promise<ReadonlyMap<InstanceId, Resolution>> {
  const resolutions = new Map<InstanceId, Resolution>();
  for (let from = 0; from < instanceIds.length; from += togetherAtMost) {
    await Promise.all(
      instanceIds.slice(from, from + togetherAtMost).map(async (instanceId) => {
        resolutions.set(instanceId, await resolver.resolve(instanceId, { fresh: true }));
      }),
    );
  }
  return resolutions;
}

function isEnded(resolution: Resolution, when: InstanceEnd): boolean {
  return resolution.outcome === 'not-known' && resolution.ended !== undefined && (resolution.ended === 'reported' || when === 'forgotten');
}

function inWords(resolution: Resolution): string {
  if (resolution.outcome === 'not-known' && resolution.ended === 'forgotten') {
    return resolution.reason ?? 'its cloud has no such instance';
  }
  return ('reason' in resolution ? resolution.reason : undefined) ?? resolution.outcome;
}

/** Begins the detach of one attachment, or says what is against it at the moment. */
async function beginEnd(
  { store, site, owner, clock, retention }: EndedInstancesDependencies,
  attachment: AttachmentPlan,
): Promise<{ readonly operation: Operation; readonly isDeleted: boolean } | { readonly held: string }> {
  const { id: attachmentId, accountId, volumeId, volumeServer, vmmHost, sizeGiB, deleteOnTermination } = attachment;
  // Of a volume that several instances have, the last one decides.
  const isDeleted = deleteOnTermination && (await store.sharers(attachmentId)).length === 0;
  if (!(await isKnownNotToRun(site, attachment))) {
    return { held: 'its VM runs, or its VMM host does not tell' };
  }
  if (isDeleted && (await store.volumeReaders(volumeId)).some((id) => id.startsWith('snap-'))) {
    return { held: 'a snapshot of the volume is being made' };
  }
  const [last] = await store.operations({ resourceId: volumeId, limit: 1 });
  if (last?.kind === detachVolumeHeader.kind && last.state === 'halted' && clock() - last.createdAtMs < retryAfterMs) {
    return { held: 'its last detach stopped less than a minute ago' };
  }
  const { volumesMs: retentionMs } = retention;
  const deletion =
    isDeleted && (retentionMs > 0 ? { retentionMs } : { operationId: await store.issueId('operation'), volumeServer, sizeGiB });
  const input: DetachVolumeInput = { volumeId, attachmentId, volumeServer, vmmHosts: [vmmHost], ...(deletion && { deletion }) };
  const operation = { ...detachVolumeHeader, id: await store.issueId('operation'), resourceId: volumeId, accountId, input, owner };
  const begun = await store.beginDetach({ accountId, attachmentId, operation, ...(isDeleted && { isLast: true }) });
  return begun.outcome === 'begun' ? { operation: begun.operation, isDeleted } : { held: 'another operation on the volume is under way' };
}

/** A VM that runs keeps its disks, whatever its cloud says. Another one that bears its name by now is another one. */
async function isKnownNotToRun(site: Site, { vmmHost, domain, reach }: AttachmentPlan): Promise<boolean> {
  const host = site.vmmHosts.get(vmmHost);
  if (host === undefined) {
    return false;
  }
  try {
    const { value: found } = await host.vmm.domain(domain);
    const isAnother = found !== undefined && reach?.domainUuid !== undefined && reach.domainUuid !== found.uuid;
    return found?.state !== 'running' || isAnother;
  } catch (cause) {
    if (!(cause instanceof DriverError)) {
      throw cause;
    }
    return false;
  }
}
