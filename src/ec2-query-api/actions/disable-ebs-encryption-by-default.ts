import type { Action } from './action.ts';

export const disableEbsEncryptionByDefault: Action<'DisableEbsEncryptionByDefault'> = {
  members: { DryRun: 'honoured' },
  async perform({ DryRun }, { blockstore, caller }) {
    const changed = await blockstore.accountSettings.change(caller, { encryptsByDefault: false }, { dryRun: DryRun ?? false });
    return { EbsEncryptionByDefault: changed.encryptsByDefault };
  },
};
