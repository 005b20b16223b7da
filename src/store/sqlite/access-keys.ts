import { asc, eq, getTableColumns, lt, sql } from 'drizzle-orm';
import type { AccountId } from '../../model/ids.ts';
import type { AccessKey, AccessKeys } from '../store.ts';
import { compiled } from './compiled.ts';
import type { WriteContext } from './operation-writes.ts';
import { accessKeys } from './schema.ts';

type KeyRow = readonly [
  secretAccessKey: string,
  accountId: string,
  createdAtMs: number,
  sessionTokenSha256: string | null,
  expiresAtMs: number | null,
];
const { accessKeyId: _accessKeyId, ...columns } = getTableColumns(accessKeys);

export function createAccessKeys({ database, noteEnded }: Pick<WriteContext, 'database' | 'noteEnded'>): AccessKeys {
  const byId = compiled<KeyRow>(database, () =>
    database
      .select(columns)
      .from(accessKeys)
      .where(eq(accessKeys.accessKeyId, sql.placeholder('accessKeyId'))),
  );
  return {
    async add(key) {
      const { session, ...lasting } = key;
      const row = { ...lasting, sessionTokenSha256: session?.tokenSha256, expiresAtMs: session?.expiresAtMs };
      return database.insert(accessKeys).values(row).onConflictDoNothing().run().changes === 1;
    },
    async list() {
      return database.select().from(accessKeys).orderBy(asc(accessKeys.createdAtMs)).all().map(accessKeyFrom);
    },
    async remove(accessKeyId) {
      noteEnded();
      return database.delete(accessKeys).where(eq(accessKeys.accessKeyId, accessKeyId)).run().changes === 1;
    },
    async removeExpired(beforeMs) {
      if (database.delete(accessKeys).where(lt(accessKeys.expiresAtMs, beforeMs)).run().changes > 0) noteEnded();
    },
    async find(accessKeyId) {
      const row = byId.get({ accessKeyId });
      if (row === undefined) return undefined;
      const [secretAccessKey, accountId, createdAtMs, sessionTokenSha256, expiresAtMs] = row;
      return accessKeyFrom({ accessKeyId, secretAccessKey, accountId, createdAtMs, sessionTokenSha256, expiresAtMs });
    },
  };
}

function accessKeyFrom(row: typeof accessKeys.$inferSelect): AccessKey {
  const { accessKeyId, secretAccessKey, createdAtMs, sessionTokenSha256, expiresAtMs } = row;
  const key = { accessKeyId, secretAccessKey, accountId: row.accountId as AccountId, createdAtMs };
  return sessionTokenSha256 === null || expiresAtMs === null ? key : { ...key, session: { tokenSha256: sessionTokenSha256, expiresAtMs } };
}
