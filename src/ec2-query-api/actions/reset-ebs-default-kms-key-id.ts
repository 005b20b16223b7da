import type { Action } from './action.ts';

export const resetEbsDefaultKmsKeyId: Action<'ResetEbsDefaultKmsKeyId'> = {
  members: { DryRun: 'honoured' },
  async perform({ DryRun }, { blockstore, caller }) {
    const changed = await blockstore.accountSettings.change(caller, { defaultKmsKeyId: null }, { dryRun: DryRun ?? false });
    return { KmsKeyId: changed.defaultKmsKeyId };
  },
};
