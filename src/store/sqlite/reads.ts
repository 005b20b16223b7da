import { and, asc, eq, inArray, ne, or } from 'drizzle-orm';
import type { Attachment, AttachmentState } from '../../model/attachment.ts';
import type { AccountId, AttachmentId, InstanceId, SnapshotId, VolumeId } from '../../model/ids.ts';
import type { Snapshot, SnapshotState } from '../../model/snapshot.ts';
import type { Tag } from '../../model/tag.ts';
import type { Volume, VolumeState } from '../../model/volume.ts';
import type { VolumeType } from '../../model/volume-type.ts';
import type { AttachmentPlan, Reach, Store } from '../store.ts';
import type { WriteContext } from './operation-writes.ts';
import { attachments, clientTokens, snapshots, tags, volumes } from './schema.ts';

type Reads = Pick<Store, 'volumes' | 'snapshots' | 'attachmentPlan' | 'liveAttachments' | 'attachments' | 'isDeviceTaken' | 'clientToken'>;

const nothing: readonly never[] = [];

export function createReads({ database }: Pick<WriteContext, 'database'>): Reads {
  const plans = () =>
    database
      .select({
        id: attachments.id,
        volumeId: attachments.volumeId,
        instanceId: attachments.instanceId,
        state: attachments.state,
        volumeServer: volumes.volumeServer,
        sizeGiB: volumes.sizeGiB,
        vmmHost: attachments.vmmHost,
        domain: attachments.domain,
        device: attachments.device,
        target: attachments.target,
        initiatorName: attachments.initiatorName,
        chapUser: attachments.chapUser,
        chapSecret: attachments.chapSecret,
        reach: attachments.reach,
      })
      .from(attachments)
      .innerJoin(volumes, eq(volumes.id, attachments.volumeId));

  return {
    async volumes(accountId, volumeIds) {
      const mine = and(eq(volumes.accountId, accountId), ne(volumes.state, 'deleted'));
      const chosen = volumeIds === undefined ? mine : and(mine, inArray(volumes.id, [...volumeIds]));
      const rows = database.select().from(volumes).where(chosen).orderBy(asc(volumes.id)).all();
      const attachmentRows = database
        .select()
        .from(attachments)
        .where(
          and(
            eq(attachments.accountId, accountId),
            ne(attachments.state, 'detached'),
            volumeIds && inArray(attachments.volumeId, [...volumeIds]),
          ),
        )
        .all();
      const attachmentsOf = groupBy(attachmentRows.map(attachmentFrom), (attachment) => attachment.volumeId);
      const tagsOf = readTags(accountId, volumeIds);
      return rows.map((row) => volumeFrom(row, tagsOf.get(row.id) ?? nothing, attachmentsOf.get(row.id) ?? nothing));
    },

    async snapshots(accountId, snapshotIds) {
      const mine = and(eq(snapshots.accountId, accountId), ne(snapshots.state, 'deleted'));
      const chosen = snapshotIds === undefined ? mine : and(mine, inArray(snapshots.id, [...snapshotIds]));
      const rows = database.select().from(snapshots).where(chosen).orderBy(asc(snapshots.id)).all();
      const tagsOf = readTags(accountId, snapshotIds);
      return rows.map((row) => snapshotFrom(row, tagsOf.get(row.id) ?? nothing));
    },

    async attachmentPlan(attachmentId) {
      return plans().where(eq(attachments.id, attachmentId)).all().map(planFrom)[0];
    },

    async liveAttachments() {
      return plans()
        .where(inArray(attachments.state, ['attached', 'busy']))
        .all()
        .map(planFrom);
    },

    async attachments(accountId) {
      return database
        .select()
        .from(attachments)
        .where(and(eq(attachments.accountId, accountId), ne(attachments.state, 'detached')))
        .all()
        .map(attachmentFrom);
    },

    async isDeviceTaken({ instanceId, placement, deviceSlot }) {
      const isSameVm = or(
        eq(attachments.instanceId, instanceId),
        and(eq(attachments.vmmHost, placement.vmmHost), eq(attachments.domain, placement.domain)),
      );
      const taken = database
        .select({ id: attachments.id })
        .from(attachments)
        .where(and(isSameVm, eq(attachments.deviceSlot, deviceSlot), ne(attachments.state, 'detached')))
        .get();
      return taken !== undefined;
    },

    async clientToken(accountId, action, token) {
      return database
        .select({ parametersHash: clientTokens.parametersHash, resourceId: clientTokens.resourceId })
        .from(clientTokens)
        .where(and(eq(clientTokens.accountId, accountId), eq(clientTokens.action, action), eq(clientTokens.token, token)))
        .get();
    },
  };

  function readTags(accountId: AccountId, resourceIds: readonly string[] | undefined): Map<string, Tag[]> {
    const rows = database
      .select({ resourceId: tags.resourceId, key: tags.key, value: tags.value })
      .from(tags)
      .where(and(eq(tags.accountId, accountId), resourceIds && inArray(tags.resourceId, [...resourceIds])))
      .orderBy(asc(tags.resourceId), asc(tags.key))
      .all();
    return groupBy(rows, (row) => row.resourceId);
  }
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [row]);
    } else {
      group.push(row);
    }
  }
  return groups;
}

function volumeFrom(row: typeof volumes.$inferSelect, itsTags: readonly Tag[], itsAttachments: readonly Attachment[]): Volume {
  return {
    id: row.id as VolumeId,
    accountId: row.accountId as AccountId,
    sizeGiB: row.sizeGiB,
    type: row.type as VolumeType,
    zone: row.zone,
    volumeServer: row.volumeServer,
    state: row.state as VolumeState,
    createdAtMs: row.createdAtMs,
    tags: itsTags,
    attachments: itsAttachments,
    ...(row.iops !== null && { iops: row.iops }),
    ...(row.throughputMiBps !== null && { throughputMiBps: row.throughputMiBps }),
    ...(row.snapshotId !== null && { snapshotId: row.snapshotId as SnapshotId }),
    ...(row.stateReason !== null && { stateReason: row.stateReason }),
  };
}

function snapshotFrom(row: typeof snapshots.$inferSelect, itsTags: readonly Tag[]): Snapshot {
  return {
    id: row.id as SnapshotId,
    accountId: row.accountId as AccountId,
    volumeId: row.volumeId as VolumeId,
    volumeSizeGiB: row.volumeSizeGiB,
    volumeServer: row.volumeServer,
    description: row.description,
    state: row.state as SnapshotState,
    progressPercent: row.progressPercent,
    startedAtMs: row.startedAtMs,
    tags: itsTags,
    ...(row.stateReason !== null && { stateReason: row.stateReason }),
    ...(row.completedAtMs !== null && { completedAtMs: row.completedAtMs }),
  };
}

function attachmentFrom(row: typeof attachments.$inferSelect): Attachment {
  return {
    id: row.id as AttachmentId,
    volumeId: row.volumeId as VolumeId,
    instanceId: row.instanceId as InstanceId,
    device: row.device,
    placement: { vmmHost: row.vmmHost, domain: row.domain },
    state: row.state as AttachmentState,
    attachedAtMs: row.attachedAtMs,
    deleteOnTermination: row.deleteOnTermination,
    ...(row.stateReason !== null && { stateReason: row.stateReason }),
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
    instanceId: row.instanceId as InstanceId,
    state: row.state as AttachmentState,
    ...(reach !== null && { reach: JSON.parse(reach) as Reach }),
  };
}
