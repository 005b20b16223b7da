import { eq } from 'drizzle-orm';
import type { Store } from '../store.ts';
import type { WriteContext } from './operation-writes.ts';
import { siteFacts } from './schema.ts';

export function createSiteFacts({ database }: Pick<WriteContext, 'database'>): Pick<Store, 'siteFact' | 'decideSiteFact'> {
  return {
    async siteFact(name) {
      return database.select({ value: siteFacts.value }).from(siteFacts).where(eq(siteFacts.name, name)).get()?.value;
    },

    async decideSiteFact(name, value) {
      database.insert(siteFacts).values({ name, value }).onConflictDoNothing().run();
    },
  };
}
