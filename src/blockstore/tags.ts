import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { SnapshotId, VolumeId } from '../model/ids.ts';
import { maxTagsOfResource, type TaggableId } from '../model/tag.ts';
import { endDryRun } from './begin-or-recheck.ts';
import type { Snapshots, Tags, Volumes } from './blockstore.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

export function createTags({ store }: Pick<UseCaseDependencies, 'store'>, volumes: Volumes, snapshots: Snapshots): Tags {
  return {
    listAfter: ({ accountId }, range) => store.tagsAfter(accountId, range),

    async put(caller, { resourceIds, tags, dryRun }) {
      const check = async () => {
        const found = await findAll(caller, resourceIds);
        for (const resource of found) {
          const keys = new Set([...resource.tags, ...tags].map(({ key }) => key));
          if (keys.size > maxTagsOfResource) {
            throw new Failure({ kind: 'too-many-tags', resourceId: resource.id });
          }
        }
      };
      await check();
      endDryRun(dryRun);
      const result = await store.putTags({ accountId: caller.accountId, resourceIds, tags });
      if (result.outcome === 'refused') {
        // Another request changed something in between; asked anew, it shows.
        await check();
        throw changedTooOften();
      }
    },

    async remove(caller, { resourceIds, tags, dryRun }) {
      await findAll(caller, resourceIds);
      endDryRun(dryRun);
      const result = await store.removeTags({ accountId: caller.accountId, resourceIds, ...(tags && { tags }) });
      if (result.outcome === 'refused') {
        await findAll(caller, resourceIds);
        throw changedTooOften();
      }
    },
  };

  async function findAll(caller: Caller, resourceIds: readonly TaggableId[]) {
    const volumeIds = resourceIds.filter((id): id is VolumeId => id.startsWith('vol-'));
    const snapshotIds = resourceIds.filter((id): id is SnapshotId => id.startsWith('snap-'));
    return [...(await volumes.list(caller, volumeIds)), ...(await snapshots.list(caller, snapshotIds))];
  }
}

function changedTooOften(): Failure {
  return new Failure({ kind: 'unavailable', reason: 'Other requests change the same resources at the same time.' });
}
