import { ApiError } from '../errors.ts';
import type { Action } from './action.ts';

export const enableSnapshotBlockPublicAccess: Action<'EnableSnapshotBlockPublicAccess'> = {
  members: { State: 'honoured', DryRun: 'honoured' },
  async perform({ State: state, DryRun }, { blockstore, caller }) {
    if (state !== 'block-all-sharing' && state !== 'block-new-sharing') {
      throw new ApiError('InvalidParameterValue', 'The state must be block-all-sharing or block-new-sharing.');
    }
    const changed = await blockstore.accountSettings.change(caller, { snapshotPublicAccess: state }, { dryRun: DryRun ?? false });
    return { State: changed.snapshotPublicAccess };
  },
};
