import type { Listed, ThingKind } from '../drivers/thing.ts';
import type { AttachmentPlan, Inventory } from '../store/store.ts';

/** How a host differs from the database. */
export type Finding =
  /** It should be there and is not, or is there and does not work. What belongs to an attachment can be made again; lost data cannot. */
  | {
      readonly kind: 'missing';
      readonly thing: ThingKind;
      readonly host: string;
      readonly name: string;
      readonly attachment?: AttachmentPlan;
    }
  /** It bears a name of ours and the database knows nothing of it. Never touched: it may be the only copy of somebody's data. */
  | { readonly kind: 'unknown'; readonly thing: ThingKind; readonly host: string; readonly name: string }
  /** Storage that runs full; `isFull` when nothing is made on it any more. */
  | { readonly kind: 'filling'; readonly host: string; readonly reason: string; readonly isFull: boolean }
  /** The host could not be asked for all of its things, so that nothing is concluded about any of them. */
  | { readonly kind: 'unseen'; readonly host: string; readonly reason: string };

/** A finding for the log, the journal and people: without the attachment, whose secret has no place there. */
export type ShownFinding = {
  readonly kind: Finding['kind'];
  readonly host: string;
  readonly thing?: string;
  readonly name?: string;
  readonly reason?: string;
};

export function showFinding(finding: Finding): ShownFinding {
  const { kind, host } = finding;
  return kind === 'unseen' || kind === 'filling'
    ? { kind, host, reason: finding.reason }
    : { kind, host, thing: finding.thing, name: finding.name };
}

/** What a host lists, or why it could not. A kind that was not asked for is not in `things`. */
export interface HostSight {
  readonly host: string;
  readonly things: ReadonlyMap<ThingKind, readonly Listed[]>;
  readonly failure?: string;
}

interface Expected {
  readonly thing: ThingKind;
  readonly host: string;
  readonly name: string;
  /** Otherwise it may be there or not: an operation is about to change that, or has stopped half-way. */
  readonly mustBeThere: boolean;
  readonly attachment?: AttachmentPlan;
}

/**
 * Compares what hosts list with the database as it was before the listing and as it is after it. Only what differs from both counts: what an
 * operation made or took away meanwhile differs from one of them.
 */
export function compare(before: Inventory, sights: readonly HostSight[], after: Inventory): readonly Finding[] {
  const earlier = byKey(expectedThings(before));
  const later = byKey(expectedThings(after));
  return sights.flatMap(({ host, things, failure }): readonly Finding[] => {
    if (failure !== undefined) {
      return [{ kind: 'unseen', host, reason: failure }];
    }
    return [...things].flatMap(([thing, listed]): readonly Finding[] => {
      const names = listed.map(({ name }) => name);
      const working = new Set(listed.filter(({ isBroken }) => isBroken !== true).map(({ name }) => name));
      const unknown = names.filter((name) => !isExpected(earlier, { thing, host, name }) && !isExpected(later, { thing, host, name }));
      const missing = [...later.values()].filter(
        (wanted) =>
          wanted.thing === thing &&
          wanted.host === host &&
          wanted.mustBeThere &&
          isSame(earlier.get(keyOf(wanted)), wanted) &&
          !working.has(wanted.name) &&
          !(thing === 'access' && working.has(targetIn(wanted.name))),
      );
      return [
        ...missing.map(({ name, attachment }): Finding => ({ kind: 'missing', thing, host, name, ...(attachment && { attachment }) })),
        ...unknown.map((name): Finding => ({ kind: 'unknown', thing, host, name })),
      ];
    });
  });
}

function expectedThings({ volumes, snapshots, attachments, changing, barred, wipes }: Inventory): readonly Expected[] {
  const kept = (thing: 'volume' | 'snapshot', states: readonly string[]) =>
    (thing === 'volume' ? volumes : snapshots).map(
      ({ id, state, volumeServer: host }): Expected => ({
        thing,
        host,
        name: id,
        mustBeThere: states.includes(state) && !changing.has(id),
      }),
    );
  return [
    ...kept('volume', ['available', 'in-use']),
    ...kept('snapshot', ['completed']),
    ...wipes.map(({ volumeServer: host, name }): Expected => ({ thing: 'remains', host, name, mustBeThere: false })),
    // What an attachment has that its volume is barred for may be there, and is not made anew when it is not.
    ...attachments.flatMap((attachment) => thingsOf(attachment, changing.has(attachment.volumeId) || barred.has(attachment.id))),
  ];
}

function thingsOf(attachment: AttachmentPlan, isChanging: boolean): readonly Expected[] {
  const { state, target, volumeServer, vmmHost, domain, volumeId, reach } = attachment;
  const isAttached = state === 'attached' && !isChanging;
  // A VM that held up a detach may be using its disk, which needs its export.
  const isReached = isAttached || (state === 'busy' && !isChanging);
  return [
    { thing: 'export', host: volumeServer, name: target, mustBeThere: isReached, attachment },
    { thing: 'access', host: volumeServer, name: accessName(target, attachment.initiatorName), mustBeThere: isReached, attachment },
    { thing: 'session', host: vmmHost, name: target, mustBeThere: isAttached && reach?.devicePath !== undefined, attachment },
    { thing: 'disk', host: vmmHost, name: `${domain}:${volumeId}`, mustBeThere: isAttached, attachment },
  ];
}

/** How an access is named in a comparison: by its target alone where the backend does not tell whose it is. */
export function accessName(target: string, initiatorName: string | undefined): string {
  return initiatorName === undefined ? target : `${target} ${initiatorName}`;
}

function targetIn(name: string): string {
  return name.split(' ')[0] ?? name;
}

/** An export that several attachments have must be there for any of them. */
function byKey(things: readonly Expected[]): ReadonlyMap<string, Expected> {
  const byKeys = new Map<string, Expected>();
  for (const thing of things) {
    const key = keyOf(thing);
    if (byKeys.get(key)?.mustBeThere !== true) {
      byKeys.set(key, thing);
    }
  }
  return byKeys;
}

function isExpected(expected: ReadonlyMap<string, Expected>, found: Pick<Expected, 'thing' | 'host' | 'name'>): boolean {
  const isBare = found.thing === 'access' && !found.name.includes(' ');
  return (
    expected.has(keyOf(found)) ||
    (isBare &&
      [...expected.values()].some(({ thing, host, name }) => thing === 'access' && host === found.host && targetIn(name) === found.name))
  );
}

/** Whether it had to be there before too, and for the same attachment: a later one of the volume bears the same names. */
function isSame(earlier: Expected | undefined, later: Expected): boolean {
  return earlier?.mustBeThere === true && earlier.attachment?.generation === later.attachment?.generation;
}

function keyOf({ thing, host, name }: Pick<Expected, 'thing' | 'host' | 'name'>): string {
  return `${thing} ${host} ${name}`;
}
