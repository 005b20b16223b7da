import type { Caller } from '../../model/caller.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import { compilePage } from '../wire/paging.ts';
import { type Action, stopDryRun } from './action.ts';
import { readIds, readSnapshotId } from './resource-ids.ts';
import { snapshotProgress, snapshotView } from './snapshot-view.ts';

const snapshotFilters: FilterTable<Snapshot> = {
  fields: {
    description: (snapshot) => [snapshot.description],
    encrypted: () => ['false'],
    // An alias is what Amazon's own accounts have.
    'owner-alias': () => [],
    'owner-id': (snapshot) => [snapshot.accountId],
    progress: (snapshot) => [snapshotProgress(snapshot)],
    'snapshot-id': (snapshot) => [snapshot.id],
    'start-time': (snapshot) => [new Date(snapshot.startedAtMs).toISOString()],
    status: (snapshot) => [snapshot.state],
    'storage-tier': () => ['standard'],
    'volume-id': (snapshot) => [snapshot.volumeId],
    'volume-size': (snapshot) => [String(snapshot.volumeSizeGiB)],
  },
  tagsOf: (snapshot) => snapshot.tags,
};

export const describeSnapshots: Action<'DescribeSnapshots'> = {
  members: {
    SnapshotIds: 'honoured',
    OwnerIds: 'honoured',
    RestorableByUserIds: 'honoured',
    Filters: 'honoured',
    MaxResults: 'honoured',
    NextToken: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const snapshotIds = readIds(request.SnapshotIds, readSnapshotId);
    const passes = compileFilters(request.Filters, snapshotFilters);
    const takePage = compilePage<Snapshot>(request, {
      kind: 'snapshot',
      idsGiven: snapshotIds !== undefined,
      idOf: (snapshot) => snapshot.id,
    });
    stopDryRun(request.DryRun);
    const snapshots = await blockstore.snapshots.list(caller, snapshotIds);
    // Snapshots are not shared, so what the caller sees is owned and restorable by the caller alone.
    const seen = includesCaller(request.OwnerIds, caller) && includesCaller(request.RestorableByUserIds, caller);
    const page = takePage(seen ? snapshots.filter(passes) : []);
    return { Snapshots: page.items.map(snapshotView), NextToken: page.nextToken };
  },
};

/** Other accounts, and aliases like `amazon`, have nothing here. */
function includesCaller(accounts: readonly string[] | undefined, caller: Caller): boolean {
  return accounts === undefined || accounts.length === 0 || accounts.includes('self') || accounts.includes(caller.accountId);
}
