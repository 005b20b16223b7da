import { and, eq, inArray, notInArray, sql } from 'drizzle-orm';
import type { SnapshotId } from '../../model/ids.ts';
import type { Grantee } from '../../model/snapshot-permission.ts';
import type { Store } from '../store.ts';
import { runBatch } from './guarded-batch.ts';
import type { WriteContext } from './operation-writes.ts';
import { snapshotPermissions, snapshots } from './schema.ts';

type Permissions = Pick<Store, 'snapshotPermissions' | 'changeSnapshotPermissions'>;

export function createSnapshotPermissionStore({ database }: WriteContext): Permissions {
  return {
    async snapshotPermissions(snapshotIds) {
      const rows = database
        .select()
        .from(snapshotPermissions)
        .where(sql`${snapshotPermissions.snapshotId} IN (SELECT value FROM json_each(${JSON.stringify(snapshotIds)}))`)
        .orderBy(snapshotPermissions.snapshotId, snapshotPermissions.grantee)
        .all();
      return rows.map(({ snapshotId, grantee }) => ({ snapshotId: snapshotId as SnapshotId, grantee: grantee as Grantee }));
    },

    async changeSnapshotPermissions({ accountId, snapshotId, add, remove }) {
      const isThere = and(
        eq(snapshots.id, snapshotId),
        eq(snapshots.accountId, accountId),
        notInArray(snapshots.state, ['deleting', 'deleted']),
      );
      return runBatch<'snapshot-not-found'>(database, [
        // Changes nothing: it holds only while the snapshot is there and the account's.
        { query: database.update(snapshots).set({ id: snapshotId }).where(isThere), expect: 1, otherwise: 'snapshot-not-found' },
        ...add.map((grantee) => ({ query: database.insert(snapshotPermissions).values({ snapshotId, grantee }).onConflictDoNothing() })),
        {
          query: database
            .delete(snapshotPermissions)
            .where(and(eq(snapshotPermissions.snapshotId, snapshotId), inArray(snapshotPermissions.grantee, [...remove]))),
        },
      ]);
    },
  };
}
