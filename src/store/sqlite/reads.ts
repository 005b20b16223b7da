import { and, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { Attachment, AttachmentState } from '../../model/attachment.ts';
import type { AccountId, AttachmentId, InstanceId, SnapshotId, VolumeId } from '../../model/ids.ts';
import type { Snapshot, SnapshotState } from '../../model/snapshot.ts';
import type { Tag, TaggableId } from '../../model/tag.ts';
import type { Volume, VolumeState } from '../../model/volume.ts';
import type { VolumeModification, VolumeModificationState, VolumeShape } from '../../model/volume-modification.ts';
import type { VolumeType } from '../../model/volume-type.ts';
import { openOperationStates } from '../../saga/operation.ts';
import type { AttachmentPlan, Reach, Store } from '../store.ts';
import { isNotRecycled } from './is-not-recycled.ts';
import type { WriteContext } from './operation-writes.ts';
import { prepareKeysAfter, prepareRows, type RowOf } from './prepare-rows.ts';
import { rememberVolumes } from './remembered-volumes.ts';
import { attachments, bars, clientTokens, operations, snapshots, tags, volumeModifications, volumes, wipes } from './schema.ts';

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
  | 'tags'
  | 'clientToken'
>;

const nothing: readonly never[] = [];

// Written out and not as parameters: SQLite uses a partial index only for a query that says the index' own condition.
const isVolumeLive = sql`${volumes.state} <> 'deleted'`;
// Only what is being deleted can be in the recycle bin, so that for all others nobody looks there.
const isVolumeShown = sql`${isVolumeLive} AND (${volumes.state} <> 'deleting' OR ${isNotRecycled(volumes.id)})`;
const isSnapshotLive = sql`${snapshots.state} <> 'deleted'`;
const isOfLiveVolume = sql`EXISTS (SELECT 1 FROM ${volumes} WHERE ${volumes.id} = ${volumeModifications.volumeId} AND ${isVolumeShown})`;
const isAttachmentLive = sql`${attachments.state} <> 'detached'`;

const volumeColumns = [
  volumes.id,
  volumes.sizeGiB,
  volumes.type,
  volumes.zone,
  volumes.volumeServer,
  volumes.state,
  volumes.createdAtMs,
  volumes.iops,
  volumes.throughputMiBps,
  volumes.snapshotId,
  volumes.stateReason,
  volumes.sourceVolumeId,
  volumes.multiAttach,
  volumes.attachmentsBegun,
] as const;

const snapshotColumns = [
  snapshots.id,
  snapshots.volumeId,
  snapshots.volumeSizeGiB,
  snapshots.volumeServer,
  snapshots.description,
  snapshots.state,
  snapshots.progressPercent,
  snapshots.startedAtMs,
  snapshots.stateReason,
  snapshots.completedAtMs,
] as const;

const attachmentColumns = [
  attachments.id,
  attachments.volumeId,
  attachments.instanceId,
  attachments.device,
  attachments.vmmHost,
  attachments.domain,
  attachments.state,
  attachments.attachedAtMs,
  attachments.deleteOnTermination,
  attachments.stateReason,
  attachments.generation,
] as const;

const modificationColumns = [
  volumeModifications.volumeId,
  volumeModifications.state,
  volumeModifications.stateReason,
  volumeModifications.originalSizeGiB,
  volumeModifications.originalType,
  volumeModifications.originalIops,
  volumeModifications.originalThroughputMiBps,
  volumeModifications.targetSizeGiB,
  volumeModifications.targetType,
  volumeModifications.targetIops,
  volumeModifications.targetThroughputMiBps,
  volumeModifications.progressPercent,
  volumeModifications.startedAtMs,
  volumeModifications.endedAtMs,
  volumeModifications.originalMultiAttach,
  volumeModifications.targetMultiAttach,
] as const;

const tagColumns = [tags.resourceId, tags.key, tags.value] as const;

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
  const planById = plans()
    .where(eq(attachments.id, sql.placeholder('attachmentId')))
    .prepare();
  const sharerPlans = plans()
    .where(
      and(
        sql`${attachments.volumeId} = (SELECT volume_id FROM ${attachments} WHERE id = ${sql.placeholder('attachmentId')})`,
        sql`${attachments.id} <> ${sql.placeholder('attachmentId')}`,
        isAttachmentLive,
      ),
    )
    .orderBy(attachments.generation)
    .prepare();
  const livePlans = plans()
    .where(inArray(attachments.state, ['attached', 'busy']))
    .prepare();

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
  const readAttachments = prepareRows(database, wantedAttachments);
  const readModifications = prepareRows(database, wantedModifications);

  // A snapshot that is being deleted is shown no more, and so are its tags.
  const isOfDeleting = sql`EXISTS (SELECT 1 FROM ${snapshots} WHERE ${snapshots.id} = ${tags.resourceId} AND ${snapshots.state} = 'deleting')`;
  const tagsShown = database
    .select({ resourceId: tags.resourceId, key: tags.key, value: tags.value })
    .from(tags)
    .where(and(eq(tags.accountId, sql.placeholder('accountId')), sql`NOT ${isOfDeleting}`, isNotRecycled(tags.resourceId)))
    .prepare();

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
      return planById.all({ attachmentId }).map(planFrom)[0];
    },

    async sharers(attachmentId) {
      return sharerPlans.all({ attachmentId }).map(planFrom);
    },

    async liveAttachments() {
      return livePlans.all().map(planFrom);
    },

    async inventory() {
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
        volumes: kept<VolumeId, VolumeState>(volumes, isVolumeLive),
        snapshots: kept<SnapshotId, SnapshotState>(snapshots, isSnapshotLive),
        attachments: plans().where(isAttachmentLive).all().map(planFrom),
        changing: new Set(changing.map(({ id }) => id)),
        barred: new Set(barred.map(({ id }) => id)),
        wipes: database.select({ volumeServer: wipes.volumeServer, name: wipes.name }).from(wipes).all(),
      };
    },

    async attachments(accountId) {
      return readAttachments(accountId, undefined)[0].map(attachmentFrom);
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

    async tags(accountId) {
      return tagsShown.all({ accountId }).map((row) => ({ ...row, resourceId: row.resourceId as TaggableId }));
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

type TagsOf = ReadonlyMap<string, readonly Tag[]>;
type AttachmentsOf = ReadonlyMap<string, readonly Attachment[]>;

/** What is put together member by member: spreads of what may be missing would take most of the time that a long list takes. */
type Draft<Value> = { -readonly [Member in keyof Value]: Value[Member] };

/** The index gives them in this order already, which SQLite does not promise; sorting what is sorted costs one pass. */
const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1);

function tagsByResource(rows: readonly RowOf<typeof tagColumns>[]): TagsOf {
  const tagsOf = new Map<string, Tag[]>();
  for (const [resourceId, key, value] of rows) {
    const already = tagsOf.get(resourceId);
    if (already === undefined) {
      tagsOf.set(resourceId, [{ key, value }]);
    } else {
      already.push({ key, value });
      already.sort((one, other) => (one.key < other.key ? -1 : 1));
    }
  }
  return tagsOf;
}

function attachmentsByVolume(rows: readonly RowOf<typeof attachmentColumns>[]): AttachmentsOf {
  const attachmentsOf = new Map<string, Attachment[]>();
  for (const attachment of rows.map(attachmentFrom)) {
    const already = attachmentsOf.get(attachment.volumeId);
    if (already === undefined) {
      attachmentsOf.set(attachment.volumeId, [attachment]);
    } else {
      already.push(attachment);
      already.sort((one, other) => one.generation - other.generation);
    }
  }
  return attachmentsOf;
}

function volumeFrom(row: RowOf<typeof volumeColumns>, accountId: AccountId, tagsOf: TagsOf, attachmentsOf: AttachmentsOf): Volume {
  const volume: Draft<Volume> = {
    id: row[0] as VolumeId,
    accountId,
    sizeGiB: row[1],
    type: row[2] as VolumeType,
    zone: row[3],
    volumeServer: row[4],
    state: row[5] as VolumeState,
    createdAtMs: row[6],
    attachmentsBegun: row[13],
    tags: tagsOf.get(row[0]) ?? nothing,
    attachments: attachmentsOf.get(row[0]) ?? nothing,
  };
  const [, , , , , , , iops, throughputMiBps, snapshotId, stateReason, sourceVolumeId, multiAttach] = row;
  if (multiAttach === 1) {
    volume.multiAttach = true;
  }
  if (iops !== null) {
    volume.iops = iops;
  }
  if (throughputMiBps !== null) {
    volume.throughputMiBps = throughputMiBps;
  }
  if (snapshotId !== null) {
    volume.snapshotId = snapshotId as SnapshotId;
  }
  if (stateReason !== null) {
    volume.stateReason = stateReason;
  }
  if (sourceVolumeId !== null) {
    volume.sourceVolumeId = sourceVolumeId as VolumeId;
  }
  return volume;
}

function snapshotFrom(row: RowOf<typeof snapshotColumns>, accountId: AccountId, tagsOf: TagsOf): Snapshot {
  const [id, volumeId, volumeSizeGiB, volumeServer, description, state, progressPercent, startedAtMs, stateReason, completedAtMs] = row;
  return {
    id: id as SnapshotId,
    accountId,
    volumeId: volumeId as VolumeId,
    volumeSizeGiB,
    volumeServer,
    description,
    state: state as SnapshotState,
    progressPercent,
    startedAtMs,
    tags: tagsOf.get(id) ?? nothing,
    ...(stateReason !== null && { stateReason }),
    ...(completedAtMs !== null && { completedAtMs }),
  };
}

function modificationFrom(row: RowOf<typeof modificationColumns>): VolumeModification {
  const [volumeId, state, stateReason, size, type, iops, throughput, newSize, newType, newIops, newThroughput, progressPercent] = row;
  const [endedAtMs, wasMultiAttach, isMultiAttach] = [row[13], row[14] === 1, row[15] === 1];
  return {
    volumeId: volumeId as VolumeId,
    state: state as VolumeModificationState,
    original: { ...shapeFrom(size, type, iops, throughput), ...(wasMultiAttach && { multiAttach: true }) },
    target: { ...shapeFrom(newSize, newType, newIops, newThroughput), ...(isMultiAttach && { multiAttach: true }) },
    progressPercent,
    startedAtMs: row[12],
    ...(stateReason !== null && { stateReason }),
    ...(endedAtMs !== null && { endedAtMs }),
  };
}

function shapeFrom(sizeGiB: number, type: string, iops: number | null, throughputMiBps: number | null): VolumeShape {
  return { sizeGiB, type: type as VolumeType, ...(iops !== null && { iops }), ...(throughputMiBps !== null && { throughputMiBps }) };
}

function attachmentFrom(row: RowOf<typeof attachmentColumns>): Attachment {
  const [id, volumeId, instanceId, device, vmmHost, domain, state, attachedAtMs, deleteOnTermination, stateReason, generation] = row;
  return {
    id: id as AttachmentId,
    volumeId: volumeId as VolumeId,
    generation,
    instanceId: instanceId as InstanceId,
    device,
    placement: { vmmHost, domain },
    state: state as AttachmentState,
    attachedAtMs,
    deleteOnTermination: deleteOnTermination === 1,
    ...(stateReason !== null && { stateReason }),
  };
}

type PlanRow = { [Key in keyof Omit<AttachmentPlan, 'reach'>]: AttachmentPlan[Key] extends string ? string : AttachmentPlan[Key] } & {
  reach: string | null;
};

function planFrom({ reach, ...row }: PlanRow): AttachmentPlan {
  return {
    ...row,
    id: row.id as AttachmentId,
    volumeId: row.volumeId as VolumeId,
    accountId: row.accountId as AccountId,
    instanceId: row.instanceId as InstanceId,
    state: row.state as AttachmentState,
    ...(reach !== null && { reach: JSON.parse(reach) as Reach }),
  };
}
