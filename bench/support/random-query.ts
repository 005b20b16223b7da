import { actionNames, operations, requestStructures } from '../../src/ec2-query-api/api-model/operations.ts';
import type { WireType } from '../../src/ec2-query-api/api-model/schema.ts';

/** A number from 0 up to 1, the same ones in the same order for the same seed. */
export type Random = () => number;

/** Mulberry32: short, and good enough to draw queries with. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What there is, so that a query can be about it. */
export interface KnownIds {
  readonly volumes: readonly string[];
  readonly snapshots: readonly string[];
}

const likelyTexts = [
  ...['i-00000001', 'i-00000002', 'i-00000008', 'vmm1/dom1', '/dev/sdf', '/dev/sdg', 'xvdh', 'us-east-1a', 'us-east-1', 'us-east-1-x'],
  ...[
    'gp2',
    'gp3',
    'io2',
    'st1',
    'all',
    'self',
    'add',
    'remove',
    'volume',
    'snapshot',
    'Name',
    'tag:Name',
    'tag-key',
    'vbs:read-only',
    'true',
  ],
  ...['volume-id', 'status', 'available', 'in-use', '*', 'a?b', '\\*', 'createVolumePermission', 'autoEnableIO', 'blockDeviceMapping'],
  ...[
    '123456789012',
    '2026-01-01T00:00:00.000Z',
    '1',
    '0',
    '-1',
    '100',
    '16384',
    '99999999999999999999',
    'vol-',
    'vol-00000000',
    'snap-00000000',
  ],
];
const oddTexts = [
  '',
  ' ',
  '\0',
  '\u0007',
  '<&>"',
  ']]>',
  '𝒳卷é',
  '\u202e',
  '\ufffe',
  '%',
  '%00',
  '../../etc/passwd',
  '; rm -rf',
  "' OR 1=1 --",
  '{}',
];
const longest = 3_000;
/** Beyond so many, what would make another one is asked for as a dry run, so that what is held does not grow. */
const enough = 200;
const making = /^(Create(Volume|Snapshots?)|Copy)/;

/** A query as a client's form: most are about something that there is and nearly right, the others wrong in one of many ways. */
export function randomQuery(random: Random, known: KnownIds): string {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const chance = (share: number) => random() < share;
  const bytes = (count: number) => String.fromCharCode(...Array.from({ length: count }, () => Math.floor(random() * 0x250)));

  const text = (): string => {
    const draw = random();
    if (draw < 0.35) return pick(known.volumes.length > 0 ? known.volumes : likelyTexts);
    if (draw < 0.5) return pick(known.snapshots.length > 0 ? known.snapshots : likelyTexts);
    if (draw < 0.88) return pick(likelyTexts);
    if (draw < 0.95) return pick(oddTexts);
    return chance(0.02) ? 'x'.repeat(Math.floor(random() * longest)) : bytes(Math.floor(random() * 40));
  };
  const value = (type: WireType): string => {
    if (chance(0.06)) return text();
    if (type.kind === 'number') return String(chance(0.8) ? Math.floor(random() * 20) : Math.floor(random() * 1e9 - 1e6));
    if (type.kind === 'boolean') return chance(0.7) ? 'false' : 'true';
    return text();
  };
  const add = (params: [string, string][], name: string, type: WireType, depth: number): void => {
    if (type.kind === 'list') {
      const count = chance(0.02) ? 250 : 1 + Math.floor(random() * 3);
      for (let index = 1; index <= count; index += 1) add(params, `${name}.${index}`, type.item, depth + 1);
    } else if (type.kind === 'structure') {
      if (depth < 5) addMembers(params, `${name}.`, type.structure, depth + 1);
    } else {
      params.push([name, value(type)]);
    }
  };
  const addMembers = (params: [string, string][], prefix: string, structure: string, depth: number): void => {
    for (const { wireName, type, required } of requestStructures[structure] ?? []) {
      if (chance(required ? 0.95 : 0.25)) add(params, `${prefix}${wireName}`, type, depth);
    }
  };

  const action = chance(0.03)
    ? chance(0.5)
      ? pick([...actionNames])
      : text()
    : pick(Object.keys(operations) as (keyof typeof operations)[]);
  const params: [string, string][] = [['Action', action]];
  if (chance(0.9)) params.push(['Version', chance(0.95) ? '2016-11-15' : text()]);
  const operation = (operations as Readonly<Record<string, { readonly request: string }>>)[action];
  addMembers(params, '', operation?.request ?? 'CreateVolumeRequest', 0);
  if (making.test(action) && known.volumes.length + known.snapshots.length > enough) {
    return form([...params.filter(([name]) => name !== 'DryRun'), ['DryRun', 'true']]);
  }
  if (chance(0.06))
    params.push([
      pick(['Filter.1.Name', 'Filter.1', 'VolumeId', 'Foo', 'Tag.x.Key', 'A.B.C.D.E.F.G.H.I.J.K.L', '.', '__proto__', '']),
      text(),
    ]);
  if (chance(0.02)) params.push(pick(params));
  if (chance(0.02)) params.splice(0, 1);
  const query = form(params);
  // Cut in the middle of an escape, or with bytes that are no text.
  if (chance(0.02)) return query.slice(0, Math.floor(random() * query.length));
  return chance(0.01) ? `${query}&x=%ff%fe&%zz=1&&=&` : query;
}

function form(params: readonly (readonly [string, string])[]): string {
  return params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
}
