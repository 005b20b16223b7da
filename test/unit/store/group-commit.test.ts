import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { shareCommits } from '../../../src/store/sqlite/group-commit.ts';
import { type Database, openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { ids } from '../../../src/store/sqlite/schema.ts';

let folder: string;
let database: Database;
/** Another process' connection: it sees only what is committed. */
let other: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vbs-commits-'));
  database = openDatabase(join(folder, 'vbs.db'));
  other = openDatabase(join(folder, 'vbs.db'));
});

afterEach(() => {
  database.$client.close();
  other.$client.close();
  rmSync(folder, { recursive: true });
});

const insert = (id: string) => void database.insert(ids).values({ id, kind: 'volume', uuid: randomUUID(), issuedAtMs: 0 }).run();
const committed = () =>
  other
    .select({ id: ids.id })
    .from(ids)
    .all()
    .map(({ id }) => id);
const version = () => other.$client.pragma('data_version', { simple: true });

const writes = {
  async put(id: string): Promise<string> {
    insert(id);
    return id;
  },
  async takeBack(): Promise<string> {
    database.$client.exec('ROLLBACK');
    throw new Error('the disk is full');
  },
  async read(): Promise<number> {
    return database.select().from(ids).all().length;
  },
};
const sharing = () => shareCommits(database, writes, (name) => name !== 'read');

test('writes of the same moment share a commit, and are answered after it', async () => {
  const { put } = sharing();
  committed();
  const before = version();
  const answered = Promise.all(
    ['a', 'b', 'c'].map(async (id) => {
      const done = await put(id);
      expect(committed()).toContain(done);
    }),
  );
  expect(committed()).toEqual([]);
  await answered;
  expect(committed().sort()).toEqual(['a', 'b', 'c']);
  // SQLite counts the commits of others.
  expect(Number(version()) - Number(before)).toBe(1);
});

test('one that is refused does not take the others with it', async () => {
  const { put } = sharing();
  const results = await Promise.allSettled([put('a'), put('a'), put('b')]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(committed().sort()).toEqual(['a', 'b']);
});

test('when SQLite takes the transaction back, all fail for its reason, and none has happened', async () => {
  const { put, takeBack } = sharing();
  const results = await Promise.allSettled([put('a'), takeBack(), put('b')]);
  expect(results.map((each) => each.status === 'rejected' && each.reason.message)).toEqual(Array(3).fill('the disk is full'));
  expect(committed()).toEqual([]);
  await put('c');
  expect(committed()).toEqual(['c']);
});

test('when another process keeps the database from being written, all fail', async () => {
  database.$client.pragma('busy_timeout = 1');
  other.$client.exec('BEGIN IMMEDIATE');
  const { put } = sharing();
  const results = await Promise.allSettled([put('a'), put('b')]);
  other.$client.exec('ROLLBACK');
  expect(results.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(['SQLITE_BUSY', 'SQLITE_BUSY']);
  expect(committed()).toEqual([]);
});

test('what only reads does not wait', async () => {
  const { read } = sharing();
  const first = await Promise.race([read(), new Promise((resolve) => setImmediate(resolve))]);
  expect(first).toBe(0);
});
