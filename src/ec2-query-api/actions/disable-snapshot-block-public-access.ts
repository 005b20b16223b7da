import type { Action } from './action.ts';

export const disableSnapshotBlockPublicAccess: Action<'DisableSnapshotBlockPublicAccess'> = {
  members: { DryRun: 'honoured' },
  async perform({ DryRun }, { blockstore, caller }) {
    const changed = await blockstore.accountSettings.change(caller, { snapshotPublicAccess: 'unblocked' }, { dryRun: DryRun ?? false });
    return { State: changed.snapshotPublicAccess };
  },
};
