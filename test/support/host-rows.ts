import { randomUUID } from 'node:crypto';
import { idFromUuid } from '../../src/model/ids.ts';
import type { Database } from '../../src/store/sqlite/open-database.ts';
import { attachments, ids, snapshots, volumes } from '../../src/store/sqlite/schema.ts';

/** Rows as the service leaves them, on whatever hosts a test wants. */
const accountId = '123456789012';

function issue(database: Database, kind: 'volume' | 'snapshot' | 'attachment' | 'operation'): string {
  const uuid = randomUUID();
  const id = idFromUuid(kind, uuid);
  database.insert(ids).values({ id, kind, uuid, issuedAtMs: Date.now() }).run();
  return id;
}

export function volumeRow(database: Database, values: { readonly volumeServer: string } & Partial<typeof volumes.$inferInsert>): string {
  const id = issue(database, 'volume');
  database
    .insert(volumes)
    .values({ id, accountId, sizeGiB: 1, type: 'gp3', zone: 'us-east-1a', state: 'available', createdAtMs: Date.now(), ...values })
    .run();
  return id;
}

export function snapshotRow(database: Database, volumeId: string, volumeServer: string): string {
  const id = issue(database, 'snapshot');
  const values = { id, accountId, volumeId, volumeServer, volumeSizeGiB: 1, description: '', state: 'completed', progressPercent: 100 };
  database
    .insert(snapshots)
    .values({ ...values, startedAtMs: Date.now() })
    .run();
  return id;
}

export function attachmentRow(database: Database, volumeId: string, vmmHost: string, instanceId = `${vmmHost}/web`): string {
  const id = issue(database, 'attachment');
  database
    .insert(attachments)
    .values({
      ...{ id, volumeId, accountId, instanceId, device: '/dev/sdf', deviceSlot: 'f', vmmHost, domain: 'web', state: 'attached' },
      ...{ deleteOnTermination: false, attachedAtMs: Date.now(), target: `iqn.2009-11.org.vbs:${volumeId}` },
      ...{ initiatorName: 'iqn.2009-11.org.vbs:host', chapUser: volumeId, chapSecret: 'sixteen-letters_' },
    })
    .run();
  return id;
}
