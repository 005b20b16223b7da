import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { explainUnusable, refuseWithoutHeader } from './database-unusable.ts';
import { busyTimeoutMs } from './open-database.ts';

/** What a file says of itself before anything is made of it. */
export interface DatabaseSight {
  /** `undefined`: no start has marked it yet. */
  readonly siteKind?: string;
  /** Whether a version of VBS wrote it that knows more migrations than this one. */
  readonly isNewer: boolean;
  /** The volume servers that hold volumes and snapshots which are not deleted. */
  readonly volumeServers: readonly string[];
}

const journalOfMigrations = fileURLToPath(new URL('./migrations/meta/_journal.json', import.meta.url));
/** Of the first version already. */
const tablesOfVbs = ['__drizzle_migrations', 'ids', 'operations', 'snapshots', 'volumes'];

/**
 * Looks into the file of a database, and neither makes it nor applies migrations, of which there is no way back. `undefined` when there is none, or an
 * empty file; `foreign` when it is a database of something else. Throws DatabaseUnusable for what is no database, or damaged.
 */
export function lookAtDatabase(file: string): DatabaseSight | 'foreign' | undefined {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined || status.size === 0) {
    return undefined;
  }
  if (!status.isFile()) {
    throw explainUnusable(file, Object.assign(new Error('not a file'), { code: 'EISDIR', syscall: 'open' }));
  }
  try {
    refuseWithoutHeader(file);
    // Not read-only: such a connection leaves its -shm and -wal files behind.
    const client = new Sqlite(file, { fileMustExist: true, timeout: busyTimeoutMs });
    try {
      return sightOf(client);
    } finally {
      client.close();
    }
  } catch (cause) {
    throw explainUnusable(file, cause);
  }
}

function sightOf(client: Sqlite.Database): DatabaseSight | 'foreign' | undefined {
  const texts = (query: string): readonly string[] => client.prepare<[], string>(query).pluck().all();
  const tables = new Set(texts("SELECT name FROM sqlite_master WHERE type = 'table'"));
  if (tables.size === 0) {
    return undefined;
  }
  if (!tablesOfVbs.every((table) => tables.has(table))) {
    return 'foreign';
  }
  const [siteKind] = tables.has('site_facts') ? texts("SELECT value FROM site_facts WHERE name = 'site-kind'") : [];
  const [newest = 0] = client.prepare<[], number>('SELECT max(created_at) FROM __drizzle_migrations').pluck().all();
  return {
    isNewer: newest > newestMigrationMs(),
    volumeServers: texts(
      "SELECT volume_server FROM volumes WHERE state <> 'deleted' UNION SELECT volume_server FROM snapshots WHERE state <> 'deleted'",
    ),
    ...(siteKind !== undefined && { siteKind }),
  };
}

/** The time that its file has of the newest migration that this version knows. */
function newestMigrationMs(): number {
  const { entries } = JSON.parse(readFileSync(journalOfMigrations, 'utf8')) as { readonly entries: readonly { readonly when: number }[] };
  return Math.max(...entries.map(({ when }) => when));
}
