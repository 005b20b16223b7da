import { asc, eq, sql } from 'drizzle-orm';
import type { RememberedStorage, Store } from '../store.ts';
import type { WriteContext } from './operation-writes.ts';
import { siteFacts } from './schema.ts';

/** A fact of the site for each volume server, whose empty value stands for whichever storage is seen next. */
export function createStorages({
  database,
}: Pick<WriteContext, 'database'>): Pick<Store, 'storage' | 'storages' | 'rememberStorage' | 'acceptStorage'> {
  const put = (volumeServer: string, value: string): void => {
    database
      .insert(siteFacts)
      .values({ name: storageFactOf(volumeServer), value })
      .onConflictDoUpdate({ target: siteFacts.name, set: { value } })
      .run();
  };
  return {
    async storage(volumeServer) {
      const found = database
        .select()
        .from(siteFacts)
        .where(eq(siteFacts.name, storageFactOf(volumeServer)))
        .get();
      return found === undefined ? { state: 'nothing' } : remembered(found.value);
    },
    async storages() {
      const found = database
        .select()
        .from(siteFacts)
        .where(sql`substr(${siteFacts.name}, 1, ${prefix.length}) = ${prefix}`)
        .orderBy(asc(siteFacts.name))
        .all();
      return found.map(({ name, value }) => ({ volumeServer: name.slice(prefix.length), ...remembered(value) }));
    },
    rememberStorage: async (volumeServer, id) => put(volumeServer, id),
    acceptStorage: async (volumeServer) => put(volumeServer, ''),
  };
}

const prefix = 'storage of ';

/** The name of the fact that tells the storage of a volume server. */
export function storageFactOf(volumeServer: string): string {
  return `${prefix}${volumeServer}`;
}

function remembered(value: string): RememberedStorage {
  return value === '' ? { state: 'accepting' } : { state: 'known', id: value };
}
