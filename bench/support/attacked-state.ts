import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AccountId, idFromUuid } from '../../src/model/ids.ts';
import { openDatabase } from '../../src/store/sqlite/open-database.ts';
import { accessKeys, ids, snapshotPermissions, snapshots, tags, volumes } from '../../src/store/sqlite/schema.ts';
import { fillState } from './filled-state.ts';
import type { AccessKey } from './query-client.ts';

export interface AttackedState {
  readonly victim: AccessKey;
  readonly victimVolumeIds: readonly string[];
  readonly attacker: AccessKey;
  readonly attackerVolumeIds: readonly string[];
}

/** The account of the victim, whose are the instances that nobody owns. */
export const victimAccount = '123456789012';
export const sharedSnapshotCount = 1_000;
export const longTagCount = 960;
/** The longest that a tag's value may be. */
const longTagLength = 256;
const attackerAccount = '666666666666' as AccountId;
const zone = 'us-east-1a';
const volumeServer = 'simulated';
/** Rows of one insert: SQLite takes 32,766 values in a statement, and no row here has more than 20. */
const rowsAtOnce = 1_000;

/** A victim with few volumes, and an attacker who has done all in advance that its attacks need: many volumes, long tags, snapshots shared with all. */
export function fillAttackedState(stateFolder: string, counts: { readonly victim: number; readonly attacker: number }): AttackedState {
  const { key: victim, volumeIds: victimVolumeIds } = fillState(stateFolder, counts.victim);
  const attacker: AccessKey = { accessKeyId: 'AKIAEXAMPLEATTACKER1', secretAccessKey: randomBytes(30).toString('base64') };
  const createdAtMs = Date.now();
  const issue = <Kind extends 'volume' | 'snapshot'>(kind: Kind) => {
    const uuid = randomUUID();
    return { id: idFromUuid(kind, uuid), kind, uuid, issuedAtMs: createdAtMs };
  };
  const issuedVolumes = Array.from({ length: counts.attacker }, () => issue('volume'));
  const issuedSnapshots = Array.from({ length: sharedSnapshotCount }, () => issue('snapshot'));
  const [source] = issuedVolumes;
  if (source === undefined) throw new Error('the attacker needs a volume');
  const database = openDatabase(join(stateFolder, 'vbs.db'));
  try {
    database.transaction((transaction) => {
      transaction
        .insert(accessKeys)
        .values({ ...attacker, accountId: attackerAccount, createdAtMs })
        .run();
      for (const rows of inParts([...issuedVolumes, ...issuedSnapshots])) transaction.insert(ids).values(rows).run();
      const shape = { accountId: attackerAccount, sizeGiB: 1, type: 'gp3', iops: 3_000, throughputMiBps: 125, zone, volumeServer };
      for (const rows of inParts(issuedVolumes)) {
        transaction
          .insert(volumes)
          .values(rows.map(({ id }) => ({ ...shape, id, state: 'available', createdAtMs })))
          .run();
      }
      const longTags = issuedVolumes
        .slice(0, longTagCount)
        .map(({ id: resourceId }) => ({ resourceId, accountId: attackerAccount, key: 'long', value: 'a'.repeat(longTagLength) }));
      for (const rows of inParts(longTags)) transaction.insert(tags).values(rows).run();
      const snapshotRows = issuedSnapshots.map(({ id }) => ({
        ...{ id, accountId: attackerAccount, volumeId: source.id, volumeSizeGiB: 1, volumeServer, description: '', state: 'completed' },
        ...{ progressPercent: 100, startedAtMs: createdAtMs, completedAtMs: createdAtMs },
      }));
      for (const rows of inParts(snapshotRows)) transaction.insert(snapshots).values(rows).run();
      for (const rows of inParts(issuedSnapshots.map(({ id }) => ({ snapshotId: id, grantee: 'all' })))) {
        transaction.insert(snapshotPermissions).values(rows).run();
      }
    });
  } finally {
    database.$client.close();
  }
  const world = [
    ...issuedVolumes.map(({ id: volumeId }) => ({ change: 'volume-made', volumeId, bytes: 0 })),
    ...issuedSnapshots.flatMap(({ id: snapshotId }) => [
      { change: 'snapshot-begun', snapshotId, volumeId: source.id, bytes: 0 },
      { change: 'snapshot-completed', snapshotId },
    ]),
  ];
  appendFileSync(join(stateFolder, 'simulated-world.jsonl'), world.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return { victim, victimVolumeIds, attacker, attackerVolumeIds: issuedVolumes.map(({ id }) => id) };
}

function inParts<Row>(rows: readonly Row[]): Row[][] {
  const parts: Row[][] = [];
  for (let at = 0; at < rows.length; at += rowsAtOnce) parts.push(rows.slice(at, at + rowsAtOnce));
  return parts;
}
