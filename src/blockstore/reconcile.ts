import { DriverError } from '../drivers/driver-error.ts';
import type { Answer, Listed, ThingKind } from '../drivers/thing.ts';
import type { Operation } from '../saga/operation.ts';
import { mapInTurns } from '../sharing/turn.ts';
import type { AttachmentPlan, Store } from '../store/store.ts';
import { accessName, compare, type Finding, type HostSight } from './findings.ts';
import { type RestoreAttachmentInput, restoreAttachmentHeader } from './sagas/restore-attachment.ts';
import type { Site } from './site.ts';
import { isFull } from './storage-room.ts';
import { explainUnnamed } from './unnamed-hosts.ts';
import { noticeRemains } from './wipes.ts';

export interface ReconcileDependencies {
  readonly store: Store;
  readonly site: Site;
  /** Of the operations that it begins; without one, whoever looks for work first takes them up. */
  readonly owner?: string;
  readonly clock: () => number;
}

/** `exports`: only those of attached volumes, which is cheap and finds what VMs are waiting for. */
export type ReconcileScope = 'exports' | 'everything';

export interface Reconciled {
  readonly findings: readonly Finding[];
  /** One for each attachment that lacks something; the caller has to start them when it is their owner. */
  readonly begun: readonly Operation[];
}

/** An attachment that could not be restored is tried again after this. */
const retryAfterMs = 60_000;

/**
 * Compares what the hosts list with the database, and begins to make anew what attachments have lost; nothing is ever taken away.
 * Safe beside requests and operations. Throws only when the store cannot be read.
 */
export async function reconcile(dependencies: ReconcileDependencies, scope: ReconcileScope): Promise<Reconciled> {
  const findings = await examine(dependencies, scope);
  const begun: Operation[] = [];
  for (const [attachment, lost] of lackingAttachments(findings)) {
    const operation = await beginRestore(dependencies, attachment, lost);
    if (operation !== undefined) {
      begun.push(operation);
    }
  }
  return { findings, begun };
}

/** Only looks. */
export async function examine(
  { store, site }: Pick<ReconcileDependencies, 'store' | 'site'>,
  scope: ReconcileScope,
): Promise<readonly Finding[]> {
  const compared = scope === 'everything' ? 'everything' : 'attachments';
  const before = await store.inventory(compared);
  const sights = scope === 'everything' ? await seeEverything(site) : await seeExports(site, before.attachments);
  await noticeAll({ store, site }, sights);
  const inventory = await store.inventory(compared);
  const findings = await compare(before, sights, inventory);
  if (scope === 'exports') {
    return findings;
  }
  const explained = await explainUnnamed(findings, { named: site, inventory });
  return [...explained, ...(await fillings(site, findings))];
}

/** What was put aside a moment ago comes into the backlog first, so that only what must not be wiped is a finding. */
async function noticeAll(dependencies: Pick<ReconcileDependencies, 'store' | 'site'>, sights: readonly HostSight[]): Promise<void> {
  if (!sights.some(({ things }) => (things.get('remains')?.length ?? 0) > 0)) {
    return;
  }
  const known = new Set((await dependencies.store.wipes()).map(({ volumeServer, name }) => `${volumeServer} ${name}`));
  const isNew =
    (host: string) =>
    ({ name }: Listed) =>
      !known.has(`${host} ${name}`);
  for (const { host, things } of sights) {
    if (things.get('remains')?.some(isNew(host))) {
      await noticeRemains(dependencies, host).catch((cause: unknown) => {
        if (!(cause instanceof DriverError)) {
          throw cause;
        }
      });
    }
  }
}

/** The volume servers whose storage fills up. One that cannot tell is unseen. */
async function fillings({ volumeServers }: Site, findings: readonly Finding[]): Promise<readonly Finding[]> {
  const asked = [...volumeServers].map(async ([host, { volumes }]): Promise<Finding | undefined> => {
    const isUnseen = findings.some((finding) => finding.kind === 'unseen' && finding.host === host);
    if (volumes.fullness === undefined || isUnseen) {
      return undefined;
    }
    try {
      const { value: fullness } = await volumes.fullness();
      const { filled, alarmPercent, fullPercent } = fullness;
      const high = filled.filter(({ percent }) => percent >= alarmPercent);
      // In steps, so that it is not another finding with every block that is written.
      const parts = high.map(({ part, percent }) => `${part} is filled to ${Math.floor(percent / 5) * 5} % or more`);
      const reason = `${parts.join(', ')}; nothing is made from ${fullPercent} % on`;
      return parts.length === 0 ? undefined : { kind: 'filling', host, reason, isFull: isFull(fullness) };
    } catch (cause) {
      if (!(cause instanceof DriverError)) {
        throw cause;
      }
      return { kind: 'unseen', host, reason: cause.message };
    }
  });
  return (await Promise.all(asked)).filter((finding) => finding !== undefined);
}

type Missing = Extract<Finding, { readonly kind: 'missing' }>;

/** The attachments that have lost something, each with what that is. */
function lackingAttachments(findings: readonly Finding[]): ReadonlyMap<AttachmentPlan, readonly ThingKind[]> {
  const lacking = new Map<AttachmentPlan, ThingKind[]>();
  const isOfAttachment = (finding: Finding): finding is Missing & { attachment: AttachmentPlan } =>
    finding.kind === 'missing' && finding.attachment !== undefined;
  const usedElsewhere = usedByStrangers(findings);
  const unseen = new Set(findings.filter(({ kind }) => kind === 'unseen' || kind === 'unnamed').map(({ host }) => host));
  for (const { attachment, thing } of findings.filter(isOfAttachment)) {
    if (usedElsewhere.has(attachment.volumeId) || usedElsewhere.has(attachment.target)) {
      continue;
    }
    if (unseen.has(attachment.volumeServer)) {
      // Without it nothing can be restored; a session that lost it is likely to be all that is wrong.
      continue;
    }
    const things = lacking.get(attachment) ?? [];
    things.push(thing);
    lacking.set(attachment, things);
  }
  return lacking;
}

/**
 * The volumes and targets that a VM or a host uses of which the database does not know it, as after it was restored from a backup. To plug such a
 * volume in where the database has it would give it two writers.
 */
function usedByStrangers(findings: readonly Finding[]): ReadonlySet<string> {
  const names = findings.flatMap((finding) => {
    if (finding.kind !== 'unknown' && finding.kind !== 'elsewhere') {
      return [];
    }
    const { thing, name } = finding;
    return thing === 'session' ? [name] : thing === 'disk' ? [name.slice(name.lastIndexOf(':') + 1)] : [];
  });
  return new Set(names);
}

async function beginRestore(
  { store, site, owner, clock }: ReconcileDependencies,
  attachment: AttachmentPlan,
  lost: readonly ThingKind[],
): Promise<Operation | undefined> {
  const { id: attachmentId, volumeId, accountId, volumeServer, vmmHost } = attachment;
  const isReachable = !lost.includes('export') && !lost.includes('access');
  if (isReachable && !(await isRunning(site, attachment))) {
    // It gets its disk back when it runs again.
    return undefined;
  }
  const [last] = await store.operations({ resourceId: volumeId, limit: 1 });
  if (last?.kind === restoreAttachmentHeader.kind && last.state === 'halted' && clock() - last.createdAtMs < retryAfterMs) {
    return undefined;
  }
  const input: RestoreAttachmentInput = { volumeId, attachmentId, volumeServer, vmmHosts: [vmmHost] };
  const id = await store.issueId('operation');
  const operation = { ...restoreAttachmentHeader, id, resourceId: volumeId, accountId, input, ...(owner !== undefined && { owner }) };
  const result = await store.beginRestore({ attachmentId, operation });
  return result.outcome === 'begun' ? result.operation : undefined;
}

/** Whether the VM is known to run; a host that does not answer is asked again in the next round. */
async function isRunning(site: Site, { vmmHost, domain }: AttachmentPlan): Promise<boolean> {
  try {
    return (await site.vmmHosts.get(vmmHost)?.vmm.domain(domain))?.value?.state === 'running';
  } catch (cause) {
    if (!(cause instanceof DriverError)) {
      throw cause;
    }
    return false;
  }
}

async function seeEverything(site: Site): Promise<readonly HostSight[]> {
  return Promise.all([
    ...[...site.volumeServers].map(([host, { volumes, exports }]) =>
      see(host, {
        volume: () => volumes.volume.list(),
        snapshot: () => volumes.snapshot.list(),
        ...(volumes.remains && { remains: volumes.remains.list }),
        export: () => exports.export.list(),
        access: () => exports.access.list(),
      }),
    ),
    ...[...site.vmmHosts].map(([host, { vmm, initiator }]) =>
      see(host, { disk: () => vmm.disk.list(), ...(vmm.takes === 'device' && initiator && { session: () => initiator.session.list() }) }),
    ),
  ]);
}

async function seeExports(site: Site, attachments: readonly AttachmentPlan[]): Promise<readonly HostSight[]> {
  const hosts = [...new Set(attachments.map(({ volumeServer }) => volumeServer))];
  return Promise.all(
    hosts.flatMap((host) => {
      const server = site.volumeServers.get(host);
      return server === undefined ? [] : [see(host, { export: () => server.exports.export.list() })];
    }),
  );
}

/** A host of which one listing fails is not seen at all: half a picture invites wrong conclusions. */
async function see(host: string, lists: Partial<Record<ThingKind, () => Promise<Answer<readonly Listed[]>>>>): Promise<HostSight> {
  const things = new Map<ThingKind, readonly Listed[]>();
  try {
    for (const [thing, list] of Object.entries(lists) as [ThingKind, () => Promise<Answer<readonly Listed[]>>][]) {
      const { value } = await list();
      things.set(thing, await mapInTurns(value, (listed) => ({ ...listed, name: accessName(listed.name, listed.initiatorName) })));
    }
    return { host, things };
  } catch (cause) {
    if (!(cause instanceof DriverError)) {
      throw cause;
    }
    return { host, things: new Map(), failure: cause.message };
  }
}
