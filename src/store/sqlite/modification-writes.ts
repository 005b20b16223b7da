import { type AnyColumn, and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { VolumeId } from '../../model/ids.ts';
import type { VolumeModificationState, VolumeShape } from '../../model/volume-modification.ts';
import { LostClaim } from '../../saga/journal.ts';
import type { Claim } from '../../saga/operation.ts';
import type { Store } from '../store.ts';
import { type GuardedQuery, runBatch } from './guarded-batch.ts';
import { endOperation, firstClaim, insertOperation, isHeld, type WriteContext } from './operation-writes.ts';
import { attachments, operations, volumeModifications, volumes } from './schema.ts';
import { isBeingCopied, volumeStatesFor } from './volume-writes.ts';

type ModificationWrites = Pick<Store, 'beginModify' | 'recordModified' | 'settleSize' | 'finishModify' | 'failModify'>;

export function createModificationWrites(context: WriteContext): ModificationWrites {
  const { database, clock } = context;
  const change = (
    volumeId: VolumeId,
    from: readonly VolumeModificationState[],
    values: Partial<typeof volumeModifications.$inferInsert>,
  ) => ({
    query: database
      .update(volumeModifications)
      .set(values)
      .where(and(eq(volumeModifications.volumeId, volumeId), inArray(volumeModifications.state, [...from]))),
    expect: 1,
  });

  /** How large a live attachment shows the volume. */
  const resizeReach = (volumeId: VolumeId, bytes: number): GuardedQuery<never> => ({
    query: database
      .update(attachments)
      .set({ reach: sql`json_set(${attachments.reach}, '$.bytes', ${bytes})` })
      .where(and(eq(attachments.volumeId, volumeId), eq(attachments.state, 'attached'), sql`${attachments.reach} IS NOT NULL`)),
  });

  const targetShape = (volumeId: VolumeId) => {
    const ofTarget = (column: AnyColumn) =>
      sql`(SELECT ${column} FROM ${volumeModifications} WHERE ${volumeModifications.volumeId} = ${volumeId})`;
    return {
      sizeGiB: ofTarget(volumeModifications.targetSizeGiB),
      type: ofTarget(volumeModifications.targetType),
      iops: ofTarget(volumeModifications.targetIops),
      throughputMiBps: ofTarget(volumeModifications.targetThroughputMiBps),
      multiAttach: ofTarget(volumeModifications.targetMultiAttach),
    };
  };

  const reshape = (
    claim: Claim,
    volumeId: VolumeId,
    shape: Partial<ReturnType<typeof targetShape>>,
    besides: readonly GuardedQuery<'resource'>[] = [],
  ): void => {
    const result = runBatch<'claim' | 'resource'>(database, [
      {
        query: database.update(operations).set({ id: claim.operationId }).where(isHeld(claim)),
        expect: 1,
        otherwise: 'claim',
      },
      {
        query: database
          .update(volumes)
          .set(shape)
          .where(and(eq(volumes.id, volumeId), inArray(volumes.state, volumeStatesFor('modify')))),
        expect: 1,
        otherwise: 'resource',
      },
      ...besides,
    ]);
    if (result.outcome === 'refused') {
      throw result.reason === 'claim' ? new LostClaim(claim) : new Error(`${volumeId} is in a state in which it is not modified`);
    }
  };

  return {
    async beginModify({ accountId, attachmentIds = [], modification, operation }) {
      const { volumeId, original, target, startedAtMs } = modification;
      const [hadMultiAttach, hasMultiAttach] = [original.multiAttach === true, target.multiAttach === true];
      /** How many attachments of the volume are not over, and otherwise as said. */
      const attachmentsWhere = (...conditions: SQL[]) =>
        sql`(SELECT count(*) FROM ${attachments} WHERE ${and(eq(attachments.volumeId, volumeId), sql`${attachments.state} <> 'detached'`, ...conditions)})`;
      const grows = target.sizeGiB > original.sizeGiB;
      const mayBeModified = and(
        eq(volumes.id, volumeId),
        eq(volumes.accountId, accountId),
        grows && attachmentIds.length === 0 ? eq(volumes.state, 'available') : inArray(volumes.state, volumeStatesFor('modify')),
        grows && attachmentIds.length > 0
          ? sql`${attachmentsWhere(inArray(attachments.id, [...attachmentIds]), eq(attachments.state, 'attached'))} = ${attachmentsWhere()} AND ${attachmentsWhere()} = ${attachmentIds.length}`
          : undefined,
        hadMultiAttach === hasMultiAttach ? undefined : sql`${attachmentsWhere()} <= ${hadMultiAttach ? 1 : 0}`,
        eq(volumes.multiAttach, hadMultiAttach),
        eq(volumes.sizeGiB, original.sizeGiB),
        eq(volumes.type, original.type),
        sql`${volumes.iops} IS ${original.iops ?? null}`,
        sql`${volumes.throughputMiBps} IS ${original.throughputMiBps ?? null}`,
      );
      const row = {
        volumeId,
        accountId,
        state: 'modifying' as const,
        stateReason: null,
        progressPercent: 0,
        ...prefixed(original, target),
        startedAtMs,
        endedAtMs: null,
      };
      const queries: GuardedQuery<'volume-state' | 'volume-being-copied' | 'operation-under-way' | 'too-many-open'>[] = [
        { query: database.update(volumes).set({ stateReason: null }).where(mayBeModified), expect: 1, otherwise: 'volume-state' },
        {
          query: database
            .update(volumes)
            .set({ id: volumeId })
            .where(and(eq(volumes.id, volumeId), grows ? sql`NOT ${isBeingCopied(volumeId)}` : undefined)),
          expect: 1,
          otherwise: 'volume-being-copied',
        },
        {
          query: database
            .insert(volumeModifications)
            .values(row)
            .onConflictDoUpdate({
              target: volumeModifications.volumeId,
              set: { ...row, earlierTargetSizesGiB: earlierTargets(target.sizeGiB) },
            }),
        },
        ...insertOperation(operation, context),
      ];
      const result = runBatch(database, queries, { 'operations.resource_id': 'operation-under-way' });
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async recordModified(claim, volumeId, bytes) {
      const modified = change(volumeId, ['modifying', 'optimizing'], { state: 'optimizing', progressPercent: 50 });
      reshape(claim, volumeId, targetShape(volumeId), [
        { ...modified, otherwise: 'resource' },
        ...(bytes === undefined ? [] : [resizeReach(volumeId, bytes)]),
      ]);
    },

    async settleSize(claim, volumeId, sizeGiB) {
      const last = database
        .select({ targetSizeGiB: volumeModifications.targetSizeGiB })
        .from(volumeModifications)
        .where(eq(volumeModifications.volumeId, volumeId))
        .get();
      if (last?.targetSizeGiB === sizeGiB) {
        const settled = { state: 'completed', progressPercent: 100, stateReason: null, endedAtMs: clock() } as const;
        reshape(claim, volumeId, targetShape(volumeId), [{ ...change(volumeId, ['failed', 'completed'], settled), otherwise: 'resource' }]);
      } else {
        reshape(claim, volumeId, { sizeGiB: sql`${sizeGiB}` });
      }
    },

    async finishModify(claim, volumeId) {
      endOperation(context, claim, { state: 'done' }, [
        change(volumeId, ['optimizing'], { state: 'completed', progressPercent: 100, endedAtMs: clock() }),
      ]);
    },

    async failModify(claim, volumeId, { operationState, reason, shown }) {
      endOperation(context, claim, { state: operationState, failure: reason }, [
        { query: database.update(volumes).set({ stateReason: shown }).where(eq(volumes.id, volumeId)), expect: 1 },
        change(volumeId, ['modifying', 'optimizing'], { state: 'failed', stateReason: shown, endedAtMs: clock() }),
      ]);
    },
  };
}

/** Of the modification that another one takes the place of: it, and what it had taken the place of, are in doubt as long as all of them failed. */
function earlierTargets(newSizeGiB: number): SQL {
  const { state, targetSizeGiB, earlierTargetSizesGiB: earlier } = volumeModifications;
  const withLast = sql`CASE WHEN ${targetSizeGiB} = ${newSizeGiB} THEN ${earlier} ELSE json_insert(${earlier}, '$[#]', ${targetSizeGiB}) END`;
  return sql`CASE WHEN ${state} = 'failed' THEN ${withLast} ELSE '[]' END`;
}

function prefixed(original: VolumeShape, target: VolumeShape) {
  return {
    originalSizeGiB: original.sizeGiB,
    originalType: original.type,
    originalIops: original.iops ?? null,
    originalThroughputMiBps: original.throughputMiBps ?? null,
    originalMultiAttach: original.multiAttach === true,
    targetSizeGiB: target.sizeGiB,
    targetType: target.type,
    targetIops: target.iops ?? null,
    targetThroughputMiBps: target.throughputMiBps ?? null,
    targetMultiAttach: target.multiAttach === true,
  };
}
