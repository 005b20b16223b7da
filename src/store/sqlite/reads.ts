import { and, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { AccountId, SnapshotId, VolumeId } from '../../model/ids.ts';
import type { SnapshotState } from '../../model/snapshot.ts';
import type { TaggableId } from '../../model/tag.ts';
import type { Volume, VolumeState } from '../../model/volume.ts';
import { openOperationStates } from '../../saga/operation.ts';
import type { Store } from '../store.ts';
import { isNotRecycled } from './is-not-recycled.ts';
import {
  attachmentColumns,
  attachmentFrom,
  attachmentsByVolume,
  modificationColumns,
  modificationFrom,
  planFrom,
  snapshotColumns,
  snapshotFrom,
  tagColumns,
  tagsByResource,
  volumeColumns,
  volumeFrom,
} from './model-rows.ts';
import type { WriteContext } from './operation-writes.ts';
import { prepareKeysAfter, prepareRows } from './prepare-rows.ts';
import { rememberVolumes } from './remembered-volumes.ts';
import { attachments, bars, clientTokens, operations, snapshots, tags, volumeModifications, volumes, wipes } from './schema.ts';
import { whenUsed } from './when-used.ts';

type Reads = Pick<
  Store,
  | 'everyVolume'
  | 'volumes'
  | 'volumesAfter'
  | 'snapshots'
  | 'snapshotReaders'
  | 'attachmentPlan'
  | 'sharers'
  | 'liveAttachments'
  | 'inventory'
  | 'attachments'
  | 'isDeviceTaken'
  | 'modifications'
  | 'sizesInDoubt'
  | 'tags'
  | 'clientToken'
>;

// Written out and not as parameters: SQLite uses a partial index only for a query that says the index' own condition.
const isVolumeLive = sql`${volumes.state} <> 'deleted'`;
// Only what is being deleted can be in the recycle bin, so that for all others nobody looks there.
const isVolumeShown = sql`${isVolumeLive} AND (${volumes.state} <> 'deleting' OR ${isNotRecycled(volumes.id)})`;
const isSnapshotLive = sql`${snapshots.state} <> 'deleted'`;
const isOfLiveVolume = sql`EXISTS (SELECT 1 FROM ${volumes} WHERE ${volumes.id} = ${volumeModifications.volumeId} AND ${isVolumeShown})`;
const isAttachmentLive = sql`${attachments.state} <> 'detached'`;

export function createReads({ database }: Pick<WriteContext, 'database'>): Reads {
  const plans = () =>
    database
      .select({
        id: attachments.id,
        volumeId: attachments.volumeId,
        accountId: attachments.accountId,
        instanceId: attachments.instanceId,
        state: attachments.state,
        deleteOnTermination: attachments.deleteOnTermination,
        volumeServer: volumes.volumeServer,
        sizeGiB: volumes.sizeGiB,
        vmmHost: attachments.vmmHost,
        domain: attachments.domain,
        device: attachments.device,
        generation: attachments.generation,
        readOnly: attachments.readOnly,
        shared: attachments.shared,
        target: attachments.target,
        initiatorName: attachments.initiatorName,
        chapUser: attachments.chapUser,
        chapSecret: attachments.chapSecret,
        reach: attachments.reach,
      })
      .from(attachments)
      .innerJoin(volumes, eq(volumes.id, attachments.volumeId));

  // Asked for in every step of an attach or detach, and every few seconds.
  const planById = whenUsed(() =>
    plans()
      .where(eq(attachments.id, sql.placeholder('attachmentId')))
      .prepare(),
  );
  const sharerPlans = whenUsed(() =>
    plans()
      .where(
        and(
          sql`${attachments.volumeId} = (SELECT volume_id FROM ${attachments} WHERE id = ${sql.placeholder('attachmentId')})`,
          sql`${attachments.id} <> ${sql.placeholder('attachmentId')}`,
          isAttachmentLive,
        ),
      )
      .orderBy(attachments.generation)
      .prepare(),
  );
  const livePlans = whenUsed(() =>
    plans()
      .where(inArray(attachments.state, ['attached', 'busy']))
      .prepare(),
  );

  const wantedVolumes = { table: volumes, columns: volumeColumns, key: volumes.id, where: isVolumeShown };
  const wantedSnapshots = { table: snapshots, columns: snapshotColumns, key: snapshots.id, where: isSnapshotLive };
  const wantedAttachments = { table: attachments, columns: attachmentColumns, key: attachments.volumeId, where: isAttachmentLive };
  const wantedTags = { table: tags, columns: tagColumns, key: tags.resourceId };
  const wantedModifications = {
    table: volumeModifications,
    columns: modificationColumns,
    key: volumeModifications.volumeId,
    where: isOfLiveVolume,
  };
  const readVolumes = prepareRows(database, wantedVolumes, wantedTags, wantedAttachments);
  const readVolumeIdsAfter = prepareKeysAfter(database, wantedVolumes);
  const readSnapshots = prepareRows(database, wantedSnapshots, wantedTags);
  const readAttachments = prepareRows(database, { ...wantedAttachments, key: attachments.instanceId });
  const readModifications = prepareRows(database, wantedModifications);

  // Asked for in every step of an attach or detach.
  const doubtfulModification = whenUsed(() =>
    database
      .select({
        state: volumeModifications.state,
        targetSizeGiB: volumeModifications.targetSizeGiB,
        earlier: volumeModifications.earlierTargetSizesGiB,
        sizeGiB: volumes.sizeGiB,
      })
      .from(volumeModifications)
      .innerJoin(volumes, eq(volumes.id, volumeModifications.volumeId))
      .where(
        and(eq(volumeModifications.volumeId, sql.placeholder('volumeId')), inArray(volumeModifications.state, ['failed', 'modifying'])),
      )
      .prepare(),
  );

  // A snapshot that is being deleted is shown no more, and so are its tags.
  const isOfDeleting = sql`EXISTS (SELECT 1 FROM ${snapshots} WHERE ${snapshots.id} = ${tags.resourceId} AND ${snapshots.state} = 'deleting')`;
  const tagsShown = whenUsed(() =>
    database
      .select({ resourceId: tags.resourceId, key: tags.key, value: tags.value })
      .from(tags)
      .where(and(eq(tags.accountId, sql.placeholder('accountId')), sql`NOT ${isOfDeleting}`, isNotRecycled(tags.resourceId)))
      .prepare(),
  );

  const volumesOf = (accountId: AccountId, volumeIds: readonly VolumeId[] | undefined): readonly Volume[] => {
    const [rows, tagRows, attachmentRows] = readVolumes(accountId, volumeIds);
    const tagsOf = tagsByResource(tagRows);
    const attachmentsOf = attachmentsByVolume(attachmentRows);
    return rows.map((row) => volumeFrom(row, accountId, tagsOf, attachmentsOf)).sort(byId);
  };
  // What clients ask for again and again while little happens.
  const allVolumes = rememberVolumes(database, { all: (accountId) => volumesOf(accountId, undefined), some: volumesOf });

  return {
    async volumes(accountId, volumeIds) {
      return volumeIds === undefined ? allVolumes(accountId) : volumesOf(accountId, volumeIds);
    },

    async volumesAfter(accountId, { afterId, count }) {
      return volumesOf(accountId, readVolumeIdsAfter(accountId, { afterKey: afterId, count }) as readonly VolumeId[]);
    },

    async everyVolume() {
      const accounts = database.selectDistinct({ id: volumes.accountId }).from(volumes).where(isVolumeLive).all();
      return accounts.flatMap(({ id }) => volumesOf(id as AccountId, undefined)).sort(byId);
    },

    async snapshots(accountId, snapshotIds) {
      const [rows, tagRows] = readSnapshots(accountId, snapshotIds);
      const tagsOf = tagsByResource(tagRows);
      return rows.map((row) => snapshotFrom(row, accountId, tagsOf)).sort(byId);
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

    async attachmentPlan(attachmentId) {
      return planById().all({ attachmentId }).map(planFrom)[0];
    },

    async sharers(attachmentId) {
      return sharerPlans().all({ attachmentId }).map(planFrom);
    },

    async liveAttachments() {
      return livePlans().all().map(planFrom);
    },

    async inventory(of) {
      const kept = <Id, State>(table: typeof volumes | typeof snapshots, isLive: SQL) =>
        database
          .select({ id: sql<Id>`${table.id}`, state: sql<State>`${table.state}`, volumeServer: table.volumeServer })
          .from(table)
          .where(isLive)
          .all();
      const changing = database
        .select({ id: operations.resourceId })
        .from(operations)
        .where(inArray(operations.state, [...openOperationStates]))
        .all();
      const barred = database.select({ id: bars.attachmentId }).from(bars).where(sql`${bars.clearedAtMs} IS NULL`).all();
      return {
        volumes: of === 'everything' ? kept<VolumeId, VolumeState>(volumes, isVolumeLive) : [],
        snapshots: of === 'everything' ? kept<SnapshotId, SnapshotState>(snapshots, isSnapshotLive) : [],
        attachments: plans().where(isAttachmentLive).all().map(planFrom),
        changing: new Set(changing.map(({ id }) => id)),
        barred: new Set(barred.map(({ id }) => id)),
        wipes: database.select({ volumeServer: wipes.volumeServer, name: wipes.name }).from(wipes).all(),
      };
    },

    async attachments(accountId, instanceIds) {
      return readAttachments(accountId, instanceIds)[0].map(attachmentFrom);
    },

    async isDeviceTaken({ instanceId, placement, deviceSlot }) {
      const isSameVm = or(
        eq(attachments.instanceId, instanceId),
        and(eq(attachments.vmmHost, placement.vmmHost), eq(attachments.domain, placement.domain)),
      );
      const taken = database
        .select({ id: attachments.id })
        .from(attachments)
        .where(and(isSameVm, eq(attachments.deviceSlot, deviceSlot), isAttachmentLive))
        .get();
      return taken !== undefined;
    },

    async modifications(accountId, volumeIds) {
      return readModifications(accountId, volumeIds)[0]
        .map(modificationFrom)
        .sort((one, other) => (one.volumeId < other.volumeId ? -1 : 1));
    },

    async sizesInDoubt(volumeId) {
      const [found] = doubtfulModification().all({ volumeId });
      if (found === undefined) {
        return [];
      }
      const { state, targetSizeGiB, earlier, sizeGiB } = found;
      const targets = [...(JSON.parse(earlier) as number[]), ...(state === 'failed' ? [targetSizeGiB] : [])];
      return targets.filter((target) => target > sizeGiB);
    },

    async tags(accountId) {
      return tagsShown()
        .all({ accountId })
        .map((row) => ({ ...row, resourceId: row.resourceId as TaggableId }));
    },

    async clientToken(accountId, action, token) {
      return database
        .select({ parametersHash: clientTokens.parametersHash, resourceId: clientTokens.resourceId })
        .from(clientTokens)
        .where(and(eq(clientTokens.accountId, accountId), eq(clientTokens.action, action), eq(clientTokens.token, token)))
        .get();
    },
  };
}

/** The index gives them in this order already, which SQLite does not promise; sorting what is sorted costs one pass. */
const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1);
