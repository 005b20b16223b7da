import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Parser } from 'xml2js';
import { volumeView, volumeViews } from '../../../../src/ec2-query-api/actions/volume-view.ts';
import { operations, responseStructures } from '../../../../src/ec2-query-api/api-model/operations.ts';
import { compileEncoder, encodeError } from '../../../../src/ec2-query-api/wire/encode.ts';
import { formatTimestamp } from '../../../../src/ec2-query-api/wire/format-timestamp.ts';
import { escapeXml } from '../../../../src/ec2-query-api/wire/render-xml.ts';
import { fakeVolume } from '../support/fake-blockstore.ts';

const envelope = { version: '2016-11-15', requestId: 'a-request' };
const encodeVolumes = compileEncoder(responseStructures, 'DescribeVolumes', operations.DescribeVolumes);

async function parse(xml: Buffer | string) {
  return new Parser({ explicitArray: false, emptyTag: '' }).parseStringPromise(xml.toString());
}

test('an answer names the version that was asked for, with the slash that libcloud needs', async () => {
  const xml = (await encodeVolumes({ Volumes: [] }, { ...envelope, version: '2012-06-01' })).toString();
  expect(xml).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2012-06-01/"><requestId>a-request</requestId>' +
      '<volumeSet/></DescribeVolumesResponse>',
  );
});

test('an action without a response answers true', async () => {
  const encode = compileEncoder(responseStructures, 'DeleteVolume', operations.DeleteVolume);
  expect((await encode(undefined, envelope)).toString()).toContain(
    '<requestId>a-request</requestId><return>true</return></DeleteVolumeResponse>',
  );
});

test('a volume has the elements that clients look for, empty ones too', async () => {
  const parsed = await parse(await encodeVolumes({ Volumes: [volumeView(fakeVolume(1))] }, envelope));
  expect(parsed.DescribeVolumesResponse.volumeSet.item).toEqual({
    volumeId: fakeVolume(1).id,
    size: '8',
    snapshotId: '',
    availabilityZone: 'here-1a',
    availabilityZoneId: 'here-1a',
    status: 'available',
    createTime: '2024-05-06T07:08:09.011Z',
    volumeType: 'gp3',
    iops: '3000',
    throughput: '125',
    encrypted: 'false',
    multiAttachEnabled: 'false',
    attachmentSet: '',
    tagSet: { item: { key: 'Name', value: 'volume 1' } },
  });
});

test('neighbours with the same and with other values do not take each other’s', async () => {
  const volumes = [1, 2, 3, 4].map((number) => fakeVolume(number, { sizeGiB: number < 3 ? 5 : number, zone: `zone-${number % 2}` }));
  const parsed = await parse(await encodeVolumes({ Volumes: volumes.map(volumeView) }, envelope));
  const items: { size: string; availabilityZone: string }[] = parsed.DescribeVolumesResponse.volumeSet.item;
  expect(items.map(({ size }) => size)).toEqual(['5', '5', '3', '4']);
  expect(items.map(({ availabilityZone }) => availabilityZone)).toEqual(['zone-1', 'zone-0', 'zone-1', 'zone-0']);
});

test('an answer longer than one chunk is whole', async () => {
  const volumes = Array.from({ length: 500 }, (_, number) => fakeVolume(number, { tags: [{ key: 'Name', value: `卷 ${number}` }] }));
  const parsed = await parse(await encodeVolumes({ Volumes: volumes.map(volumeView), NextToken: 'more' }, envelope));
  const items: { tagSet: { item: { value: string } } }[] = parsed.DescribeVolumesResponse.volumeSet.item;
  expect(items.map((item) => item.tagSet.item.value)).toEqual(volumes.map((_, number) => `卷 ${number}`));
  expect(parsed.DescribeVolumesResponse.nextToken).toBe('more');
});

test('a long list that comes again is the same, and one that changed is not', async () => {
  const volumes = Array.from({ length: 1_200 }, (_, number) => fakeVolume(number));
  const render = async (list: typeof volumes, requestId: string) =>
    (await encodeVolumes({ Volumes: await volumeViews(list) }, { ...envelope, requestId })).toString();
  const first = await render(volumes, 'r1');
  expect([await render(volumes, 'r2'), await render(volumes, 'r3'), await render(volumes, 'r4')]).toEqual(
    ['r2', 'r3', 'r4'].map((id) => first.replace('r1', id)),
  );
  const changed = volumes.map((volume, number) => (number === 700 ? { ...volume, sizeGiB: 777 } : volume));
  expect(await render(changed, 'r1')).toBe(
    first.replace(/(<volumeId>[^<]*<.volumeId>)<size>[^<]*<.size>/g, (element, id) =>
      id.includes(volumes[700]?.id ?? 'none') ? `${id}<size>777</size>` : element,
    ),
  );
  expect(await render(volumes.slice(1), 'r1')).not.toContain(volumes[0]?.id);
  expect(await render(volumes, 'r1')).toBe(first);
});

test('any text comes back from an XML parser as it was, but for what XML cannot hold', async () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids them.
  const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 40 }), async (text) => {
      const { r } = await parse(`<r>|${escapeXml(text)}|</r>`);
      expect(r).toBe(`|${text.replace(forbidden, '\ufffd')}|`);
    }),
  );
});

test('half a character becomes the replacement character', () => {
  expect(escapeXml('a\ud83db')).toBe('a\ufffdb');
  expect(escapeXml('a\ude00b')).toBe('a\ufffdb');
  expect(escapeXml('a😀b')).toBe('a😀b');
});

test('errors have the one form that EC2 has', () => {
  expect(encodeError({ code: 'Some.Code', message: 'a < b' }, 'a-request').toString()).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<Response><Errors><Error><Code>Some.Code</Code><Message>a &lt; b</Message></Error></Errors><RequestID>a-request</RequestID></Response>',
  );
});

test('times are written as toISOString writes them', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }), (date) => {
      expect(formatTimestamp(date)).toBe(date.toISOString());
    }),
  );
});
