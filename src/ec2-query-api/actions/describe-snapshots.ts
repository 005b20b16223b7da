import type { VisibleSnapshot } from '../../blockstore/blockstore.ts';
import type { Caller } from '../../model/caller.ts';
import type { Grantee } from '../../model/snapshot-permission.ts';
import { mapInTurns } from '../../sharing/turn.ts';
import { ApiError } from '../errors.ts';
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
    const asked = readAsked(request, caller);
    const page = await listPage<VisibleSnapshot>(request, {
      ...{ kind: 'snapshot', ids, filters: snapshotFilters, idOf: ({ id }) => id, isMeant: asked.isMeant },
      list: () => blockstore.snapshots.listVisible(caller, { ...asked.wanted, ...(ids !== undefined && { snapshotIds: ids }) }),
      listAfter: ids === undefined ? (range) => blockstore.snapshots.listVisible(caller, { ...asked.wanted, range }) : undefined,
    });
    return { Snapshots: await mapInTurns(page.items, snapshotView), NextToken: page.nextToken };
  },
};

/** As many as a filter has values. */
const maxAccounts = 200;

/** What the lists of accounts ask for. Aliases like `amazon` have nothing here. */
function readAsked({ OwnerIds, RestorableByUserIds }: SnapshotAccounts, { accountId }: Caller) {
  const owners = readAccounts('OwnerId', OwnerIds, accountId);
  const restorers = readAccounts('RestorableBy', RestorableByUserIds, accountId);
  const isOwnAlone = owners !== undefined && owners.size === 1 && owners.has(accountId);
  const isOthersAlone = owners !== undefined && !owners.has(accountId);
  return {
    wanted: {
      from: isOwnAlone ? ('own' as const) : isOthersAlone ? ('others' as const) : undefined,
      grantees: restorers && ([...restorers] as Grantee[]),
    },
    isMeant:
      owners === undefined && restorers === undefined
        ? undefined
        : ({ accountId: owner, grantees }: VisibleSnapshot) =>
            (owners === undefined || owners.has(owner)) &&
            (restorers === undefined || restorers.has(owner) || grantees.some((grantee) => restorers.has(grantee))),
  };
}

interface SnapshotAccounts {
  readonly OwnerIds?: readonly string[];
  readonly RestorableByUserIds?: readonly string[];
}

function readAccounts(parameter: string, asked: readonly string[] | undefined, accountId: string): ReadonlySet<string> | undefined {
  if (asked === undefined || asked.length === 0) return undefined;
  if (asked.length > maxAccounts) {
    throw new ApiError('InvalidParameterValue', `The parameter ${parameter} may name at most ${maxAccounts} accounts.`);
  }
  return new Set(asked.map((account) => (account === 'self' ? accountId : account)));
}
