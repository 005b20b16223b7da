import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { SnapshotId, VolumeId } from '../model/ids.ts';
import type { RecycledSnapshot, RecycledVolume } from '../model/recycled.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { endDryRun } from './begin-or-recheck.ts';
import type { RecycleBin, Snapshots } from './blockstore.ts';
import { refuseMissing } from './refuse-missing.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

export function createRecycleBin({ store }: Pick<UseCaseDependencies, 'store'>, snapshots: Snapshots): RecycleBin {
  const volumesOf = async ({ accountId }: Caller, volumeIds?: readonly VolumeId[]): Promise<readonly RecycledVolume[]> => {
    const found = chosen(await store.recycledVolumes(accountId), volumeIds);
    refuseMissing(volumeIds, found, (missing) => ({ kind: 'volume-not-found', volumeIds: missing }));
    return found;
  };
  const snapshotsOf = async ({ accountId }: Caller, snapshotIds?: readonly SnapshotId[]): Promise<readonly RecycledSnapshot[]> => {
    const found = chosen(await store.recycledSnapshots(accountId), snapshotIds);
    refuseMissing(snapshotIds, found, (missing) => ({ kind: 'snapshot-not-found', snapshotIds: missing }));
    return found;
  };

  return {
    volumes: volumesOf,
    volumesAfter: ({ accountId }, range) => store.recycledVolumes(accountId, range),
    snapshots: snapshotsOf,
    snapshotsAfter: ({ accountId }, range) => store.recycledSnapshots(accountId, range),

    async restoreVolume(caller, { volumeId, dryRun }) {
      await volumesOf(caller, [volumeId]);
      endDryRun(dryRun);
      if (!(await store.restoreRecycled(caller.accountId, volumeId))) {
        throw new Failure({ kind: 'volume-not-found', volumeIds: [volumeId] });
      }
    },

    async restoreSnapshot(caller, { snapshotId, dryRun }) {
      await snapshotsOf(caller, [snapshotId]);
      endDryRun(dryRun);
      if (!(await store.restoreRecycled(caller.accountId, snapshotId))) {
        throw new Failure({ kind: 'snapshot-not-found', snapshotIds: [snapshotId] });
      }
      const [restored] = await snapshots.list(caller, [snapshotId]);
      return restored as Snapshot;
    },
  };
}

function chosen<Item extends { readonly id: string }>(items: readonly Item[], ids: readonly string[] | undefined): readonly Item[] {
  const wanted = new Set(ids);
  return ids === undefined ? items : items.filter(({ id }) => wanted.has(id));
}
