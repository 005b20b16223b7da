import type { LockedSnapshot } from '../../blockstore/blockstore.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import { compilePage } from '../wire/paging.ts';
import { type Action, stopDryRun } from './action.ts';
import { readIds, readSnapshotId } from './resource-ids.ts';
import { lockedSnapshotView } from './snapshot-lock-view.ts';

const lockFilters: FilterTable<LockedSnapshot> = {
  fields: { 'lock-state': ({ state }) => [state] },
};

export const describeLockedSnapshots: Action<'DescribeLockedSnapshots'> = {
  members: { SnapshotIds: 'honoured', Filters: 'honoured', MaxResults: 'honoured', NextToken: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    const snapshotIds = readIds(request.SnapshotIds, readSnapshotId);
    const passes = compileFilters(request.Filters, lockFilters);
    const takePage = compilePage<LockedSnapshot>(request, {
      kind: 'locked snapshot',
      idsGiven: snapshotIds !== undefined,
      idOf: ({ snapshotId }) => snapshotId,
    });
    stopDryRun(request.DryRun);
    const page = takePage((await blockstore.snapshotLocks.list(caller, snapshotIds)).filter(passes));
    return { Snapshots: page.items.map(lockedSnapshotView), NextToken: page.nextToken };
  },
};
