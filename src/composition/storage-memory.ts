import type { RecalledStorage, StorageMemory } from '../drivers/command/storage.ts';
import type { Store } from '../store/store.ts';

/** Kept in the database, so that a start of the service is no reason to trust whatever is there. */
export function lastingStorageMemory(
  store: Pick<Store, 'storage' | 'rememberStorage' | 'inventory'>,
  volumeServer: string,
  newId: () => string,
): StorageMemory {
  return {
    recall: () => store.storage(volumeServer),
    remember: (id) => store.rememberStorage(volumeServer, id),
    async expected() {
      const { volumes, snapshots, changing } = await store.inventory('everything');
      return [
        ...volumes.filter(({ state }) => state === 'available' || state === 'in-use'),
        ...snapshots.filter(({ state }) => state === 'completed'),
      ]
        .filter((each) => each.volumeServer === volumeServer && !changing.has(each.id))
        .map(({ id }) => id);
    },
    newId,
  };
}

/** For as long as the process runs: of a backend that is only tried out. */
export function briefStorageMemory(newId: () => string): StorageMemory {
  let recalled: RecalledStorage = { state: 'nothing' };
  return {
    recall: async () => recalled,
    remember: async (id) => {
      recalled = { state: 'known', id };
    },
    expected: async () => [],
    newId,
  };
}
