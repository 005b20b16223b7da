import type { Attachment, AttachmentState } from '../../model/attachment.ts';
import type { AccountId, AttachmentId, InstanceId, SnapshotId, VolumeId } from '../../model/ids.ts';
import type { Snapshot, SnapshotState } from '../../model/snapshot.ts';
import type { Tag } from '../../model/tag.ts';
import type { Volume, VolumeState } from '../../model/volume.ts';
import type { VolumeModification, VolumeModificationState, VolumeShape } from '../../model/volume-modification.ts';
import type { VolumeType } from '../../model/volume-type.ts';
import type { AttachmentPlan, Reach } from '../store.ts';
import type { RowOf } from './prepare-rows.ts';
import { attachments, snapshots, tags, volumeModifications, volumes } from './schema.ts';

export const volumeColumns = [
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

export const snapshotColumns = [
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

export const attachmentColumns = [
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

export const modificationColumns = [
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

export const tagColumns = [tags.resourceId, tags.key, tags.value] as const;

const nothing: readonly never[] = [];

type TagsOf = ReadonlyMap<string, readonly Tag[]>;
type AttachmentsOf = ReadonlyMap<string, readonly Attachment[]>;

/** What is put together member by member: spreads of what may be missing would take most of the time that a long list takes. */
type Draft<Value> = { -readonly [Member in keyof Value]: Value[Member] };

export function tagsByResource(rows: readonly RowOf<typeof tagColumns>[]): TagsOf {
  const tagsOf = new Map<string, Tag[]>();
  for (const [resourceId, key, value] of rows) {
    const already = tagsOf.get(resourceId);
    if (already === undefined) {
      tagsOf.set(resourceId, [{ key, value }]);
    } else {
      const isBehind = (already.at(-1)?.key ?? '') < key;
      already.push({ key, value });
      if (!isBehind) {
        already.sort((one, other) => (one.key < other.key ? -1 : 1));
      }
    }
  }
  return tagsOf;
}

export function attachmentsByVolume(rows: readonly RowOf<typeof attachmentColumns>[]): AttachmentsOf {
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

export function volumeFrom(row: RowOf<typeof volumeColumns>, accountId: AccountId, tagsOf: TagsOf, attachmentsOf: AttachmentsOf): Volume {
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

export function snapshotFrom(row: RowOf<typeof snapshotColumns>, accountId: AccountId, tagsOf: TagsOf): Snapshot {
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

export function modificationFrom(row: RowOf<typeof modificationColumns>): VolumeModification {
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

export function attachmentFrom(row: RowOf<typeof attachmentColumns>): Attachment {
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

export function planFrom({ reach, ...row }: PlanRow): AttachmentPlan {
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
