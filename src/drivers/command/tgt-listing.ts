/** A target of tgtd's. What it does not have is empty. */
export interface ListedTarget {
  readonly tid: string;
  readonly name: string;
  /** `false`: which part of the listing is this target's cannot be told, and all that follows is empty. */
  readonly isClear: boolean;
  /** Of LUN 1. tgtd's own identity, which it gives a LUN before it gets one, counts as none. */
  readonly scsiId: string;
  readonly scsiSn: string;
  readonly online: string;
  readonly readOnly: string;
  readonly backing: string;
  readonly accounts: readonly string[];
  readonly acl: readonly string[];
}

export type TgtReading =
  | { readonly outcome: 'read'; readonly targets: readonly ListedTarget[] }
  /** The listing is not of the targets that were told. */
  | { readonly outcome: 'unreadable' };

/** tgtd keeps so many bytes of what it says of a session (usr/iscsi/session.c), and cuts the rest off, its line's end too. */
const sessionBytes = 1023;

/**
 * Reads `tgtadm --op show --mode target`, one character a byte. `known` is what `--mode lld` says at the same time, in which no initiator can write.
 *
 * tgtd prints the alias that an initiator chose for itself as it came: line breaks and all, so that a session can contain whole targets. It stands
 * before the LUNs, accounts and initiators of its target, which tgtd alone writes. So the last of these in the part of a target are its own, and it
 * remains to tell the line that the next target begins with from a copy of it in an alias. That is a question of which lines fit together: a target
 * is known by number and name, they come in the order of their numbers, each is whole, and no session is longer than tgtd lets it be, which is less
 * than an alias would need to swallow the end of a target with a LUN of ours. Where more than one reading fits, whatever they differ in is not clear.
 */
export function readTgtListing(known: string, listing: string): TgtReading {
  // Also without a target.
  if (!known.startsWith('LLDs:\n    iscsi: ')) return { outcome: 'unreadable' };
  const targets = [...known.matchAll(/^ {8}Target (\d+): (.+)$/gm)]
    .map(([, tid = '', name = '']) => ({ tid, name }))
    .sort((one, other) => Number(one.tid) - Number(other.tid));
  if (targets.length === 0) return listing === '' ? { outcome: 'read', targets: [] } : { outcome: 'unreadable' };
  const places = new Map(targets.map(({ tid, name }, index) => [`Target ${tid}: ${name}`, index]));
  if (places.size !== targets.length || !listing.endsWith('\n')) return { outcome: 'unreadable' };
  const { beginnings, end } = scan(listing, places);
  const fitting = fittingBeginnings(beginnings, end, targets.length);
  if (fitting === undefined) return { outcome: 'unreadable' };
  return {
    outcome: 'read',
    targets: targets.map(({ tid, name }, index) => {
      const ends = index + 1 < targets.length ? (fitting[index + 1] ?? []) : [end];
      const [only] = ends;
      if (only === undefined || ends.length > 1) return unclear(tid, name);
      return { tid, name, isClear: true, ...suffixOf(listing.slice(only.luns, only.at)) };
    }),
  };
}

/** A line that a target may begin with, or the end of all. */
interface Beginning {
  readonly at: number;
  /** Where the LUNs, accounts and initiators that stand before it begin; `undefined` when something else stands there. */
  readonly luns: number | undefined;
  /** The LUNs of the target that begins here begin between these two. */
  readonly from: number;
  readonly to: number;
}

/** One pass over the lines. The beginnings are in the order of their places, by the number of their target. */
function scan(listing: string, places: ReadonlyMap<string, number>): { beginnings: readonly Beginning[][]; end: Beginning } {
  const beginnings: { at: number; luns: number | undefined; from: number; isWithSessions: boolean }[][] = Array.from(places, () => []);
  const sessions: { readonly at: number; readonly from: number }[] = [];
  let part: 'none' | 'luns' | 'lun' | 'accounts' | 'acl' = 'none';
  let luns = 0;
  let head: { from: number; isWithSessions: boolean } | undefined;
  let stage: 'none' | 'head' | 'system' | 'sessions' = 'none';
  for (let at = 0; at < listing.length; ) {
    const lineEnd = listing.indexOf('\n', at);
    const next = lineEnd < 0 ? listing.length : lineEnd + 1;
    const line = listing.slice(at, lineEnd < 0 ? listing.length : lineEnd);
    const place = line.startsWith('Target ') ? places.get(line) : undefined;
    const session = line.includes('I_T nexus: ') ? / {8}I_T nexus: \d+$/.exec(line) : null;
    if (stage === 'sessions' && head !== undefined) {
      head.from = at;
      head.isWithSessions = session?.index === 0;
    }
    if (place !== undefined) {
      // Until the target turns out to be whole it has no place for LUNs.
      head = { from: Number.POSITIVE_INFINITY, isWithSessions: false };
      beginnings[place]?.push(Object.assign(head, { at, luns: part === 'acl' ? luns : undefined }));
      stage = 'head';
      part = 'none';
    } else {
      stage = nextStage(stage, line);
      part = nextPart(part, line);
    }
    // A session that was cut off has no line's end, and what tgtd says next stands behind it.
    if (line.endsWith(lunsLine)) {
      part = 'luns';
      luns = at + line.length - lunsLine.length;
    }
    if (session !== null) sessions.push({ at: at + session.index, from: next });
    at = next;
  }
  const reaches = reachesOf(sessions);
  return {
    beginnings: beginnings.map((each) =>
      each
        .filter(({ from }) => Number.isFinite(from))
        .map(({ at, luns, from, isWithSessions }) => ({ at, luns, from, to: isWithSessions ? (reaches.get(from) ?? from) : from })),
    ),
    end: { at: listing.length, luns: part === 'acl' ? luns : undefined, from: listing.length, to: listing.length },
  };
}

const lunsLine = '    LUN information:';

function nextStage(stage: 'none' | 'head' | 'system' | 'sessions', line: string): typeof stage {
  if (stage === 'head') return line === '    System information:' ? 'system' : 'none';
  if (stage !== 'system') return 'none';
  if (line === '    I_T nexus information:') return 'sessions';
  return line.startsWith('        ') ? 'system' : 'none';
}

function nextPart(part: 'none' | 'luns' | 'lun' | 'accounts' | 'acl', line: string): typeof part {
  if (part === 'none') return 'none';
  if (part === 'lun' && line.startsWith('            ')) return 'lun';
  if ((part === 'luns' || part === 'lun') && line.startsWith('        LUN: ') && /^ {8}LUN: \d+$/.test(line)) return 'lun';
  if (part === 'lun' && line === '    Account information:') return 'accounts';
  if ((part === 'lun' || part === 'accounts') && line === '    ACL information:') return 'acl';
  return (part === 'accounts' || part === 'acl') && line.startsWith('        ') ? part : 'none';
}

/** How far what begins with each session may be sessions and nothing else, by the place where the session's line begins. */
function reachesOf(sessions: readonly { readonly at: number; readonly from: number }[]): ReadonlyMap<number, number> {
  const reaches = new Map<number, number>();
  let later: { readonly at: number; readonly reach: number } | undefined;
  for (const { at, from } of [...sessions].reverse()) {
    const reach: number = later !== undefined && later.at - from <= sessionBytes ? later.reach : from + sessionBytes;
    reaches.set(at, reach);
    later = { at, reach };
  }
  return reaches;
}

/** For each target the beginnings that a reading of the whole listing can have; `undefined` when there is no reading. */
function fittingBeginnings(
  beginnings: readonly (readonly Beginning[])[],
  end: Beginning,
  count: number,
): readonly (readonly Beginning[])[] | undefined {
  const forward: (readonly Beginning[])[] = [(beginnings[0] ?? []).filter(({ at }) => at === 0)];
  for (let index = 1; index <= count; index += 1) {
    forward.push(reachable(forward[index - 1] ?? [], index < count ? (beginnings[index] ?? []) : [end]));
  }
  const fitting: (readonly Beginning[])[] = Array.from({ length: count + 1 }, () => []);
  fitting[count] = forward[count] ?? [];
  for (let index = count - 1; index >= 0; index -= 1) fitting[index] = leading(forward[index] ?? [], fitting[index + 1] ?? []);
  return fitting[0]?.length === 0 ? undefined : fitting;
}

/** Those of `nexts` whose target before them can begin at one of `befores`. Both are in the order of their places. */
function reachable(befores: readonly Beginning[], nexts: readonly Beginning[]): readonly Beginning[] {
  let taken = 0;
  let furthest = Number.NEGATIVE_INFINITY;
  return nexts.filter(({ luns }) => {
    if (luns === undefined) return false;
    for (let before = befores[taken]; before !== undefined && before.from <= luns; before = befores[taken]) {
      furthest = Math.max(furthest, before.to);
      taken += 1;
    }
    return luns <= furthest;
  });
}

/** Those of `befores` that one of `nexts` can follow. */
function leading(befores: readonly Beginning[], nexts: readonly Beginning[]): readonly Beginning[] {
  let first = 0;
  return befores.filter(({ from, to }) => {
    while (first < nexts.length && (nexts[first]?.luns ?? 0) < from) first += 1;
    const luns = nexts[first]?.luns;
    return luns !== undefined && luns <= to;
  });
}

function suffixOf(text: string): Omit<ListedTarget, 'tid' | 'name' | 'isClear'> {
  const lines = text.split('\n');
  const fields = fieldsBelow(lines, '        LUN: 1');
  const field = (name: string) => fields.get(name) ?? '';
  const isNamed = !field('SCSI ID').startsWith('IET ');
  return {
    scsiId: isNamed ? field('SCSI ID') : '',
    scsiSn: isNamed ? field('SCSI SN') : '',
    online: field('Online'),
    readOnly: field('Readonly'),
    backing: field('Backing store path'),
    accounts: entriesBelow(lines, '    Account information:'),
    acl: entriesBelow(lines, '    ACL information:'),
  };
}

/** The lines that stand deeper than `heading`, which they follow. */
function linesBelow(lines: readonly string[], heading: string, indent: string): readonly string[] {
  const from = lines.indexOf(heading) + 1;
  if (from === 0) return [];
  let to = from;
  while (lines[to]?.startsWith(indent)) to += 1;
  return lines.slice(from, to);
}

/** By name, of which the first counts. */
function fieldsBelow(lines: readonly string[], heading: string): ReadonlyMap<string, string> {
  const indent = '            ';
  const fields = new Map<string, string>();
  for (const line of linesBelow(lines, heading, indent)) {
    const colon = line.indexOf(': ', indent.length);
    const name = line.slice(indent.length, colon);
    if (colon >= 0 && !fields.has(name)) fields.set(name, line.slice(colon + 2));
  }
  return fields;
}

function entriesBelow(lines: readonly string[], heading: string): readonly string[] {
  return linesBelow(lines, heading, '        ')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function unclear(tid: string, name: string): ListedTarget {
  return { tid, name, isClear: false, scsiId: '', scsiSn: '', online: '', readOnly: '', backing: '', accounts: [], acl: [] };
}
