import { afterEach, beforeEach, expect, it } from 'vitest';
import { operatorAccount } from '../../../src/composition/operator-account.ts';
import type { AccountId } from '../../../src/model/ids.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../src/store/store.ts';

const account = (digit: string) => digit.repeat(12) as AccountId;
let store: Store;
let nowMs = 1;

beforeEach(() => {
  let drawn = 0;
  store = openSqliteStore({
    file: ':memory:',
    clock: () => nowMs,
    newUuid: () => {
      drawn += 1;
      return `uuid-${drawn}`;
    },
  });
});
afterEach(() => store.close());

const addKey = async (accessKeyId: string, accountId: AccountId, session?: { tokenSha256: string; expiresAtMs: number }) => {
  nowMs += 1;
  await store.accessKeys.add({ accessKeyId, secretAccessKey: 's', accountId, createdAtMs: nowMs, ...(session && { session }) });
};
const decide = (settings: { operatorAccount?: string } = {}) => operatorAccount(store, { settings, firstAccount: account('0') });

it('is the account of the oldest lasting key, and stays it', async () => {
  await addKey('AKIATEMPORARY', account('1'), { tokenSha256: 'x', expiresAtMs: 9 });
  await addKey('AKIAOLDEST', account('2'));
  await addKey('AKIANEWER', account('3'));
  expect(await decide()).toBe(account('2'));
  await store.accessKeys.remove('AKIAOLDEST');
  expect(await decide()).toBe(account('2'));
});

it('is what the settings say as long as they say it, and is decided by nothing else meanwhile', async () => {
  await addKey('AKIAOLDEST', account('2'));
  expect(await decide({ operatorAccount: account('7') })).toBe(account('7'));
  expect(await store.siteFact('operator-account')).toBeUndefined();
  expect(await decide()).toBe(account('2'));
  expect(await decide({ operatorAccount: account('7') })).toBe(account('7'));
});

it('is not decided before there is a key', async () => {
  expect(await decide()).toBe(account('0'));
  expect(await store.siteFact('operator-account')).toBeUndefined();
  await addKey('AKIAFIRST', account('5'));
  expect(await decide()).toBe(account('5'));
});
