import { type Action, stopDryRun } from './action.ts';

export const getEbsDefaultKmsKeyId: Action<'GetEbsDefaultKmsKeyId'> = {
  members: { DryRun: 'honoured' },
  async perform({ DryRun }, { blockstore, caller }) {
    stopDryRun(DryRun);
    return { KmsKeyId: (await blockstore.accountSettings.read(caller)).defaultKmsKeyId };
  },
};
