import { type Action, stopDryRun } from './action.ts';

export const getSnapshotBlockPublicAccessState: Action<'GetSnapshotBlockPublicAccessState'> = {
  members: { DryRun: 'honoured' },
  async perform({ DryRun }, { blockstore, caller }) {
    stopDryRun(DryRun);
    return { State: (await blockstore.accountSettings.read(caller)).snapshotPublicAccess, ManagedBy: 'account' };
  },
};
