import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stranger } from '../../../support/saga-rig.ts';
import { createSnapshot, createVolume } from '../../../support/scenarios.ts';
import { type ApiRig, items, type Params, startApiRig } from '../support/api-rig.ts';

let api: ApiRig;
let volumeId: string;
let snapshotId: string;

beforeEach(async () => {
  api = await startApiRig();
  const volume = await createVolume(api.service);
  await api.settle();
  volumeId = volume;
  snapshotId = await createSnapshot(api.service, volume);
  await api.settle();
  await api.ask({ Action: 'DeleteTags', 'ResourceId.1': volumeId });
});
afterEach(() => api.close());

/** The wire's form of a list of tags; `undefined` for a value that is not given. */
function tagParams(tags: Readonly<Record<string, string | undefined>>): Params {
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value], index) => [
      [`Tag.${index + 1}.Key`, key],
      ...(value === undefined ? [] : [[`Tag.${index + 1}.Value`, value]]),
    ]),
  );
}

const put = (tags: Readonly<Record<string, string>>, ...ids: readonly string[]): Params => ({
  Action: 'CreateTags',
  ...Object.fromEntries(ids.map((id, index) => [`ResourceId.${index + 1}`, id])),
  ...tagParams(tags),
});

async function tagsShown(params: Params = {}): Promise<readonly string[]> {
  const { tagSet } = await api.ask({ Action: 'DescribeTags', ...params });
  return items(tagSet).map(({ resourceType, key, value }) => `${resourceType} ${key}=${value}`);
}

test('tags are given to several resources, replaced, and shown with the resources', async () => {
  await api.ask(put({ stage: 'test', empty: '' }, volumeId, snapshotId));
  await api.ask(put({ stage: 'live' }, volumeId));
  expect(await tagsShown()).toEqual(['snapshot empty=', 'snapshot stage=test', 'volume empty=', 'volume stage=live']);
  const { volumeSet } = await api.ask({ Action: 'DescribeVolumes', 'Filter.1.Name': 'tag:stage', 'Filter.1.Value.1': 'l?ve' });
  expect(items(volumeSet).map((volume) => volume.volumeId)).toEqual([volumeId]);
});

test('a tag is taken away by its key, or only when it has the value', async () => {
  await api.ask(put({ a: '1', b: '2', c: '', d: '4' }, volumeId, snapshotId));
  const remove = (tags: Readonly<Record<string, string | undefined>>) =>
    api.ask({ Action: 'DeleteTags', 'ResourceId.1': volumeId, ...tagParams(tags) });
  await remove({ a: undefined, b: 'other', c: '', none: undefined });
  expect(await tagsShown({ 'Filter.1.Name': 'resource-id', 'Filter.1.Value.1': volumeId })).toEqual(['volume b=2', 'volume d=4']);
  await remove({ d: '' });
  expect(await tagsShown({ 'Filter.1.Name': 'resource-type', 'Filter.1.Value.1': 'volume' })).toEqual(['volume b=2', 'volume d=4']);
  await api.ask({ Action: 'DeleteTags', 'ResourceId.1': volumeId });
  expect(await tagsShown()).toEqual(['snapshot a=1', 'snapshot b=2', 'snapshot c=', 'snapshot d=4']);
});

test('the filters of DescribeTags know wildcards, and an unknown one is refused', async () => {
  await api.ask(put({ 'a*': '1', ab: '2' }, volumeId));
  const filtered = (name: string, value: string) => tagsShown({ 'Filter.1.Name': name, 'Filter.1.Value.1': value });
  expect(await filtered('key', 'a*')).toEqual(['volume a*=1', 'volume ab=2']);
  expect(await filtered('key', 'a\\*')).toEqual(['volume a*=1']);
  expect(await filtered('value', '?')).toEqual(['volume a*=1', 'volume ab=2']);
  expect(await filtered('tag:ab', '2')).toEqual(['volume ab=2']);
  expect(await api.refusal({ Action: 'DescribeTags', 'Filter.1.Name': 'colour', 'Filter.1.Value.1': 'red' })).toBe('InvalidParameterValue');
});

test('the pages of DescribeTags together are the list', async () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`key-${index}`, '']));
  await api.ask(put(many, volumeId, snapshotId));
  const seen: string[] = [];
  let token = '';
  do {
    const { tagSet, nextToken } = await api.ask({ Action: 'DescribeTags', MaxResults: '5', ...(token && { NextToken: token }) });
    seen.push(...items(tagSet).map(({ resourceId, key }) => `${resourceId} ${key}`));
    token = nextToken ?? '';
  } while (token !== '');
  expect(seen).toEqual(
    [volumeId, snapshotId].flatMap((id) => Object.keys(many).map((key) => `${id} ${key}`)).sort((a, b) => (a < b ? -1 : 1)),
  );
});

describe('refusals', () => {
  test.each([
    ['a key that is too long', { ['k'.repeat(128)]: '' }, 'InvalidParameterValue'],
    ['a value that is too long', { key: 'v'.repeat(256) }, 'InvalidParameterValue'],
    ['a reserved key', { 'aws:key': '' }, 'InvalidParameterValue'],
    ['no tags', {}, 'MissingParameter'],
    ['51 tags', Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`${index}`, ''])), 'TagLimitExceeded'],
  ])('%s', async (_what, tags: Readonly<Record<string, string>>, code) => {
    expect(await api.refusal(put(tags, volumeId))).toBe(code);
    expect(await tagsShown()).toEqual([]);
  });

  test('a fifty-first tag, while fifty with one of them replaced are fine', async () => {
    const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}`, '']));
    await api.ask(put(fifty, volumeId));
    await api.ask(put({ 49: 'again' }, volumeId));
    expect(await api.refusal(put({ more: '' }, snapshotId, volumeId))).toBe('TagLimitExceeded');
    expect(await tagsShown({ 'Filter.1.Name': 'key', 'Filter.1.Value.1': 'more' })).toEqual([]);
  });

  test('resources that are not there, or no resources at all, and then nothing changes', async () => {
    expect(await api.refusal(put({ a: '' }, volumeId, 'vol-00000000'))).toBe('InvalidVolume.NotFound');
    expect(await api.refusal(put({ a: '' }, volumeId, 'snap-00000000'))).toBe('InvalidSnapshot.NotFound');
    expect(await api.refusal(put({ a: '' }, volumeId, 'i-00000001'))).toBe('InvalidID');
    expect(await api.refusal({ Action: 'DeleteTags', 'ResourceId.1': 'vol-00000000' })).toBe('InvalidVolume.NotFound');
    expect(await api.refusal({ Action: 'CreateTags', 'Tag.1.Key': 'a' })).toBe('MissingParameter');
    expect(await tagsShown()).toEqual([]);
  });

  test('another account neither sees nor changes the tags', async () => {
    await api.ask(put({ secret: 'yes' }, volumeId));
    const { tags } = api.service.blockstore;
    expect(await tags.listAfter(stranger, { afterId: undefined, count: 10 })).toEqual([]);
    const [volume] = await api.service.blockstore.volumes.list({ accountId: '123456789012', accessKeyId: '' } as typeof stranger);
    const resourceIds = volume === undefined ? [] : [volume.id];
    await expect(tags.put(stranger, { resourceIds, tags: [{ key: 'a', value: '' }], dryRun: false })).rejects.toThrow('volume-not-found');
    expect(await api.service.store.putTags({ accountId: stranger.accountId, resourceIds, tags: [{ key: 'a', value: '' }] })).toEqual({
      outcome: 'refused',
      reason: 'resource-not-found',
    });
  });
});
