import { sql } from 'drizzle-orm';
import type { AccountId } from '../../model/ids.ts';
import type { TaggableId, TagOfResource } from '../../model/tag.ts';
import type { Store } from '../store.ts';
import { isNotRecycled } from './is-not-recycled.ts';
import { tagColumns } from './model-rows.ts';
import type { WriteContext } from './operation-writes.ts';
import { prepareKeysAfter, prepareRows } from './prepare-rows.ts';
import { type PartWanted, partOf, readInParts } from './read-in-parts.ts';
import { snapshots, tags } from './schema.ts';

export function createTagReads({ database }: Pick<WriteContext, 'database'>): Pick<Store, 'tags' | 'tagsAfter'> {
  // A snapshot that is being deleted is shown no more, and so are its tags.
  const isOfDeleting = sql`EXISTS (SELECT 1 FROM ${snapshots} WHERE ${snapshots.id} = ${tags.resourceId} AND ${snapshots.state} = 'deleting')`;
  const isShown = sql`NOT ${isOfDeleting} AND ${isNotRecycled(tags.resourceId)}`;
  const readResourceIds = prepareKeysAfter(database, { table: tags, key: tags.resourceId });
  const readTags = prepareRows(database, { table: tags, columns: tagColumns, key: tags.resourceId, where: isShown });
  const tagsOf = (accountId: AccountId, resourceIds: readonly string[]): readonly TagOfResource[] =>
    readTags(accountId, resourceIds)[0]
      .map(([resourceId, key, value]) => ({ resourceId: resourceId as TaggableId, key, value }))
      .sort((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  const partsOf = (accountId: AccountId) => (wanted: PartWanted) =>
    partOf(readResourceIds(accountId, wanted), wanted, (ids) => tagsOf(accountId, ids));

  return {
    async tags(accountId) {
      return readInParts(partsOf(accountId));
    },

    async tagsAfter(accountId, { afterId, count }) {
      if (afterId === undefined) {
        return readInParts(partsOf(accountId), { count });
      }
      // The last page may have ended in the middle of a resource.
      const resourceId = afterId.slice(0, afterId.indexOf(' '));
      const rest = tagsOf(accountId, [resourceId]).filter((tag) => placeOf(tag) > afterId);
      if (rest.length >= count) {
        return rest.slice(0, count);
      }
      return [...rest, ...(await readInParts(partsOf(accountId), { afterKey: resourceId, count: count - rest.length }))];
    },
  };
}

function placeOf({ resourceId, key }: TagOfResource): string {
  return `${resourceId} ${key}`;
}
