import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AccountId, SnapshotId } from '../../../src/model/ids.ts';
import type { Grantee } from '../../../src/model/snapshot-permission.ts';
import { type Database, openDatabase } from '../../../src/store/sqlite/open-database.ts';
import { accountSettings, ids, snapshotPermissions, snapshots, tags } from '../../../src/store/sqlite/schema.ts';
import { createStoreFixture, type StoreFixture } from '../../support/store-fixture.ts';

const [me, friend, hidden] = ['111111111111', '222222222222', '333333333333'] as AccountId[] as [AccountId, AccountId, AccountId];
let fixture: StoreFixture;
let database: Database;
beforeEach(() => {
  fixture = createStoreFixture();
  database = openDatabase(fixture.file);
  database.insert(accountSettings).values({ accountId: hidden, name: 'snapshot-public-access', value: 'block-all-sharing' }).run();
});
afterEach(() => {
  database.$client.close();
  fixture.close();
});

interface Row {
  readonly owner: AccountId;
  readonly state: string;
  readonly grantees: readonly Grantee[];
}

function insert(number: number, { owner, state, grantees }: Row): SnapshotId {
  const id = `snap-${String(number).padStart(8, '0')}` as SnapshotId;
  database.insert(ids).values({ id, kind: 'snapshot', uuid: id, issuedAtMs: 0 }).run();
  const rest = { volumeId: 'vol-1', volumeSizeGiB: 1, volumeServer: 's', description: '', progressPercent: 100, startedAtMs: 0 };
  database
    .insert(snapshots)
    .values({ id, accountId: owner, state, ...rest })
    .run();
  database.insert(tags).values({ resourceId: id, accountId: owner, key: 'Name', value: id }).run();
  for (const grantee of grantees) database.insert(snapshotPermissions).values({ snapshotId: id, grantee }).run();
  return id;
}

const isSeen = ({ owner, state, grantees }: Row) =>
  owner === me
    ? state !== 'deleting' && state !== 'deleted'
    : state === 'completed' && (grantees.includes(me) || (grantees.includes('all') && owner !== hidden));

const row: fc.Arbitrary<Row> = fc.record({
  owner: fc.constantFrom(me, friend, hidden),
  state: fc.constantFrom('pending', 'completed', 'completed', 'completed', 'error', 'deleting', 'deleted'),
  grantees: fc.uniqueArray(fc.constantFrom<Grantee>(me, friend, hidden, 'all')),
});

test('an account sees its own, those shared with it and those shared with everyone, whole and by pages', async () => {
  const rows = fc.sample(row, { numRuns: 400, seed: 7 });
  const seen = rows.map((each, index) => ({ ...each, id: insert(index, each) })).filter(isSeen);
  const all = await fixture.store.visibleSnapshots(me, { grantees: [friend, me, 'all'] });
  expect(all.map(({ id }) => id)).toEqual(seen.map(({ id }) => id));
  for (const [index, { owner, grantees, id }] of seen.entries()) {
    const found = all[index];
    expect(found?.tags).toEqual(owner === me ? [{ key: 'Name', value: id }] : []);
    // Of another account's snapshot it is nobody's business with whom else it is shared.
    const asked = owner === me ? [friend, me, 'all'] : [me, 'all'];
    expect([...(found?.grantees ?? [])].sort()).toEqual(grantees.filter((grantee) => asked.includes(grantee)).sort());
  }
  for (const from of ['own', 'others'] as const) {
    const paged: string[] = [];
    let afterId: string | undefined;
    do {
      const part = await fixture.store.visibleSnapshots(me, { from, range: { afterId, count: 7 } });
      paged.push(...part.map(({ id }) => id));
      afterId = part.length < 7 ? undefined : part.at(-1)?.id;
    } while (afterId !== undefined);
    expect(paged).toEqual(seen.filter(({ owner }) => (owner === me) === (from === 'own')).map(({ id }) => id));
  }
  const chosen = rows.map((_, index) => `snap-${String(index).padStart(8, '0')}` as SnapshotId).reverse();
  expect((await fixture.store.visibleSnapshots(me, { snapshotIds: chosen })).map(({ id }) => id)).toEqual(seen.map(({ id }) => id));
});

test('a page is found behind many that are shared with everyone and hidden after all', async () => {
  const many = Array.from({ length: 300 }, (): Row => ({ owner: hidden, state: 'completed', grantees: ['all'] }));
  for (const [index, each] of many.entries()) insert(index, each);
  const last = insert(many.length, { owner: friend, state: 'completed', grantees: ['all'] });
  const page = await fixture.store.visibleSnapshots(me, { range: { afterId: undefined, count: 2 } });
  expect(page.map(({ id }) => id)).toEqual([last]);
});
