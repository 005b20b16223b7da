import type { VisibleSnapshot } from '../../blockstore/blockstore.ts';
import type { Caller } from '../../model/caller.ts';
import { mapInTurns } from '../../model/turn.ts';
import type { FilterTable } from '../wire/filters.ts';
import type { Action } from './action.ts';
import { listPage } from './list-page.ts';
import { readIds, readSnapshotId } from './resource-ids.ts';
import { snapshotProgress, snapshotView } from './snapshot-view.ts';

const snapshotFilters: FilterTable<VisibleSnapshot> = {
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
    const ids = readIds(request.SnapshotIds, readSnapshotId);
    const isOwner = compileAccounts(request.OwnerIds, caller);
    const mayRestore = compileAccounts(request.RestorableByUserIds, caller);
    const page = await listPage<VisibleSnapshot>(request, {
      ...{ kind: 'snapshot', ids, filters: snapshotFilters, idOf: ({ id }) => id },
      list: async () =>
        (await blockstore.snapshots.listVisible(caller, ids)).filter(
          ({ accountId, grantees }) => isOwner([accountId]) && mayRestore([accountId, ...grantees]),
        ),
    });
    return { Snapshots: await mapInTurns(page.items, snapshotView), NextToken: page.nextToken };
  },
};

/** Tells whether one of some accounts is among those that were asked for, when any were. Aliases like `amazon` have nothing here. */
function compileAccounts(asked: readonly string[] | undefined, { accountId }: Caller): (accounts: readonly string[]) => boolean {
  if (asked === undefined || asked.length === 0) return () => true;
  const wanted = new Set(asked.map((account) => (account === 'self' ? accountId : account)));
  return (accounts) => accounts.some((account) => wanted.has(account));
}
