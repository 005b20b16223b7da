import type { LockedSnapshot } from '../../blockstore/blockstore.ts';
import { mapInTurns } from '../../sharing/turn.ts';
import type { FilterTable } from '../wire/filters.ts';
import type { Action } from './action.ts';
import { listPage } from './list-page.ts';
import { readIds, readSnapshotId } from './resource-ids.ts';
import { lockedSnapshotView } from './snapshot-lock-view.ts';

const lockFilters: FilterTable<LockedSnapshot> = {
  fields: { 'lock-state': ({ state }) => [state] },
};

export const describeLockedSnapshots: Action<'DescribeLockedSnapshots'> = {
  members: { SnapshotIds: 'honoured', Filters: 'honoured', MaxResults: 'honoured', NextToken: 'honoured', DryRun: 'honoured' },
  async perform(request, { blockstore, caller }) {
    const ids = readIds(request.SnapshotIds, readSnapshotId);
    const page = await listPage<LockedSnapshot>(request, {
      ...{ kind: 'locked snapshot', ids, filters: lockFilters, idOf: ({ snapshotId }) => snapshotId },
      list: () => blockstore.snapshotLocks.list(caller, ids),
      listAfter: (range) => blockstore.snapshotLocks.listAfter(caller, range),
    });
    return { Snapshots: await mapInTurns(page.items, lockedSnapshotView), NextToken: page.nextToken };
  },
};
