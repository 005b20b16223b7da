import { type SQL, sql } from 'drizzle-orm';
import type { AccountId } from '../../model/ids.ts';
import { maxTagsOfResource, type Tag, type TaggableId, type TagToRemove } from '../../model/tag.ts';
import type { Done, Refused } from '../store.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import { isNotRecycled } from './is-not-recycled.ts';
import type { WriteContext } from './operation-writes.ts';
import { ids, snapshots, tagChanges, tags, volumes } from './schema.ts';

/** What is to become of the tags of some resources of an account. */
export interface TagChange {
  readonly accountId: AccountId;
  readonly resourceIds: readonly TaggableId[];
  readonly what: { readonly put: readonly Tag[] } | { readonly remove: readonly TagToRemove[] | 'all' };
}

export type TagRefusal = 'resource-not-found' | 'too-many-tags';

/** Each is one transaction. What is done in parts is for whoever calls them in their order. */
export interface TagWrites {
  /** All of it, or nothing. */
  changeTags(change: TagChange): Promise<Done | Refused<TagRefusal>>;
  /** Looks only. Of a part of the resources. */
  checkTagChange(change: TagChange): Promise<TagRefusal | undefined>;
  /** From here on it will be done, be it by the next process. */
  beginTagChange(change: TagChange): Promise<number>;
  /** Does it to a part of the resources. May be called again; what is gone meanwhile is left out. */
  recordTagChange(part: TagChange): Promise<void>;
  finishTagChange(number: number): Promise<void>;
  /** What was begun and not finished, the oldest first. */
  unfinishedTagChanges(): Promise<readonly { readonly number: number; readonly change: TagChange }[]>;
}

export function createTagWrites({ database }: WriteContext): TagWrites {
  const resources = (resourceIds: readonly TaggableId[]) => sql`json_each(${JSON.stringify(resourceIds)}) AS resource`;
  const isThere = (accountId: AccountId) => sql`(EXISTS (SELECT 1 FROM ${volumes} WHERE ${volumes.id} = resource.value
      AND ${volumes.accountId} = ${accountId} AND ${volumes.state} <> 'deleted' AND ${isNotRecycled(volumes.id)})
    OR EXISTS (SELECT 1 FROM ${snapshots} WHERE ${snapshots.id} = resource.value
      AND ${snapshots.accountId} = ${accountId} AND ${snapshots.state} NOT IN ('deleting', 'deleted')))`;
  const isMissing = ({ accountId, resourceIds }: TagChange) =>
    sql`EXISTS (SELECT 1 FROM ${resources(resourceIds)} WHERE NOT ${isThere(accountId)})`;
  /** Whether it would have too many, counting those that it would have of those that are put. */
  const hasTooMany = (resourceIds: readonly TaggableId[], put: readonly Tag[]) => {
    const others = sql`SELECT count(*) FROM ${tags} WHERE ${tags.resourceId} = resource.value
      AND ${tags.key} NOT IN (SELECT value FROM json_each(${JSON.stringify(put.map(({ key }) => key))}))`;
    return sql`EXISTS (SELECT 1 FROM ${resources(resourceIds)} WHERE (${others}) > ${maxTagsOfResource - put.length})`;
  };
  /** Changes nothing: it holds only while the condition is not true. */
  const unless = <Reason extends TagRefusal>(
    { resourceIds: [resourceId] }: TagChange,
    condition: SQL,
    otherwise: Reason,
  ): GuardedQuery<Reason> => ({
    query: { run: () => database.run(sql`UPDATE ${ids} SET id = id WHERE id = ${resourceId} AND NOT ${condition}`) },
    expect: 1,
    otherwise,
  });
  const apply = ({ accountId, resourceIds, what }: TagChange): { readonly changes: number } => {
    if ('put' in what) {
      const put = JSON.stringify(what.put.map(({ key, value }) => [key, value]));
      return database.run(sql`INSERT INTO ${tags} (resource_id, account_id, key, value)
        SELECT resource.value, ${accountId}, tag.value ->> 0, tag.value ->> 1
        FROM ${resources(resourceIds)} CROSS JOIN json_each(${put}) AS tag WHERE ${isThere(accountId)}
        ON CONFLICT (resource_id, key) DO UPDATE SET value = excluded.value`);
    }
    const ofResources = sql`${tags.resourceId} IN (SELECT value FROM ${resources(resourceIds)}) AND +${tags.accountId} = ${accountId}`;
    if (what.remove === 'all') {
      return database.run(sql`DELETE FROM ${tags} WHERE ${ofResources}`);
    }
    const remove = JSON.stringify(what.remove.map(({ key, value = null }) => [key, value]));
    // Of lists that say nothing of the row SQLite makes a table once, and does not read the JSON for each row anew.
    return database.run(sql`DELETE FROM ${tags} WHERE ${ofResources} AND (
      ${tags.key} IN (SELECT value ->> 0 FROM json_each(${remove}) WHERE value ->> 1 IS NULL)
      OR (${tags.key}, ${tags.value}) IN (SELECT value ->> 0, value ->> 1 FROM json_each(${remove}) WHERE value ->> 1 IS NOT NULL))`);
  };

  return {
    async changeTags(change) {
      const { resourceIds, what } = change;
      return runBatch<TagRefusal>(database, [
        unless(change, isMissing(change), 'resource-not-found'),
        ...('put' in what ? [unless(change, hasTooMany(resourceIds, what.put), 'too-many-tags')] : []),
        { query: { run: () => apply(change) } },
      ]);
    },

    async checkTagChange(change) {
      const { resourceIds, what } = change;
      const tooMany = 'put' in what ? hasTooMany(resourceIds, what.put) : sql`0`;
      const [found] = database.all<{ isMissing: number; hasTooMany: number }>(
        sql`SELECT ${isMissing(change)} AS isMissing, ${tooMany} AS hasTooMany`,
      );
      return found?.isMissing === 1 ? 'resource-not-found' : found?.hasTooMany === 1 ? 'too-many-tags' : undefined;
    },

    async beginTagChange(change) {
      const { lastInsertRowid } = database
        .insert(tagChanges)
        .values({ accountId: change.accountId, change: JSON.stringify(change) })
        .run();
      return Number(lastInsertRowid);
    },

    async recordTagChange(part) {
      apply(part);
    },

    async finishTagChange(number) {
      database.run(sql`DELETE FROM ${tagChanges} WHERE ${tagChanges.number} = ${number}`);
    },

    async unfinishedTagChanges() {
      const rows = database.select().from(tagChanges).orderBy(tagChanges.number).all();
      return rows.map(({ number, change }) => ({ number, change: JSON.parse(change) as TagChange }));
    },
  };
}
