import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OperationId } from '../../../src/model/ids.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';

const shipped = 'src/store/sqlite/migrations';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-migrations-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A database as a release with only the first migrations left it. */
function earlierDatabase(migrationCount: number): string {
  const migrationsFolder = join(folder, 'migrations');
  cpSync(shipped, migrationsFolder, { recursive: true });
  const list = join(migrationsFolder, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(list, 'utf8'));
  writeFileSync(list, JSON.stringify({ ...journal, entries: journal.entries.slice(0, migrationCount) }));
  const file = join(folder, 'vbs.db');
  const client = new Sqlite(file);
  client.pragma('foreign_keys = ON');
  migrate(drizzle({ client }), { migrationsFolder });
  client.exec(`
    INSERT INTO ids VALUES ('op-1', 'operation', 'u1', 1);
    INSERT INTO operations VALUES ('op-1', 'attach-volume', 1, 'vol-1', '{}', 'stuck', 'disk: no', 'me', 3, 4, 5, NULL);
    INSERT INTO steps VALUES ('op-1', 1, 'disk', 'do', 'failed', NULL, 'no', '[]', 5, 6);`);
  client.close();
  return file;
}

it('keeps every operation and its journal over the migrations of later releases, and refers to nothing that is not there', async () => {
  const file = earlierDatabase(3);
  const store = openSqliteStore({ file, clock: () => 10, newUuid: randomUUID });
  expect(await store.operation('op-1' as OperationId)).toMatchObject({ state: 'stuck', generation: 3, failure: 'disk: no' });
  expect(await store.entries('op-1' as OperationId)).toMatchObject([{ step: 'disk', error: 'no' }]);
  store.close();
  const client = new Sqlite(file);
  expect(client.pragma('foreign_key_check')).toEqual([]);
  expect(client.pragma('integrity_check', { simple: true })).toBe('ok');
  client.close();
});

it('still holds rows to what they refer to, once the migrations are done', async () => {
  const store = openSqliteStore({ file: earlierDatabase(3), clock: () => 10, newUuid: randomUUID });
  const operation = {
    id: 'op-never-issued' as OperationId,
    kind: 'reconcile-site',
    version: 1,
    resourceId: 'site',
    accountId: undefined,
    input: {},
  };
  await expect(store.beginReconcile(operation)).rejects.toThrow();
  store.close();
});
