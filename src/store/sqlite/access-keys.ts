import { asc, eq, sql } from 'drizzle-orm';
import type { AccountId } from '../../model/ids.ts';
import type { AccessKey, AccessKeys } from '../store.ts';
import type { WriteContext } from './operation-writes.ts';
import { accessKeys } from './schema.ts';
import { whenUsed } from './when-used.ts';

export function createAccessKeys({ database }: Pick<WriteContext, 'database'>): AccessKeys {
  // Asked for with every request, so it is prepared once.
  const byId = whenUsed(() =>
    database
      .select()
      .from(accessKeys)
      .where(eq(accessKeys.accessKeyId, sql.placeholder('accessKeyId')))
      .prepare(),
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
      const row = byId().get({ accessKeyId });
      return row === undefined ? undefined : accessKeyFrom(row);
    },
  };
}

function accessKeyFrom(row: typeof accessKeys.$inferSelect): AccessKey {
  return { ...row, accountId: row.accountId as AccountId };
}
