import type { AccountId } from '../model/ids.ts';
import type { Store } from '../store/store.ts';

/**
 * The account of whoever operates the site: what the settings say, or what was decided by an earlier start. Decided it is by the first start that finds
 * an access key, for the account of the oldest one; `firstAccount` is that of the key which a start makes that finds none.
 */
export async function operatorAccount(
  store: Pick<Store, 'accessKeys' | 'siteFact' | 'decideSiteFact'>,
  { settings, firstAccount }: { readonly settings: { readonly operatorAccount?: string | undefined }; readonly firstAccount: AccountId },
): Promise<AccountId> {
  if (settings.operatorAccount !== undefined) {
    return settings.operatorAccount as AccountId;
  }
  const decided = await store.siteFact('operator-account');
  if (decided !== undefined) {
    return decided as AccountId;
  }
  const keys = await store.accessKeys.list();
  // A temporary key may have been made for anybody.
  const oldest = keys.find(({ session }) => session === undefined) ?? keys[0];
  if (oldest === undefined) {
    // Not kept before the key is made: until then somebody may make one for another account.
    return firstAccount;
  }
  await store.decideSiteFact('operator-account', oldest.accountId);
  return oldest.accountId;
}
