import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { AttachmentPlan } from '../store.ts';
import { planFrom } from './model-rows.ts';
import type { Database } from './open-database.ts';
import { type Part, type PartWanted, partOf } from './read-in-parts.ts';
import { attachments, volumes } from './schema.ts';
import { whenUsed } from './when-used.ts';

// Written out and not as a parameter: SQLite uses a partial index only for a query that says the index' own condition.
export const isAttachmentLive = sql`${attachments.state} <> 'detached'`;

/** The attachments, each with all that the drivers need. */
export function plansOf(database: Database) {
  return database
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
}

/** Prepares reading the attachments of all accounts that are not over and that `which` is true of, by volume. */
export function preparePlansInParts(database: Database, which: SQL | undefined): (wanted: PartWanted) => Part<AttachmentPlan> {
  const volumeIds = whenUsed(() =>
    database
      .selectDistinct({ id: attachments.volumeId })
      .from(attachments)
      .where(and(isAttachmentLive, sql`${attachments.volumeId} > ${sql.placeholder('afterKey')}`))
      .orderBy(attachments.volumeId)
      .limit(sql.placeholder('count'))
      .prepare(),
  );
  const plans = whenUsed(() =>
    plansOf(database)
      .where(and(sql`${attachments.volumeId} IN (SELECT value FROM json_each(${sql.placeholder('keys')}))`, isAttachmentLive, which))
      .prepare(),
  );
  return (wanted) => {
    const { afterKey = '', count } = wanted;
    const found = volumeIds()
      .all({ afterKey, count })
      .map(({ id }) => id);
    return partOf(found, wanted, (keys) =>
      plans()
        .all({ keys: JSON.stringify(keys) })
        .map(planFrom),
    );
  };
}
