import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AccountId } from '../../../src/model/ids.ts';
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

test('what the store itself writes is seen by the next list', async () => {
  const before = await store.volumes(accountId);
  await store.issueId('volume');
  const after = await store.volumes(accountId);
  expect(after).not.toBe(before);
  expect(after).toEqual(before);
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
