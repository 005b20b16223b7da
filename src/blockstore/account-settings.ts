import type { PublicAccess } from '../model/snapshot-permission.ts';
import { endDryRun } from './begin-or-recheck.ts';
import type { AccountSettings } from './blockstore.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

/** What EBS encrypts with when an account names no other key. */
const defaultKmsKeyId = 'alias/aws/ebs';

export function createAccountSettings({ store }: Pick<UseCaseDependencies, 'store'>): AccountSettings {
  const read: AccountSettings['read'] = async ({ accountId }) => ({
    encryptsByDefault: (await store.accountSetting(accountId, 'encryption-by-default')) === 'true',
    defaultKmsKeyId: (await store.accountSetting(accountId, 'default-kms-key')) ?? defaultKmsKeyId,
    snapshotPublicAccess: ((await store.accountSetting(accountId, 'snapshot-public-access')) ?? 'unblocked') as PublicAccess,
  });
  return {
    read,

    async change(caller, changes, { dryRun }) {
      endDryRun(dryRun);
      const { accountId } = caller;
      if (changes.encryptsByDefault !== undefined) {
        await store.putAccountSetting(accountId, 'encryption-by-default', changes.encryptsByDefault ? 'true' : undefined);
      }
      if (changes.defaultKmsKeyId !== undefined) {
        await store.putAccountSetting(accountId, 'default-kms-key', changes.defaultKmsKeyId ?? undefined);
      }
      if (changes.snapshotPublicAccess !== undefined) {
        const access = changes.snapshotPublicAccess;
        await store.putAccountSetting(accountId, 'snapshot-public-access', access === 'unblocked' ? undefined : access);
      }
      return read(caller);
    },
  };
}
