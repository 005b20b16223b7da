import { and, eq, sql } from 'drizzle-orm';
import type { AccountId, SnapshotId, VolumeId } from '../../model/ids.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Grantee } from '../../model/snapshot-permission.ts';
import type { Store, VisibleSnapshot, VisibleSnapshotsWanted } from '../store.ts';
import { snapshotColumns, snapshotFrom, tagColumns, tagsByResource } from './model-rows.ts';
import type { WriteContext } from './operation-writes.ts';
import { prepareKeysAfter, prepareRows, prepareTexts, type RowOf } from './prepare-rows.ts';
import { type Part, type PartWanted, partOf, readInParts, readKeysInParts } from './read-in-parts.ts';
import { accountSettings, snapshotPermissions, snapshots, tags, volumes } from './schema.ts';

type SnapshotReads = Pick<Store, 'snapshots' | 'visibleSnapshots' | 'snapshotReaders' | 'volumeReaders'>;

// Written out and not as a parameter: SQLite uses a partial index only for a query that says the index' own condition.
const isLive = sql`${snapshots.state} <> 'deleted'`;

export function createSnapshotReads({ database }: Pick<WriteContext, 'database'>): SnapshotReads {
  const wantedSnapshots = { table: snapshots, columns: snapshotColumns, key: snapshots.id, where: isLive };
  const readSnapshots = prepareRows(database, wantedSnapshots, { table: tags, columns: tagColumns, key: tags.resourceId });
  const readIds = prepareKeysAfter(database, wantedSnapshots);
  const snapshotsOf = (accountId: AccountId, ids: readonly string[]): readonly Snapshot[] => {
    const [rows, tagRows] = readSnapshots(accountId, ids);
    const tagsOf = tagsByResource(tagRows);
    return rows.map((row) => snapshotFrom(row, accountId, tagsOf)).sort(byId);
  };

  const my = sql.placeholder('accountId');
  const isOwn = sql`${snapshots.accountId} = ${my}`;
  const isPublic = sql`NOT EXISTS (SELECT 1 FROM ${accountSettings} WHERE ${accountSettings.accountId} = ${snapshots.accountId}
    AND ${accountSettings.name} = 'snapshot-public-access' AND ${accountSettings.value} = 'block-all-sharing')`;
  const isGrantedTo = (grantee: ReturnType<typeof sql.placeholder> | string) =>
    sql`EXISTS (SELECT 1 FROM ${snapshotPermissions} WHERE ${snapshotPermissions.snapshotId} = ${snapshots.id}
      AND ${snapshotPermissions.grantee} = ${grantee})`;
  // A snapshot that is being deleted is gone for its owner.
  const isVisible = sql`(${isOwn} AND ${snapshots.state} NOT IN ('deleting', 'deleted')
    OR NOT ${isOwn} AND ${snapshots.state} = 'completed' AND (${isGrantedTo(my)} OR ${isGrantedTo('all')} AND ${isPublic}))`;
  const keys = sql`(SELECT value FROM json_each(${sql.placeholder('keys')}))`;
  // Without the plus SQLite may go through all that everybody shares: it takes a list of keys for a long one.
  const readVisible = prepareTexts<readonly [readonly VisibleRow[], readonly RowOf<typeof tagColumns>[], readonly GrantRow[]]>(
    database,
    () => [
      sql`(SELECT json_group_array(json_array(${snapshots.accountId}, json_array(${sql.join([...snapshotColumns], sql`, `)})))
      FROM ${snapshots} WHERE ${snapshots.id} IN ${keys} AND ${isVisible})`,
      sql`(SELECT json_group_array(json_array(${sql.join([...tagColumns], sql`, `)}))
      FROM ${tags} WHERE ${tags.resourceId} IN ${keys} AND +${tags.accountId} = ${my})`,
      sql`(SELECT json_group_array(json_array(${snapshotPermissions.snapshotId}, ${snapshotPermissions.grantee}))
      FROM ${snapshotPermissions} WHERE ${snapshotPermissions.snapshotId} IN ${keys}
      AND ${snapshotPermissions.grantee} IN (SELECT value FROM json_each(${sql.placeholder('grantees')})))`,
    ],
  );
  const visibleOf = (accountId: AccountId, ids: readonly string[], grantees: readonly Grantee[]): readonly VisibleSnapshot[] => {
    const [rows, tagRows, grants] = readVisible({ accountId, keys: JSON.stringify(ids), grantees: JSON.stringify(grantees) });
    const tagsOf = tagsByResource(tagRows);
    const granteesOf = groupGrants(grants);
    return rows
      .map(([ownerId, row]) => {
        const known = granteesOf.get(row[0]) ?? [];
        return {
          ...snapshotFrom(row, ownerId, tagsOf),
          // With whom else others share their snapshots is none of the account's business.
          grantees: ownerId === accountId ? known : known.filter((grantee) => grantee === accountId || grantee === 'all'),
        };
      })
      .sort(byId);
  };

  /** Those that may be visible, from each place where such are, in one order. What is not visible after all is left out with the rows. */
  const candidates = (from: VisibleSnapshotsWanted['from']) => {
    const [after, count] = [sql.placeholder('afterKey'), sql.placeholder('count')];
    const own = sql`SELECT ${snapshots.id} AS id FROM ${snapshots} WHERE ${isOwn} AND ${snapshots.id} > ${after} AND ${isLive}
      ORDER BY ${snapshots.id} LIMIT ${count}`;
    const sharedWith = (grantee: ReturnType<typeof sql.placeholder> | string) =>
      sql`SELECT ${snapshotPermissions.snapshotId} AS id FROM ${snapshotPermissions} WHERE ${snapshotPermissions.grantee} = ${grantee}
        AND ${snapshotPermissions.snapshotId} > ${after} ORDER BY ${snapshotPermissions.snapshotId} LIMIT ${count}`;
    const sources = [...(from === 'others' ? [] : [own]), ...(from === 'own' ? [] : [sharedWith(my), sharedWith('all')])];
    const united = sql.join(
      sources.map((source) => sql`SELECT id FROM (${source})`),
      sql` UNION `,
    );
    return prepareTexts<readonly [readonly string[]]>(database, () => [
      sql`(SELECT json_group_array(id) FROM (SELECT id FROM (${united}) ORDER BY id LIMIT ${count}))`,
    ]);
  };
  const readCandidates = { everyone: candidates(undefined), own: candidates('own'), others: candidates('others') };

  return {
    async snapshots(accountId, snapshotIds) {
      return snapshotIds === undefined
        ? readInParts((wanted) => partOf(readIds(accountId, wanted), wanted, (ids) => snapshotsOf(accountId, ids)))
        : readKeysInParts(snapshotIds, (ids) => snapshotsOf(accountId, ids));
    },

    async visibleSnapshots(accountId, { snapshotIds, range, from, grantees = [] }) {
      // An account's own may be shared too.
      const wantedOf = (ids: readonly string[]) =>
        visibleOf(accountId, ids, grantees).filter(
          (snapshot) => from === undefined || (from === 'own') === (snapshot.accountId === accountId),
        );
      if (snapshotIds !== undefined) {
        return readKeysInParts(snapshotIds, wantedOf);
      }
      const read = readCandidates[from ?? 'everyone'];
      const readPart = (wanted: PartWanted): Part<VisibleSnapshot> => {
        const [ids] = read({ accountId, afterKey: wanted.afterKey ?? '', count: wanted.count });
        return partOf(ids, wanted, wantedOf);
      };
      return readInParts(readPart, { afterKey: range?.afterId, ...(range && { count: range.count }) });
    },

    async snapshotReaders(snapshotId) {
      const filled = database
        .select({ id: sql<VolumeId>`${volumes.id}`, accountId: sql<AccountId>`${volumes.accountId}` })
        .from(volumes)
        .where(and(eq(volumes.snapshotId, snapshotId), sql`${volumes.state} = 'creating'`))
        .all();
      const copied = database
        .select({ id: sql<SnapshotId>`${snapshots.id}`, accountId: sql<AccountId>`${snapshots.accountId}` })
        .from(snapshots)
        .where(and(eq(snapshots.copyOf, snapshotId), sql`${snapshots.state} = 'pending'`))
        .all();
      return [...filled, ...copied];
    },

    async volumeReaders(volumeId) {
      const taken = database
        .select({ id: sql<SnapshotId>`${snapshots.id}` })
        .from(snapshots)
        .where(and(eq(snapshots.volumeId, volumeId), sql`${snapshots.state} = 'pending'`))
        .all();
      const copied = database
        .select({ id: sql<VolumeId>`${volumes.id}` })
        .from(volumes)
        .where(and(eq(volumes.sourceVolumeId, volumeId), sql`${volumes.state} = 'creating'`))
        .all();
      return [...taken, ...copied].map(({ id }) => id);
    },
  };
}

type VisibleRow = readonly [ownerId: AccountId, row: RowOf<typeof snapshotColumns>];
type GrantRow = readonly [snapshotId: string, grantee: Grantee];

function groupGrants(rows: readonly GrantRow[]): ReadonlyMap<string, readonly Grantee[]> {
  const granteesOf = new Map<string, Grantee[]>();
  for (const [snapshotId, grantee] of rows) {
    const already = granteesOf.get(snapshotId);
    if (already === undefined) {
      granteesOf.set(snapshotId, [grantee]);
    } else {
      already.push(grantee);
    }
  }
  return granteesOf;
}

const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1);
