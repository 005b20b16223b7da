import { and, eq, sql } from 'drizzle-orm';
import type { Store, WipeName } from '../store.ts';
import { prepareWipes } from './inventory.ts';
import { isNotRecycled } from './is-not-recycled.ts';
import type { WriteContext } from './operation-writes.ts';
import { readInParts } from './read-in-parts.ts';
import { ids, snapshots, volumes, wipes } from './schema.ts';

export function createWipes({
  database,
  clock,
}: WriteContext): Pick<Store, 'wipes' | 'beginWipe' | 'recordWiped' | 'failWipe' | 'finishWipe'> {
  const readWipes = prepareWipes(database);
  const isIt = ({ volumeServer, name }: WipeName) => and(eq(wipes.volumeServer, volumeServer), eq(wipes.name, name));

  return {
    async wipes() {
      const found = await readInParts(readWipes);
      return [...found].sort((one, other) => one.waitingSinceMs - other.waitingSinceMs || (one.name < other.name ? -1 : 1));
    },

    async beginWipe({ volumeServer, name, was, bytes }) {
      // What was never whole is called otherwise, and nobody can have its data under its id.
      const id = /(?:vol|snap)-[0-9a-f]+/.exec(was)?.[0] ?? '';
      const mayBeWiped = sql`EXISTS (SELECT 1 FROM ${ids} WHERE ${ids.id} = ${id})
        AND NOT EXISTS (SELECT 1 FROM ${volumes} WHERE ${volumes.id} = ${was}
          AND (${volumes.state} IN ('available', 'in-use') OR NOT ${isNotRecycled(volumes.id)}))
        AND NOT EXISTS (SELECT 1 FROM ${snapshots} WHERE ${snapshots.id} = ${was}
          AND (${snapshots.state} = 'completed' OR NOT ${isNotRecycled(snapshots.id)}))`;
      const { changes } = database.run(sql`
        INSERT INTO ${wipes} (volume_server, name, bytes, waiting_since_ms)
        SELECT ${volumeServer}, ${name}, ${bytes}, ${clock()} WHERE ${mayBeWiped}
        ON CONFLICT DO NOTHING`);
      const isThere = changes === 1 || database.select({ name: wipes.name }).from(wipes).where(isIt({ volumeServer, name })).get();
      return isThere ? { outcome: 'done' } : { outcome: 'refused', reason: 'not-deleted' };
    },

    async recordWiped(wipe, wipedBytes) {
      return database.update(wipes).set({ wipedBytes, failure: null, failedAtMs: null }).where(isIt(wipe)).run().changes === 1;
    },

    async failWipe(wipe, { reason, startOver }) {
      database
        .update(wipes)
        .set({ failure: reason, failedAtMs: clock(), ...(startOver && { wipedBytes: 0 }) })
        .where(isIt(wipe))
        .run();
    },

    async finishWipe(wipe) {
      database.delete(wipes).where(isIt(wipe)).run();
    },
  };
}
