import type { Store } from '../store.ts';
import { busyTimeoutMs, type Database } from './open-database.ts';

/**
 * Takes secrets that have ended out of the files. In the database they are overwritten when their row is (`secure_delete`); the pages as they were before
 * stand in the write-ahead log until that is written over, which on a quiet site is never.
 */
export interface EndedSecrets extends Pick<Store, 'eraseEndedSecrets'> {
  /** A secret ends with the transaction that is under way. */
  noteEnded(): void;
}

export function createEndedSecrets({ $client }: Pick<Database, '$client'>): EndedSecrets {
  // An earlier process may have ended between a detach and this.
  let isDue = true;
  let seenVersion: unknown;
  return {
    noteEnded() {
      isDue = true;
    },
    async eraseEndedSecrets() {
      // Changes when another process has written: the command line, which removes access keys.
      const version = $client.pragma('data_version', { simple: true });
      if (!isDue && version === seenVersion) {
        return true;
      }
      isDue = !emptiesLog($client);
      seenVersion = version;
      return !isDue;
    },
  };
}

/** Writes the log into the database and cuts it off. `false` when a reader still needs it; nobody is waited for, since all requests would wait too. */
function emptiesLog(client: Database['$client']): boolean {
  client.pragma('busy_timeout = 0');
  try {
    const [answer] = client.pragma('wal_checkpoint(TRUNCATE)') as readonly { readonly busy: number }[];
    return answer?.busy === 0;
  } finally {
    client.pragma(`busy_timeout = ${busyTimeoutMs}`);
  }
}
