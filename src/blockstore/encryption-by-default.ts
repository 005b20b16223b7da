import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { Store } from '../store/store.ts';

/** Throws when the account wants all that it makes to be encrypted, which nothing here is. */
export async function refuseEncryptedByDefault(store: Store, { accountId }: Caller, what: 'volumes' | 'snapshots'): Promise<void> {
  if ((await store.accountSetting(accountId, 'encryption-by-default')) !== undefined) {
    throw new Failure({
      kind: 'unsupported',
      reason: `The account encrypts by default, and this service does not encrypt ${what}. Turn that off with DisableEbsEncryptionByDefault.`,
    });
  }
}
