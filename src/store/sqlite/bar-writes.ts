import { and, eq, isNull, sql } from 'drizzle-orm';
import type { AttachmentId, OperationId, VolumeId } from '../../model/ids.ts';
import type { Bar, Store } from '../store.ts';
import type { GuardedQuery } from './guarded-batch.ts';
import type { WriteContext } from './operation-writes.ts';
import { attachments, bars } from './schema.ts';
import { whenUsed } from './when-used.ts';

/** Bars the volume of an attachment and the name of its target; a bar that is open already stays as it is. */
export function openBar(
  operationId: string,
  attachmentId: AttachmentId,
  reason: string,
  { database, clock }: WriteContext,
): Omit<GuardedQuery<never>, 'otherwise'> {
  const run = () =>
    database.run(sql`
      INSERT INTO ${bars} (operation_id, volume_id, attachment_id, target, reason, barred_at_ms)
      SELECT ${operationId}, ${attachments.volumeId}, ${attachments.id}, ${attachments.target}, ${reason}, ${clock()}
      FROM ${attachments} WHERE ${attachments.id} = ${attachmentId}
      ON CONFLICT DO NOTHING`);
  return { query: { run } };
}

/** Clears whatever bar is open on the volume of an attachment. */
export function closeBar(
  attachmentId: AttachmentId,
  proof: string,
  { database, clock }: WriteContext,
): Omit<GuardedQuery<never>, 'otherwise'> {
  const isOpen = and(eq(bars.attachmentId, attachmentId), isNull(bars.clearedAtMs));
  return { query: database.update(bars).set({ clearedAtMs: clock(), proof }).where(isOpen) };
}

/** For the conditions of other writes. */
export function isNotBarred(volumeId: VolumeId, target?: string) {
  const sameTarget = target === undefined ? sql`` : sql` OR ${bars.target} = ${target}`;
  return sql`NOT EXISTS (SELECT 1 FROM ${bars} WHERE (${bars.volumeId} = ${volumeId}${sameTarget}) AND ${bars.clearedAtMs} IS NULL)`;
}

export function createBarReads({ database }: Pick<WriteContext, 'database'>): Pick<Store, 'openBars'> {
  const all = whenUsed(() =>
    database
      .select()
      .from(bars)
      // Written out: SQLite uses a partial index only for a query that says the index' own condition.
      .where(sql`${bars.clearedAtMs} IS NULL`)
      .prepare(),
  );
  return {
    async openBars() {
      return all()
        .all()
        .map(
          ({ operationId, volumeId, attachmentId, target, reason, barredAtMs }): Bar => ({
            operationId: operationId as OperationId,
            volumeId: volumeId as VolumeId,
            attachmentId: attachmentId as AttachmentId,
            target,
            reason,
            barredAtMs,
          }),
        );
    },
  };
}
