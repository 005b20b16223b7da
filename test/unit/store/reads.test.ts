import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AccountId, VolumeId } from '../../../src/model/ids.ts';
import { type Database, openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { ids, tags, volumes } from '../../../src/store/sqlite/schema.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';

const accountId = '123456789012' as AccountId;
let folder: string;
let store: Store;
/** Another process' connection. */
let other: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-reads-'));
  const file = join(folder, 'vbs.db');
  store = openSqliteStore({ file, clock: Date.now, newUuid: randomUUID });
  other = openDatabase(file);
  for (const id of ['vol-00000002', 'vol-00000001']) {
    other.insert(ids).values({ id, kind: 'volume', uuid: id, issuedAtMs: 0 }).run();
    other
      .insert(volumes)
      .values({ id, accountId, sizeGiB: 1, type: 'gp3', zone: 'here-1a', volumeServer: 'disks', state: 'available', createdAtMs: 0 })
      .run();
  }
});

afterEach(() => {
  store.close();
  other.$client.close();
  rmSync(folder, { recursive: true });
});

const listed = async () => (await store.volumes(accountId)).map(({ id, state }) => `${id} ${state}`);

test('the list is the same object until something changes', async () => {
  expect(await listed()).toEqual(['vol-00000001 available', 'vol-00000002 available']);
  expect(await store.volumes(accountId)).toBe(await store.volumes(accountId));
});

test('what another process commits is seen by the next list', async () => {
  await store.volumes(accountId);
  other.update(volumes).set({ state: 'error' }).where(eq(volumes.id, 'vol-00000001')).run();
  expect(await listed()).toEqual(['vol-00000001 error', 'vol-00000002 available']);
  other.update(volumes).set({ state: 'deleted' }).where(eq(volumes.id, 'vol-00000001')).run();
  expect(await listed()).toEqual(['vol-00000002 available']);
});

test('a write that has nothing to do with volumes leaves the list as it is', async () => {
  const before = await store.volumes(accountId);
  await store.issueId('volume');
  expect(await store.volumes(accountId)).toBe(before);
});

test('what the store itself writes is seen by the next list, and the other volumes stay the same objects', async () => {
  const [first, second] = await store.volumes(accountId);
  const resourceIds = [first?.id as VolumeId];
  await store.putTags({ accountId, resourceIds, tags: [{ key: 'Name', value: 'one' }] });
  const tagged = await store.volumes(accountId);
  expect(tagged[0]).toEqual({ ...first, tags: [{ key: 'Name', value: 'one' }] });
  expect(tagged[1]).toBe(second);
  await store.removeTags({ accountId, resourceIds });
  expect(await store.volumes(accountId)).toEqual([first, second]);
});

test('volumes that come and go are seen in their place', async () => {
  expect(await listed()).toHaveLength(2);
  const operation = async (resourceId: string, kind: string) =>
    ({ id: await store.issueId('operation'), kind, version: 1, resourceId, accountId, input: {}, owner: 'me' }) as const;
  const wanted = { accountId, sizeGiB: 1, type: 'gp3', zone: 'here-1a', volumeServer: 'disks', createdAtMs: 0, tags: [] } as const;
  for (const id of ['vol-00000003', 'vol-00000000'] as VolumeId[]) {
    other.insert(ids).values({ id, kind: 'volume', uuid: id, issuedAtMs: 0 }).run();
    await store.volumes(accountId);
    await store.beginCreateVolume({ volume: { ...wanted, id }, operation: await operation(id, 'create-volume') });
  }
  expect(await listed()).toEqual(['vol-00000000 creating', 'vol-00000001 available', 'vol-00000002 available', 'vol-00000003 creating']);
  const volumeId = 'vol-00000001' as VolumeId;
  const begun = await store.beginDeleteVolume({ accountId, volumeId, operation: await operation(volumeId, 'delete-volume') });
  expect(await listed()).toContain('vol-00000001 deleting');
  if (begun.outcome === 'begun') {
    await store.finishDeleteVolume({ operationId: begun.operation.id, generation: 1 }, volumeId);
  }
  expect(await listed()).toEqual(['vol-00000000 creating', 'vol-00000002 available', 'vol-00000003 creating']);
  await store.recycleVolume({ accountId, volumeId: 'vol-00000002' as VolumeId, exitsAtMs: Date.now() + 1_000 });
  expect(await listed()).toEqual(['vol-00000000 creating', 'vol-00000003 creating']);
  await store.restoreRecycled(accountId, 'vol-00000002' as VolumeId);
  expect(await listed()).toEqual(['vol-00000000 creating', 'vol-00000002 available', 'vol-00000003 creating']);
});

test('a list is the same as what is read by ids, whatever was written in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          volume: fc.constantFrom('vol-00000001', 'vol-00000002'),
          key: fc.constantFrom('a', 'b', 'c'),
          by: fc.constantFrom('put', 'remove', 'other', 'list'),
        }),
        { maxLength: 12 },
      ),
      async (writes) => {
        for (const { volume, key, by } of writes) {
          const resourceIds = [volume as VolumeId];
          if (by === 'put') await store.putTags({ accountId, resourceIds, tags: [{ key, value: 'x' }] });
          if (by === 'remove') await store.removeTags({ accountId, resourceIds, tags: [{ key }] });
          if (by === 'other') other.delete(tags).where(eq(tags.resourceId, volume)).run();
          if (by === 'list') await store.volumes(accountId);
        }
        const all = ['vol-00000001', 'vol-00000002'] as VolumeId[];
        expect(await store.volumes(accountId)).toEqual(await store.volumes(accountId, all));
      },
    ),
    { numRuns: 50 },
  );
});

test('a part of the list begins behind the id that is named, whether it is there or not', async () => {
  const idsAfter = async (afterId: string | undefined, count: number) =>
    (await store.volumesAfter(accountId, { afterId, count })).map(({ id }) => id);
  expect(await idsAfter(undefined, 1)).toEqual(['vol-00000001']);
  expect(await idsAfter('vol-00000001', 5)).toEqual(['vol-00000002']);
  expect(await idsAfter('vol-000000015', 5)).toEqual(['vol-00000002']);
  expect(await idsAfter('vol-00000002', 5)).toEqual([]);
  expect(await store.volumesAfter('210987654321' as AccountId, { afterId: undefined, count: 5 })).toEqual([]);
});

test('any text comes back as it was written, as far as UTF-8 has it', async () => {
  const texts = ['a\u0000b', '😀"\\\n\r\t', '[1,2]', '{"a":1}', '', 'null', '\u2028\uffff', '\u0001\u001f', 'é卷'];
  other
    .insert(tags)
    .values(texts.map((value, index) => ({ resourceId: 'vol-00000001', accountId, key: `${index}${value}`, value })))
    .run();
  const [volume] = await store.volumes(accountId);
  expect(volume?.tags).toEqual(texts.map((value, index) => ({ key: `${index}${value}`, value })));
});
