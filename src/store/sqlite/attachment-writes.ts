import { and, eq, inArray, ne, or, type SQL, sql } from 'drizzle-orm';
import type { AttachmentState } from '../../model/attachment.ts';
import type { AccountId, AttachmentId } from '../../model/ids.ts';
import { maxAttachmentsOfVolume } from '../../model/volume.ts';
import type { Deletion, Store } from '../store.ts';
import { closeBar, isNotBarred, openBar } from './bar-writes.ts';
import { runBatch } from './guarded-batch.ts';
import { endOperation, firstClaim, insertOperation, type WriteContext } from './operation-writes.ts';
import { insertStatement } from './operator-writes.ts';
import { attachments, bars, recycleBin, volumes } from './schema.ts';
import { isBeingCopied, volumeStatesFor } from './volume-writes.ts';

type AttachmentWrites = Pick<
  Store,
  | 'beginAttach'
  | 'finishAttach'
  | 'failAttach'
  | 'beginDetach'
  | 'finishDetach'
  | 'failDetach'
  | 'putDeleteOnTermination'
  | 'beginRestore'
  | 'finishRestore'
  | 'failRestore'
>;

export function createAttachmentWrites(context: WriteContext): AttachmentWrites {
  const { database, clock, noteEnded } = context;
  const change = (attachmentId: AttachmentId, from: AttachmentState, values: Partial<typeof attachments.$inferInsert>) => ({
    query: database
      .update(attachments)
      .set(values)
      .where(and(eq(attachments.id, attachmentId), eq(attachments.state, from))),
    expect: 1,
  });
  /** Whether the volume of an attachment has another one; `volume` is the volume's column in the statement. */
  const hasOthers = (attachmentId: AttachmentId, volume: SQL): SQL =>
    sql`EXISTS (SELECT 1 FROM ${attachments} AS other WHERE other.volume_id = ${volume} AND other.id <> ${attachmentId} AND other.state <> 'detached')`;
  const freeUnlessShared = (attachmentId: AttachmentId): SQL<'in-use' | 'available'> =>
    sql`CASE WHEN ${hasOthers(attachmentId, sql`${volumes.id}`)} THEN 'in-use' ELSE 'available' END`;
  const changeVolumeOf = (attachmentId: AttachmentId, values: { state: string | SQL; stateReason: string | null }) => {
    const volumeId = database.select({ id: attachments.volumeId }).from(attachments).where(eq(attachments.id, attachmentId));
    return {
      query: database
        .update(volumes)
        .set(values)
        .where(and(inArray(volumes.id, volumeId), eq(volumes.state, 'in-use'))),
      expect: 1,
    };
  };
  /** Takes the volume away with its attachment, which the same batch ends. Refused while a snapshot or a copy of the volume is being made. */
  const takeAway = (attachmentId: AttachmentId, deletion: Deletion) => {
    const { volumeId, accountId } = ofAttachment(attachmentId);
    const isNotBeingCopied = and(
      eq(volumes.id, volumeId),
      sql`NOT ${isBeingCopied(volumeId)}`,
      sql`NOT ${hasOthers(attachmentId, volumeId)}`,
    );
    // Changes nothing.
    const guard = { query: database.update(volumes).set({ stateReason: null }).where(isNotBeingCopied), expect: 1 };
    if ('operation' in deletion) {
      // Whose an attachment is never changes.
      const owner = database.select({ accountId: attachments.accountId }).from(attachments).where(eq(attachments.id, attachmentId)).get();
      return [guard, ...insertOperation({ ...deletion.operation, accountId: owner?.accountId as AccountId | undefined }, context)];
    }
    const enteredAtMs = clock();
    const bin = { resourceId: volumeId, accountId, enteredAtMs, exitsAtMs: enteredAtMs + deletion.retentionMs };
    return [guard, { query: database.insert(recycleBin).values(bin) }];
  };
  const ofAttachment = (attachmentId: AttachmentId) => {
    const column = (name: string) =>
      sql<string>`(SELECT ${sql.identifier(name)} FROM ${attachments} WHERE ${attachments.id} = ${attachmentId})`;
    return { volumeId: column('volume_id'), accountId: column('account_id') };
  };
  const isIn = (attachmentId: AttachmentId) => and(eq(attachments.id, attachmentId), inArray(attachments.state, ['attached', 'busy']));
  const hasNoBar = (attachmentId: AttachmentId) =>
    sql`NOT EXISTS (SELECT 1 FROM ${bars} WHERE ${bars.attachmentId} = ${attachmentId} AND ${bars.clearedAtMs} IS NULL)`;
  const over = () => {
    noteEnded();
    return { state: 'detached' as const, detachedAtMs: clock(), chapSecret: '' };
  };

  return {
    async beginAttach({ attachment, operation }) {
      const { placement, ...row } = attachment;
      const { volumeId } = attachment;
      const isFree = inArray(volumes.state, volumeStatesFor('attach'));
      const live = sql`(SELECT count(*) FROM ${attachments} WHERE ${attachments.volumeId} = ${volumeId} AND ${attachments.state} <> 'detached')`;
      const mayBeAttached = and(
        eq(volumes.id, volumeId),
        eq(volumes.accountId, attachment.accountId),
        attachment.shared ? and(or(isFree, eq(volumes.state, 'in-use')), sql`${live} < ${maxAttachmentsOfVolume}`) : isFree,
        eq(volumes.multiAttach, attachment.shared),
        eq(volumes.attachmentsBegun, attachment.generation - 1),
        isNotBarred(attachment.volumeId, attachment.target),
      );
      const result = runBatch<'volume-state' | 'device-in-use' | 'operation-under-way' | 'too-many-open'>(
        database,
        [
          {
            query: database
              .update(volumes)
              .set({ state: 'in-use', stateReason: null, attachmentsBegun: attachment.generation })
              .where(mayBeAttached),
            expect: 1,
            otherwise: 'volume-state',
          },
          { query: database.insert(attachments).values({ ...row, ...placement, state: 'attaching' }) },
          ...insertOperation(operation, context),
        ],
        {
          'attachments.volume_id': 'volume-state',
          'attachments.instance_id': 'device-in-use',
          'attachments.vmm_host': 'device-in-use',
          'operations.resource_id': 'operation-under-way',
        },
      );
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async finishAttach(claim, attachmentId, reach) {
      endOperation(context, claim, { state: 'done' }, [
        change(attachmentId, 'attaching', { state: 'attached', stateReason: null, reach: JSON.stringify(reach) }),
      ]);
    },

    async failAttach(claim, attachmentId, { operationState, reason, shown }) {
      const isStuck = operationState === 'stuck';
      endOperation(context, claim, { state: operationState, failure: reason }, [
        changeVolumeOf(attachmentId, { state: isStuck ? 'in-use' : freeUnlessShared(attachmentId), stateReason: shown }),
        change(attachmentId, 'attaching', isStuck ? { stateReason: shown } : { ...over(), stateReason: shown }),
      ]);
    },

    async beginDetach({ accountId, attachmentId, operation, isLast, statement }) {
      const mayBeDetached = and(
        isIn(attachmentId),
        eq(attachments.accountId, accountId),
        isLast && sql`NOT ${hasOthers(attachmentId, sql`${attachments.volumeId}`)}`,
      );
      const result = runBatch<'attachment-state' | 'operation-under-way' | 'too-many-open'>(
        database,
        [
          {
            query: database.update(attachments).set({ state: 'detaching', stateReason: null }).where(mayBeDetached),
            expect: 1,
            otherwise: 'attachment-state',
          },
          ...insertOperation(operation, context),
          ...(statement === undefined ? [] : [insertStatement(operation.id, 'clear', statement, context)]),
        ],
        { 'operations.resource_id': 'operation-under-way' },
      );
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async finishDetach(claim, attachmentId, proof, deletion) {
      endOperation(context, claim, { state: 'done' }, [
        changeVolumeOf(attachmentId, { state: deletion === undefined ? freeUnlessShared(attachmentId) : 'deleting', stateReason: null }),
        change(attachmentId, 'detaching', over()),
        closeBar(attachmentId, proof, context),
        ...(deletion === undefined ? [] : takeAway(attachmentId, deletion)),
      ]);
    },

    async putDeleteOnTermination(accountId, attachmentId, deleteOnTermination) {
      const isLive = and(eq(attachments.id, attachmentId), eq(attachments.accountId, accountId), ne(attachments.state, 'detached'));
      return database.update(attachments).set({ deleteOnTermination }).where(isLive).run().changes === 1;
    },

    async failDetach(claim, attachmentId, { operationState, reason, shown }, bar) {
      endOperation(context, claim, { state: operationState, failure: reason }, [
        changeVolumeOf(attachmentId, { state: 'in-use', stateReason: shown }),
        change(attachmentId, 'detaching', { state: 'busy', stateReason: shown }),
        ...(bar === undefined ? [] : [openBar(claim.operationId, attachmentId, bar, context)]),
      ]);
    },

    async beginRestore({ attachmentId, operation }) {
      const result = runBatch<'attachment-state' | 'operation-under-way' | 'too-many-open'>(
        database,
        [
          {
            query: database
              .update(attachments)
              .set({ state: sql`${attachments.state}` })
              .where(and(isIn(attachmentId), hasNoBar(attachmentId))),
            expect: 1,
            otherwise: 'attachment-state',
          },
          ...insertOperation(operation, context),
        ],
        { 'operations.resource_id': 'operation-under-way' },
      );
      return result.outcome === 'refused' ? result : { outcome: 'begun', operation: firstClaim(operation, context) };
    },

    async finishRestore(claim, attachmentId, reach) {
      // Why a detach stopped is still true afterwards.
      const stateReason = sql`CASE ${attachments.state} WHEN 'busy' THEN ${attachments.stateReason} END`;
      endOperation(context, claim, { state: 'done' }, [
        {
          query: database
            .update(attachments)
            .set({ reach: JSON.stringify(reach), stateReason })
            .where(isIn(attachmentId)),
          expect: 1,
        },
      ]);
    },

    async failRestore(claim, attachmentId, { operationState, reason, shown }) {
      endOperation(context, claim, { state: operationState, failure: reason }, [
        { query: database.update(attachments).set({ stateReason: shown }).where(isIn(attachmentId)), expect: 1 },
      ]);
    },
  };
}
