import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseStringPromise } from 'xml2js';
import { operations, responseStructures } from '../../../../src/ec2-query-api/api-model/operations.ts';
import { compileEncoder } from '../../../../src/ec2-query-api/wire/encode.ts';
import { giveBack } from '../../../../src/ec2-query-api/wire/xml-buffer.ts';

const encode = compileEncoder(responseStructures, 'DescribeVolumes', operations.DescribeVolumes);

// Few different values, so that neighbours in a list often say the same, which the encoder copies.
const word = fc.constantFrom('a', 'b', '', '<&>', 'é', '卷𝒳', 'x'.repeat(70));
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
const tag = fc.record({ Key: word, Value: word });
const attachment = fc.record(
  { VolumeId: word, InstanceId: word, State: fc.constantFrom('attached', 'busy'), DeleteOnTermination: fc.boolean() },
  { requiredKeys: [] },
);
const volume = fc.record(
  {
    VolumeId: word,
    Size: fc.constantFrom(1, 2, 100),
    SnapshotId: optional(word),
    Iops: optional(fc.constantFrom(100, 3_000)),
    Encrypted: fc.boolean(),
    Tags: fc.array(tag, { maxLength: 3 }),
    Attachments: fc.array(attachment, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

type Wire = Readonly<Record<string, unknown>>;

/** What a reader makes of a member: text, or the items of a list; what is missing is not written. */
function wireOf(
  value: Wire,
  names: Readonly<Record<string, string>>,
  lists: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Wire {
  const entries = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    const wireName = names[name] ?? '';
    const items = lists[name];
    if (field === undefined) {
      return [];
    }
    if (items === undefined) {
      return [[wireName, String(field)]];
    }
    const list = (field as readonly Wire[]).map((item) => wireOf(item, items, {}));
    return [[wireName, list]];
  });
  return Object.fromEntries(entries);
}

const tagNames = { Key: 'key', Value: 'value' };
const attachmentNames = { VolumeId: 'volumeId', InstanceId: 'instanceId', State: 'status', DeleteOnTermination: 'deleteOnTermination' };
const volumeNames = {
  VolumeId: 'volumeId',
  Size: 'size',
  SnapshotId: 'snapshotId',
  Iops: 'iops',
  Encrypted: 'encrypted',
  Tags: 'tagSet',
  Attachments: 'attachmentSet',
};

/** Reads the items of a set as objects of texts. */
function itemsOf(set: unknown): Wire[] {
  const items = typeof set === 'object' && set !== null && 'item' in set ? (set.item as unknown[]) : [];
  return items.map((item) => Object.fromEntries(Object.entries(typeof item === 'object' ? (item as Wire) : {}).map(readMember)));
}

function readMember([name, value]: [string, unknown]): [string, unknown] {
  const [only] = value as unknown[];
  return [name, name === 'tagSet' || name === 'attachmentSet' ? itemsOf(only) : only];
}

it('writes long lists so that every item reads back as itself, however alike its neighbours are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(volume, { maxLength: 12 }), async (volumes) => {
      const body = await encode({ Volumes: volumes } as Parameters<typeof encode>[0], { version: '2016-11-15', requestId: 'r' });
      const parsed = await parseStringPromise(body.toString('utf8'));
      const read = itemsOf(parsed.DescribeVolumesResponse.volumeSet?.[0]);
      expect(read).toEqual(volumes.map((each) => wireOf(each, volumeNames, { Tags: tagNames, Attachments: attachmentNames })));
      giveBack(body);
    }),
    { numRuns: 300 },
  );
});

it('writes no answer into the memory of one that was not given back', async () => {
  const many = (name: string) => ({
    Volumes: Array.from({ length: 20_000 }, (_, index) => ({ VolumeId: `${name}-${index}`, Size: index })),
  });
  const first = await encode(many('first'), { version: '2016-11-15', requestId: 'r1' });
  const before = Buffer.from(first);
  const second = await encode(many('second'), { version: '2016-11-15', requestId: 'r2' });
  expect(first.equals(before)).toBe(true);
  expect(second.includes('first-')).toBe(false);
  giveBack(second);
  const third = await encode(many('third'), { version: '2016-11-15', requestId: 'r3' });
  expect(first.equals(before)).toBe(true);
  expect(third.includes('second-')).toBe(false);
});

it('writes a long list of which some items are new as if it had never seen the others', async () => {
  const envelope = { version: '2016-11-15', requestId: 'r' };
  const item = (name: string) =>
    Object.freeze({ VolumeId: name, Size: name.length, Tags: [{ Key: 'Name', Value: `<${name}>` }], Encrypted: false });
  const begin = Array.from({ length: 1_500 }, (_, index) => item(`begin-${index}`));
  const change = fc.record({ at: fc.nat(1_400), gone: fc.nat(3), come: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 8 }), fc.boolean(), async (changes, isTurned) => {
      const list = [...begin];
      for (const [number, { at, gone, come }] of changes.entries()) {
        list.splice(at, gone, ...Array.from({ length: come }, (_, index) => item(`come-${number}-${index}`)));
      }
      for (const volumes of [begin, list, isTurned ? list.reverse() : list]) {
        const fresh = compileEncoder(responseStructures, 'DescribeVolumes', operations.DescribeVolumes);
        const [body, expected] = [await encode({ Volumes: volumes }, envelope), await fresh({ Volumes: volumes }, envelope)];
        expect(body.equals(expected)).toBe(true);
        giveBack(expected);
        giveBack(body);
      }
    }),
    { numRuns: 25 },
  );
});

it('writes answers that are under way at the same time as if each were alone', async () => {
  const envelope = { version: '2016-11-15', requestId: 'r' };
  const list = (name: string, isKept: boolean) =>
    Array.from({ length: 6_000 }, (_, index) => {
      const item = {
        VolumeId: `${name}-${index}`,
        Size: index % 3,
        Tags: [{ Key: 'Name', Value: `<${name} ${index}>` }],
        Encrypted: false,
      };
      return isKept ? Object.freeze(item) : item;
    });
  const [kept, other] = [list('kept', true), list('other', true)];
  const wanted = [kept, other, kept.slice(500), list('fresh', false), kept, [...other].reverse(), list('new', false), kept];
  const bodies = await Promise.all(wanted.map((volumes) => encode({ Volumes: volumes }, envelope)));
  for (const [index, volumes] of wanted.entries()) {
    const alone = await compileEncoder(responseStructures, 'DescribeVolumes', operations.DescribeVolumes)({ Volumes: volumes }, envelope);
    expect(bodies[index]?.equals(alone)).toBe(true);
  }
});
