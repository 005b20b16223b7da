import { type Action, stopDryRun } from './action.ts';

export const getEbsEncryptionByDefault: Action<'GetEbsEncryptionByDefault'> = {
  members: { DryRun: 'honoured' },
  async perform({ DryRun }, { blockstore, caller }) {
    stopDryRun(DryRun);
    return { EbsEncryptionByDefault: (await blockstore.accountSettings.read(caller)).encryptsByDefault };
  },
};
