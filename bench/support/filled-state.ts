import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AccountId, idFromUuid } from '../../src/model/ids.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import { accessKeys, attachments, ids, tags, volumes } from '../../src/store/sqlite/schema.ts';
import type { AccessKey } from './query-client.ts';

export interface FilledState {
  readonly key: AccessKey;
  readonly volumeIds: readonly string[];
}

const accountId = '123456789012' as AccountId;
const attachedOneIn = 10;
const initiatorName = 'iqn.2009-11.org.vbs:host';
/** Rows of one insert: SQLite takes 32,766 values in a statement, and no row here has more than 20. */
const rowsAtOnce = 1_000;

/**
 * Fills the database of a state folder in one transaction, where the service would take several for each volume. Every volume has a tag, every
 * tenth is attached to an instance of its own. The simulated site has what belongs to them, so that the service finds it as its database says.
 */
export function fillState(stateFolder: string, volumeCount: number): FilledState {
  const key: AccessKey = { accessKeyId: 'AKIAEXAMPLEOFBENCH01', secretAccessKey: randomBytes(30).toString('base64') };
  const database = openDatabase(join(stateFolder, 'vbs.db'));
  const createdAtMs = Date.now();
  const issue = (kind: 'volume' | 'attachment') => {
    const uuid = randomUUID();
    return { id: idFromUuid(kind, uuid), kind, uuid, issuedAtMs: createdAtMs };
  };
  const issuedVolumes = Array.from({ length: volumeCount }, () => issue('volume'));
  const attached = issuedVolumes
    .filter((_, index) => index % attachedOneIn === 0)
    .map((volume) => ({ volume, attachment: issue('attachment') }));
  const attachedIds = new Set(attached.map(({ volume }) => volume.id));
  try {
    database.transaction((transaction) => {
      transaction
        .insert(accessKeys)
        .values({ ...key, accountId, createdAtMs })
        .run();
      for (const rows of inParts([...issuedVolumes, ...attached.map(({ attachment }) => attachment)])) {
        transaction.insert(ids).values(rows).run();
      }
      const volumeRows = issuedVolumes.map(({ id }, index) => ({
        id,
        accountId,
        sizeGiB: 1 + (index % 100),
        type: 'gp3',
        iops: 3_000,
        throughputMiBps: 125,
        zone: 'us-east-1a',
        volumeServer: 'simulated',
        state: attachedIds.has(id) ? 'in-use' : 'available',
        createdAtMs: createdAtMs - index,
      }));
      for (const rows of inParts(volumeRows)) {
        transaction.insert(volumes).values(rows).run();
      }
      for (const rows of inParts(issuedVolumes)) {
        transaction
          .insert(tags)
          .values(rows.map(({ id }, index) => ({ resourceId: id, accountId, key: 'Name', value: `data ${index}` })))
          .run();
      }
      const attachmentRows = attached.map(({ volume, attachment }, index) => ({
        id: attachment.id,
        volumeId: volume.id,
        accountId,
        instanceId: `i-${String(index).padStart(8, '0')}`,
        device: '/dev/sdf',
        deviceSlot: 'f',
        vmmHost: 'vmm1',
        domain: `dom${index}`,
        state: 'attached',
        deleteOnTermination: false,
        attachedAtMs: createdAtMs,
        target: targetOf(volume.id),
        initiatorName,
        chapUser: volume.id,
        chapSecret: 'sixteen-letters_',
      }));
      for (const rows of inParts(attachmentRows)) {
        transaction.insert(attachments).values(rows).run();
      }
    });
  } finally {
    database.$client.close();
  }
  const world = [
    ...issuedVolumes.map(({ id: volumeId }) => ({ change: 'volume-made', volumeId, bytes: 0 })),
    ...attached.flatMap(({ volume: { id: volumeId } }, index) => {
      const target = targetOf(volumeId);
      return [
        { change: 'export-made', target, volumeId, path: '/dev/null', bytes: 0 },
        { change: 'access-made', target, initiatorName, chapUser: volumeId, secretSha256: '' },
        { change: 'disk-made', host: 'vmm1', domain: `dom${index}`, volumeId, device: '/dev/sdf', bytes: 0, source: target },
      ];
    }),
  ];
  writeFileSync(join(stateFolder, 'simulated-world.jsonl'), world.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return { key, volumeIds: issuedVolumes.map(({ id }) => id) };
}

function targetOf(volumeId: string): string {
  return `iqn.2009-11.org.vbs:${volumeId}`;
}

function inParts<Row>(rows: readonly Row[]): Row[][] {
  const parts: Row[][] = [];
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    parts.push(rows.slice(at, at + rowsAtOnce));
  }
  return parts;
}
