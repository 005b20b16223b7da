import { and, eq, inArray, or, sql } from 'drizzle-orm';
import type { IdRange } from '../../model/id-range.ts';
import type { AccountId, VolumeId } from '../../model/ids.ts';
import type { Volume } from '../../model/volume.ts';
import type { VolumeModification } from '../../model/volume-modification.ts';
import type { Store } from '../store.ts';
import { isNotRecycled } from './is-not-recycled.ts';
import {
  attachmentColumns,
  attachmentFrom,
  attachmentsByVolume,
  modificationColumns,
  modificationFrom,
  planFrom,
  tagColumns,
  tagsByResource,
  volumeColumns,
  volumeFrom,
} from './model-rows.ts';
import type { WriteContext } from './operation-writes.ts';
import { isAttachmentLive, plansOf, preparePlansInParts } from './plan-reads.ts';
import { prepareKeysAfter, prepareRows } from './prepare-rows.ts';
import { type PartWanted, partOf, readInParts, readKeysInParts } from './read-in-parts.ts';
import { rememberVolumes } from './remembered-volumes.ts';
import { attachments, clientTokens, recycleBin, tags, volumeModifications, volumes } from './schema.ts';
import { whenUsed } from './when-used.ts';

type Reads = Pick<
  Store,
  | 'everyVolume'
  | 'everyRecycledVolume'
  | 'volumes'
  | 'volumesAfter'
  | 'attachmentPlan'
  | 'sharers'
  | 'liveAttachments'
  | 'attachments'
  | 'isDeviceTaken'
  | 'modifications'
  | 'modificationsAfter'
  | 'sizesInDoubt'
  | 'clientToken'
>;

// Written out and not as parameters: SQLite uses a partial index only for a query that says the index' own condition.
const isVolumeLive = sql`${volumes.state} <> 'deleted'`;
// Only what is being deleted can be in the recycle bin, so that for all others nobody looks there.
const isVolumeShown = sql`${isVolumeLive} AND (${volumes.state} <> 'deleting' OR ${isNotRecycled(volumes.id)})`;
const isOfLiveVolume = sql`EXISTS (SELECT 1 FROM ${volumes} WHERE ${volumes.id} = ${volumeModifications.volumeId} AND ${isVolumeShown})`;

export function createReads({ database }: Pick<WriteContext, 'database'>): Reads {
  // Asked for in every step of an attach or detach, and every few seconds.
  const planById = whenUsed(() =>
    plansOf(database)
      .where(eq(attachments.id, sql.placeholder('attachmentId')))
      .prepare(),
  );
  const sharerPlans = whenUsed(() =>
    plansOf(database)
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
  const readLivePlans = preparePlansInParts(database, sql`${attachments.state} IN ('attached', 'busy')`);

  const wantedVolumes = { table: volumes, columns: volumeColumns, key: volumes.id, where: isVolumeShown };
  const wantedAttachments = { table: attachments, columns: attachmentColumns, key: attachments.volumeId, where: isAttachmentLive };
  const wantedTags = { table: tags, columns: tagColumns, key: tags.resourceId };
  const wantedModifications = {
    table: volumeModifications,
    columns: modificationColumns,
    key: volumeModifications.volumeId,
    where: isOfLiveVolume,
  };
  const readVolumes = prepareRows(database, wantedVolumes, wantedTags, wantedAttachments);
  const readRecycled = whenUsed(() => prepareRows(database, { ...wantedVolumes, where: isVolumeLive }, wantedTags, wantedAttachments));
  // Whether it is shown is looked at in the rows: there may be many behind one another that are not, and a part is to be a part.
  const readVolumeIds = prepareKeysAfter(database, { ...wantedVolumes, where: isVolumeLive });
  const readAttachments = prepareRows(database, { ...wantedAttachments, key: attachments.instanceId });
  const readModifications = prepareRows(database, wantedModifications);
  const readModifiedIds = prepareKeysAfter(database, { table: volumeModifications, key: volumeModifications.volumeId });

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

  const volumesOf = (accountId: AccountId, volumeIds: readonly string[], read = readVolumes): readonly Volume[] => {
    const [rows, tagRows, attachmentRows] = read(accountId, volumeIds);
    const tagsOf = tagsByResource(tagRows);
    const attachmentsOf = attachmentsByVolume(attachmentRows);
    return rows.map((row) => volumeFrom(row, accountId, tagsOf, attachmentsOf)).sort(byId);
  };
  const someVolumes = (accountId: AccountId, volumeIds: readonly VolumeId[]) =>
    readKeysInParts(volumeIds, (part) => volumesOf(accountId, part));
  const volumesIn = (accountId: AccountId, range: Partial<IdRange> = {}) =>
    readInParts((wanted) => partOf(readVolumeIds(accountId, wanted), wanted, (ids) => volumesOf(accountId, ids)), {
      afterKey: range.afterId,
      ...(range.count !== undefined && { count: range.count }),
    });
  // What clients ask for again and again while little happens.
  const allVolumes = rememberVolumes(database, { all: volumesIn, some: someVolumes });
  const modificationsOf = (accountId: AccountId, volumeIds: readonly string[]): readonly VolumeModification[] =>
    readModifications(accountId, volumeIds)[0]
      .map(modificationFrom)
      .sort((one, other) => (one.volumeId < other.volumeId ? -1 : 1));
  const modificationPartsOf = (accountId: AccountId) => (wanted: PartWanted) =>
    partOf(readModifiedIds(accountId, wanted), wanted, (ids) => modificationsOf(accountId, ids));

  return {
    async volumes(accountId, volumeIds) {
      return volumeIds === undefined ? allVolumes(accountId) : someVolumes(accountId, volumeIds);
    },

    async volumesAfter(accountId, range) {
      return volumesIn(accountId, range);
    },

    async everyVolume() {
      const accounts = database.selectDistinct({ id: volumes.accountId }).from(volumes).where(isVolumeLive).all();
      const found: (readonly Volume[])[] = [];
      for (const { id } of accounts) {
        found.push(await volumesIn(id as AccountId));
      }
      return found.flat().sort(byId);
    },

    async everyRecycledVolume() {
      const bin = database.select().from(recycleBin).where(sql`${recycleBin.resourceId} LIKE 'vol-%'`).all();
      const ends = new Map(bin.map(({ resourceId, enteredAtMs, exitsAtMs }) => [resourceId, { enteredAtMs, exitsAtMs }]));
      const found: { volume: Volume; enteredAtMs: number; exitsAtMs: number }[] = [];
      for (const accountId of new Set(bin.map((row) => row.accountId as AccountId))) {
        const ids = bin.filter((row) => row.accountId === accountId).map(({ resourceId }) => resourceId);
        const inBin = await readKeysInParts(ids, (part) => volumesOf(accountId, part, readRecycled()));
        found.push(...inBin.flatMap((volume) => ({ volume, ...(ends.get(volume.id) ?? { enteredAtMs: 0, exitsAtMs: 0 }) })));
      }
      return found.sort((one, other) => byId(one.volume, other.volume));
    },

    async attachmentPlan(attachmentId) {
      return planById().all({ attachmentId }).map(planFrom)[0];
    },

    async sharers(attachmentId) {
      return sharerPlans().all({ attachmentId }).map(planFrom);
    },

    async liveAttachments() {
      return readInParts(readLivePlans);
    },

    async attachments(accountId, instanceIds) {
      return readKeysInParts(instanceIds, (part) => readAttachments(accountId, part)[0].map(attachmentFrom));
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
      return volumeIds === undefined
        ? readInParts(modificationPartsOf(accountId))
        : readKeysInParts(volumeIds, (part) => modificationsOf(accountId, part));
    },

    async modificationsAfter(accountId, { afterId, count }) {
      return readInParts(modificationPartsOf(accountId), { afterKey: afterId, count });
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

    async clientToken(accountId, action, token) {
      return database
        .select({ parametersHash: clientTokens.parametersHash, resourceId: clientTokens.resourceId })
        .from(clientTokens)
        .where(and(eq(clientTokens.accountId, accountId), eq(clientTokens.action, action), eq(clientTokens.token, token)))
        .get();
    },
  };
}

/** A part is in no order. */
const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1);
