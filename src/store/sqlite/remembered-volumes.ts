import type { AccountId, VolumeId } from '../../model/ids.ts';
import type { Volume } from '../../model/volume.ts';
import { mapInTurns } from '../../sharing/turn.ts';
import type { Database } from './open-database.ts';

export interface VolumeReads {
  /** All of an account, ordered by id. */
  all(accountId: AccountId): Promise<readonly Volume[]>;
  /** Those of the ids that the account has, ordered by id. */
  some(accountId: AccountId, volumeIds: readonly VolumeId[]): Promise<readonly Volume[]>;
}

interface Remembered {
  list: readonly Volume[];
  /** The `data_version` when all of it was read; `undefined`: it has to be read again. */
  version: number | undefined;
  /** Written to since the list was read. */
  changed: Set<string>;
  /** Settles when nobody reads for this list any more. */
  reading: Promise<unknown> | undefined;
}

/** What a volume is read from, and the column that names the volume. */
const sources = { volumes: 'id', tags: 'resource_id', attachments: 'volume_id', recycle_bin: 'resource_id' } as const;

/** A list of which more than this part has changed is read anew: that costs less than looking the changed ones up. */
const mostChanged = 1 / 4;
/** So many may have changed of the shortest list. */
const fewChanged = 64;

/**
 * The list of an account's volumes as it was when it was asked for or later, and never anything older, for no more than what has changed: a volume
 * that nothing was written about stays the same object, and a list without a change the same list. What is answered is shared, and not to be changed
 * by anyone.
 *
 * What this connection writes is told by triggers, which are of this connection only. What any other one commits, be it another process, moves
 * SQLite's `data_version` (https://www.sqlite.org/pragma.html#pragma_data_version), and then all is read anew. It is asked for before reading, so
 * that a commit in between only makes the next call read again. Reading is done in turns, and so is what is written while it goes on: the next call
 * sees to that. Who asks meanwhile waits, and then for what has changed in between.
 */
export function rememberVolumes(database: Database, read: VolumeReads): (accountId: AccountId) => Promise<readonly Volume[]> {
  const remembered = new Map<AccountId, Remembered>();
  tellOfChanges(database, (volumeId) => {
    for (const each of remembered.values()) {
      each.changed.add(volumeId);
      if (each.changed.size > Math.max(fewChanged, each.list.length * mostChanged)) {
        // Nobody may ask for it again, and then its changes would be kept for ever.
        each.version = undefined;
        each.changed.clear();
      }
    }
  });
  const versionOf = database.$client.prepare<[], number>('SELECT data_version FROM pragma_data_version').pluck();

  const refresh = async (accountId: AccountId, known: Remembered): Promise<readonly Volume[]> => {
    const version = versionOf.get();
    if (known.version !== version) {
      known.changed = new Set();
      known.version = version;
      try {
        known.list = await keepingUnchanged(known.list, await read.all(accountId));
      } catch (cause) {
        known.version = undefined;
        throw cause;
      }
      return known.list;
    }
    const { changed } = known;
    if (changed.size > 0) {
      known.changed = new Set();
      try {
        known.list = withChanges(known.list, changed, await read.some(accountId, [...changed] as VolumeId[]));
      } catch (cause) {
        known.version = undefined;
        throw cause;
      }
    }
    return known.list;
  };

  return async (accountId) => {
    const known = remembered.get(accountId) ?? { list: [], version: undefined, changed: new Set(), reading: undefined };
    remembered.set(accountId, known);
    const mine = known.reading === undefined ? refresh(accountId, known) : known.reading.then(() => refresh(accountId, known));
    const settled = mine.catch(() => undefined);
    known.reading = settled;
    try {
      return await mine;
    } finally {
      if (known.reading === settled) {
        known.reading = undefined;
      }
    }
  };
}

/** A write that is rolled back is told too, which only makes the volume be read again. */
function tellOfChanges({ $client }: Database, onChange: (volumeId: string) => void): void {
  $client.function('volume_changed', (volumeId: unknown) => {
    onChange(String(volumeId));
    return null;
  });
  for (const [table, column] of Object.entries(sources)) {
    for (const [event, rows] of Object.entries({ INSERT: ['NEW'], UPDATE: ['OLD', 'NEW'], DELETE: ['OLD'] })) {
      const calls = rows.map((row) => `SELECT volume_changed(${row}.${column});`).join(' ');
      $client.exec(`CREATE TEMP TRIGGER ${table}_told_${event} AFTER ${event} ON main.${table} BEGIN ${calls} END`);
    }
  }
}

/** The list with the volumes that have changed as they are now, without those that are gone, and with those that are new. */
function withChanges(list: readonly Volume[], changed: ReadonlySet<string>, fresh: readonly Volume[]): readonly Volume[] {
  const result: Volume[] = [];
  let next = 0;
  for (const volume of list) {
    for (let candidate = fresh[next]; candidate !== undefined && candidate.id <= volume.id; candidate = fresh[next]) {
      result.push(candidate);
      next += 1;
    }
    if (!changed.has(volume.id)) {
      result.push(volume);
    }
  }
  return result.concat(fresh.slice(next));
}

/** The fresh list with the objects of the one before wherever they say the same, so that what was made of them can be kept too. */
async function keepingUnchanged(before: readonly Volume[], fresh: readonly Volume[]): Promise<readonly Volume[]> {
  let at = 0;
  return mapInTurns(fresh, (volume) => {
    while (at < before.length && (before[at] as Volume).id < volume.id) {
      at += 1;
    }
    const candidate = before[at];
    return candidate !== undefined && saysTheSame(candidate, volume) ? candidate : volume;
  });
}

/** For plain data. */
function saysTheSame(one: unknown, other: unknown): boolean {
  if (one === other) {
    return true;
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return false;
  }
  let count = 0;
  for (const name in one) {
    if (!saysTheSame((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name])) {
      return false;
    }
    count += 1;
  }
  return count === Object.keys(other).length;
}
