import { afterEach, beforeEach, expect, test } from 'vitest';
import type { VolumeId } from '../../../src/model/ids.ts';
import type { Tag } from '../../../src/model/tag.ts';
import { openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { tagChanges } from '../../../src/store/sqlite/schema.ts';
import { accountId, createStoreFixture, type StoreFixture } from '../../support/store-fixture.ts';

let fixture: StoreFixture;
let volumeIds: readonly VolumeId[];
beforeEach(async () => {
  fixture = createStoreFixture();
  volumeIds = await Promise.all(Array.from({ length: 40 }, () => fixture.volume()));
});
afterEach(() => fixture.close());

const tagsOf = (count: number, value: string): readonly Tag[] =>
  Array.from({ length: count }, (_, index) => ({ key: `key ${String(index).padStart(2, '0')}`, value }));
const shown = async () => (await fixture.store.volumes(accountId)).map(({ tags }) => tags);

test('many tags are given to many, replaced and taken away', async () => {
  const { store } = fixture;
  expect(await store.putTags({ accountId, resourceIds: volumeIds, tags: tagsOf(50, 'one') })).toEqual({ outcome: 'done' });
  expect(await store.putTags({ accountId, resourceIds: volumeIds, tags: tagsOf(30, 'two') })).toEqual({ outcome: 'done' });
  expect(await shown()).toEqual(volumeIds.map(() => [...tagsOf(30, 'two'), ...tagsOf(50, 'one').slice(30)]));
  const [withValue, whatever] = [tagsOf(40, 'one').slice(20), tagsOf(50, '').slice(45)];
  const unwanted = [...withValue, ...whatever.map(({ key }) => ({ key }))];
  expect(await store.removeTags({ accountId, resourceIds: volumeIds, tags: unwanted })).toEqual({ outcome: 'done' });
  expect(await shown()).toEqual(volumeIds.map(() => [...tagsOf(30, 'two'), ...tagsOf(45, 'one').slice(40)]));
  expect(await store.removeTags({ accountId, resourceIds: volumeIds })).toEqual({ outcome: 'done' });
  expect(await shown()).toEqual(volumeIds.map(() => []));
});

test.each([1, 40])('what is refused for one of %d leaves nothing behind', async (count) => {
  const { store } = fixture;
  const last = volumeIds.at(-1) as VolumeId;
  const resourceIds = [...volumeIds.slice(0, count - 1), last];
  await store.putTags({ accountId, resourceIds: [last], tags: [{ key: 'other', value: '' }] });
  const before = await shown();
  expect(await store.putTags({ accountId, resourceIds, tags: tagsOf(50, 'x') })).toEqual({ outcome: 'refused', reason: 'too-many-tags' });
  const missing = [...resourceIds, 'vol-0000000000000000f' as VolumeId];
  const refused = { outcome: 'refused', reason: 'resource-not-found' };
  expect(await store.putTags({ accountId, resourceIds: missing, tags: tagsOf(49, 'x') })).toEqual(refused);
  expect(await store.removeTags({ accountId, resourceIds: missing })).toEqual(refused);
  expect(await shown()).toEqual(before);
});

test('changes at the same time never give a resource more than fifty', async () => {
  const { store } = fixture;
  const others = tagsOf(50, 'other').map(({ key, value }) => ({ key: `other ${key}`, value }));
  const results = await Promise.all([
    store.putTags({ accountId, resourceIds: volumeIds, tags: tagsOf(50, 'x') }),
    store.putTags({ accountId, resourceIds: [volumeIds[39] as VolumeId], tags: others }),
    store.putTags({ accountId, resourceIds: volumeIds, tags: others }),
  ]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'refused', 'refused']);
  expect(await shown()).toEqual(volumeIds.map(() => tagsOf(50, 'x')));
});

test('what a process had written down and not done is done by the next one', async () => {
  const database = openDatabase(fixture.file);
  const change = { accountId, resourceIds: volumeIds, what: { put: tagsOf(20, 'late') } };
  database
    .insert(tagChanges)
    .values({ accountId, change: JSON.stringify(change) })
    .run();
  await fixture.reopen().resumeTagChanges();
  expect(await shown()).toEqual(volumeIds.map(() => tagsOf(20, 'late')));
  expect(database.select().from(tagChanges).all()).toEqual([]);
  database.$client.close();
});
