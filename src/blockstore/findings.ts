import type { Listed, ThingKind } from '../drivers/thing.ts';
import { forEachInTurns } from '../sharing/turn.ts';
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
  | {
      readonly kind: 'unknown';
      readonly thing: ThingKind;
      readonly host: string;
      readonly name: string;
      /** Where it stands and what to do about it, where the backend can tell. */
      readonly reason?: string;
    }
  /** It bears a name of ours, and the database has it on another host. Never touched, and never to be removed: it may be the one that is meant. */
  | { readonly kind: 'elsewhere'; readonly thing: ThingKind; readonly host: string; readonly name: string; readonly reason: string }
  /** Something of the database is on a host that the settings do not name. */
  | { readonly kind: 'unnamed'; readonly host: string; readonly reason: string }
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
  return {
    kind,
    host,
    ...('thing' in finding && { thing: finding.thing, name: finding.name }),
    ...('reason' in finding && { reason: finding.reason }),
  };
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
export async function compare(before: Inventory, sights: readonly HostSight[], after: Inventory): Promise<readonly Finding[]> {
  const earlier = await expectedOf(before);
  const later = await expectedOf(after);
  const findings: Finding[] = [];
  for (const { host, things, failure } of sights) {
    if (failure !== undefined) {
      findings.push({ kind: 'unseen', host, reason: failure });
      continue;
    }
    for (const [thing, listed] of things) {
      const working = new Set<string>();
      const unknown: Finding[] = [];
      await forEachInTurns(listed, ({ name, isBroken, remark }) => {
        if (isBroken !== true) {
          working.add(name);
        }
        if (!isExpected(earlier, { thing, host, name }) && !isExpected(later, { thing, host, name })) {
          unknown.push({ kind: 'unknown', thing, host, name, ...(remark !== undefined && { reason: remark }) });
        }
      });
      await forEachInTurns(later.byPlace.get(placeOf({ thing, host })) ?? [], (wanted) => {
        const { name, attachment } = wanted;
        const isThere = working.has(name) || (thing === 'access' && working.has(targetIn(name)));
        if (!isThere && isSame(earlier.byKey.get(keyOf(wanted)), wanted)) {
          findings.push({ kind: 'missing', thing, host, name, ...(attachment && { attachment }) });
        }
      });
      findings.push(...unknown);
    }
  }
  return findings;
}

/** All that the database has, on which host. */
export function* expectedThings({ volumes, snapshots, attachments, changing, barred, wipes }: Inventory): Generator<Expected> {
  for (const { id, state, volumeServer: host } of volumes) {
    const isKept = state === 'available' || state === 'in-use';
    yield { thing: 'volume', host, name: id, mustBeThere: isKept && !changing.has(id) };
  }
  for (const { id, state, volumeServer: host } of snapshots) {
    yield { thing: 'snapshot', host, name: id, mustBeThere: state === 'completed' && !changing.has(id) };
  }
  for (const { volumeServer: host, name } of wipes) {
    yield { thing: 'remains', host, name, mustBeThere: false };
  }
  for (const attachment of attachments) {
    // What an attachment has that its volume is barred for may be there, and is not made anew when it is not.
    yield* thingsOf(attachment, changing.has(attachment.volumeId) || barred.has(attachment.id));
  }
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

interface ExpectedThings {
  /** An export that several attachments have must be there for any of them. */
  readonly byKey: ReadonlyMap<string, Expected>;
  /** Those that must be there, by kind and host. */
  readonly byPlace: ReadonlyMap<string, readonly Expected[]>;
  /** The targets with an access, by host, for backends that do not tell whose an access is. */
  readonly accessible: ReadonlySet<string>;
}

async function expectedOf(inventory: Inventory): Promise<ExpectedThings> {
  const byKey = new Map<string, Expected>();
  const accessible = new Set<string>();
  await forEachInTurns(expectedThings(inventory), (thing) => {
    const key = keyOf(thing);
    if (byKey.get(key)?.mustBeThere !== true) {
      byKey.set(key, thing);
    }
    if (thing.thing === 'access') {
      accessible.add(`${thing.host} ${targetIn(thing.name)}`);
    }
  });
  const byPlace = new Map<string, Expected[]>();
  await forEachInTurns(byKey.values(), (thing) => {
    if (!thing.mustBeThere) {
      return;
    }
    const there = byPlace.get(placeOf(thing));
    if (there === undefined) {
      byPlace.set(placeOf(thing), [thing]);
    } else {
      there.push(thing);
    }
  });
  return { byKey, byPlace, accessible };
}

function isExpected({ byKey, accessible }: ExpectedThings, found: Pick<Expected, 'thing' | 'host' | 'name'>): boolean {
  const isBare = found.thing === 'access' && !found.name.includes(' ');
  return byKey.has(keyOf(found)) || (isBare && accessible.has(`${found.host} ${found.name}`));
}

/** Whether it had to be there before too, and for the same attachment: a later one of the volume bears the same names. */
function isSame(earlier: Expected | undefined, later: Expected): boolean {
  return earlier?.mustBeThere === true && earlier.attachment?.generation === later.attachment?.generation;
}

function placeOf({ thing, host }: Pick<Expected, 'thing' | 'host'>): string {
  return `${thing} ${host}`;
}

function keyOf({ thing, host, name }: Pick<Expected, 'thing' | 'host' | 'name'>): string {
  return `${thing} ${host} ${name}`;
}
