import type { Action } from './action.ts';

export const enableEbsEncryptionByDefault: Action<'EnableEbsEncryptionByDefault'> = {
  members: { DryRun: 'honoured' },
  async perform({ DryRun }, { blockstore, caller }) {
    // Kept, and from then on no volume is made for the account: none could be encrypted.
    const changed = await blockstore.accountSettings.change(caller, { encryptsByDefault: true }, { dryRun: DryRun ?? false });
    return { EbsEncryptionByDefault: changed.encryptsByDefault };
  },
};
