import { and, eq, ne, notInArray, sql } from 'drizzle-orm';
import type { AccountId } from '../../model/ids.ts';
import { maxTagsOfResource, type TaggableId } from '../../model/tag.ts';
import type { Store } from '../store.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import { isNotRecycled } from './is-not-recycled.ts';
import type { WriteContext } from './operation-writes.ts';
import { ids, snapshots, tags, volumes } from './schema.ts';

type TagWrites = Pick<Store, 'putTags' | 'removeTags'>;

export function createTagWrites({ database }: WriteContext): TagWrites {
  /** Changes nothing: it holds only while the resource is there and the account's. */
  const isThere = (accountId: AccountId, resourceId: TaggableId): GuardedQuery<'resource-not-found'> => ({
    query: resourceId.startsWith('vol-')
      ? database
          .update(volumes)
          .set({ id: resourceId })
          .where(and(eq(volumes.id, resourceId), eq(volumes.accountId, accountId), ne(volumes.state, 'deleted'), isNotRecycled(volumes.id)))
      : database
          .update(snapshots)
          .set({ id: resourceId })
          .where(
            and(eq(snapshots.id, resourceId), eq(snapshots.accountId, accountId), notInArray(snapshots.state, ['deleting', 'deleted'])),
          ),
    expect: 1,
    otherwise: 'resource-not-found',
  });

  return {
    async putTags({ accountId, resourceIds, tags: wanted }) {
      const queries = resourceIds.flatMap((resourceId): GuardedQuery<'resource-not-found' | 'too-many-tags'>[] => {
        const count = sql`(SELECT count(*) FROM ${tags} WHERE ${tags.resourceId} = ${resourceId})`;
        return [
          isThere(accountId, resourceId),
          ...wanted.map(({ key, value }) => ({
            query: database
              .insert(tags)
              .values({ resourceId, accountId, key, value })
              .onConflictDoUpdate({ target: [tags.resourceId, tags.key], set: { value } }),
          })),
          {
            // Changes nothing: it holds only while what was just added has room.
            query: database
              .update(ids)
              .set({ id: resourceId })
              .where(and(eq(ids.id, resourceId), sql`${count} <= ${maxTagsOfResource}`)),
            expect: 1,
            otherwise: 'too-many-tags',
          },
        ];
      });
      return runBatch(database, queries);
    },

    async removeTags({ accountId, resourceIds, tags: unwanted }) {
      const queries = resourceIds.flatMap((resourceId): GuardedQuery<'resource-not-found'>[] => {
        const ofResource = eq(tags.resourceId, resourceId);
        const removed =
          unwanted === undefined
            ? [ofResource]
            : unwanted.map(({ key, value }) => and(ofResource, eq(tags.key, key), value === undefined ? undefined : eq(tags.value, value)));
        return [isThere(accountId, resourceId), ...removed.map((which) => ({ query: database.delete(tags).where(which) }))];
      });
      return runBatch(database, queries);
    },
  };
}
