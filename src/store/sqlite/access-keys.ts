import { asc, eq, sql } from 'drizzle-orm';
import type { AccountId } from '../../model/ids.ts';
import type { AccessKey, AccessKeys } from '../store.ts';
import { compiled } from './compiled.ts';
import type { WriteContext } from './operation-writes.ts';
import { accessKeys } from './schema.ts';

type KeyRow = readonly [secretAccessKey: string, accountId: string, createdAtMs: number];
const columns = { secretAccessKey: accessKeys.secretAccessKey, accountId: accessKeys.accountId, createdAtMs: accessKeys.createdAtMs };

export function createAccessKeys({ database }: Pick<WriteContext, 'database'>): AccessKeys {
  const byId = compiled<KeyRow>(database, () =>
    database
      .select(columns)
      .from(accessKeys)
      .where(eq(accessKeys.accessKeyId, sql.placeholder('accessKeyId'))),
  );
  return {
    async add(key) {
      return database.insert(accessKeys).values(key).onConflictDoNothing().run().changes === 1;
    },
    async list() {
      return database.select().from(accessKeys).orderBy(asc(accessKeys.createdAtMs)).all().map(accessKeyFrom);
    },
    async remove(accessKeyId) {
      return database.delete(accessKeys).where(eq(accessKeys.accessKeyId, accessKeyId)).run().changes === 1;
    },
    async find(accessKeyId) {
      const row = byId.get({ accessKeyId });
      if (row === undefined) return undefined;
      const [secretAccessKey, accountId, createdAtMs] = row;
      return { accessKeyId, secretAccessKey, accountId: accountId as AccountId, createdAtMs };
    },
  };
}

function accessKeyFrom(row: typeof accessKeys.$inferSelect): AccessKey {
  return { ...row, accountId: row.accountId as AccountId };
}
