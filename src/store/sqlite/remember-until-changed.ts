import { sql } from 'drizzle-orm';
import type { Database } from './open-database.ts';

/**
 * Answers what was read before as long as the database is the same, and never anything older: SQLite itself says whether it is. `data_version`
 * moves with every commit of another connection, be it another process, and `total_changes` with every row that this one changes
 * (https://www.sqlite.org/pragma.html#pragma_data_version). Both are asked for before reading, so that a commit in between only makes the next
 * call read again. What is answered is shared, and not to be changed by anyone.
 */
export function rememberUntilChanged<Key, Value>(database: Database, read: (key: Key) => Value): (key: Key) => Value {
  const counters = database
    .select({ others: sql<number>`data_version`, own: sql<number>`total_changes()` })
    .from(sql`pragma_data_version`)
    .prepare();
  const remembered = new Map<Key, Value>();
  let others: number | undefined;
  let own: number | undefined;
  return (key) => {
    const now = counters.get();
    if (now === undefined || now.others !== others || now.own !== own) {
      remembered.clear();
      others = now?.others;
      own = now?.own;
    }
    const known = remembered.get(key);
    if (known !== undefined) {
      return known;
    }
    const value = read(key);
    remembered.set(key, value);
    return value;
  };
}
