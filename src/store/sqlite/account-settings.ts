import { and, eq, sql } from 'drizzle-orm';
import type { Store } from '../store.ts';
import { compiled } from './compiled.ts';
import type { WriteContext } from './operation-writes.ts';
import { accountSettings } from './schema.ts';

type AccountSettings = Pick<Store, 'accountSetting' | 'putAccountSetting'>;

export function createAccountSettings({ database }: WriteContext): AccountSettings {
  // Asked for with everything that is made.
  const settingOf = compiled<readonly [value: string]>(database, () =>
    database
      .select({ value: accountSettings.value })
      .from(accountSettings)
      .where(and(eq(accountSettings.accountId, sql.placeholder('accountId')), eq(accountSettings.name, sql.placeholder('name')))),
  );
  return {
    async accountSetting(accountId, name) {
      return settingOf.get({ accountId, name })?.[0];
    },

    async putAccountSetting(accountId, name, value) {
      if (value === undefined) {
        database
          .delete(accountSettings)
          .where(and(eq(accountSettings.accountId, accountId), eq(accountSettings.name, name)))
          .run();
        return;
      }
      database
        .insert(accountSettings)
        .values({ accountId, name, value })
        .onConflictDoUpdate({ target: [accountSettings.accountId, accountSettings.name], set: { value } })
        .run();
    },
  };
}
