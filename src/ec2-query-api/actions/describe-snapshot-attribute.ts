import { ApiError } from '../errors.ts';
import { type Action, stopDryRun } from './action.ts';
import { readSnapshotId } from './resource-ids.ts';
import { sharingAttribute } from './snapshot-attribute.ts';

export const describeSnapshotAttribute: Action<'DescribeSnapshotAttribute'> = {
  members: { Attribute: 'honoured', SnapshotId: 'honoured', DryRun: 'honoured' },
  async perform({ Attribute: attribute, SnapshotId, DryRun }, { blockstore, caller }) {
    if (attribute !== sharingAttribute && attribute !== 'productCodes') {
      throw new ApiError('InvalidParameterValue', `The attribute must be ${sharingAttribute} or productCodes.`);
    }
    const snapshotId = readSnapshotId(SnapshotId);
    const grantees = await blockstore.snapshotPermissions.list(caller, snapshotId);
    stopDryRun(DryRun);
    // Product codes are Amazon's marketplace's.
    if (attribute === 'productCodes') return { SnapshotId: snapshotId, ProductCodes: [] };
    return {
      SnapshotId: snapshotId,
      CreateVolumePermissions: grantees.map((grantee) => (grantee === 'all' ? { Group: grantee } : { UserId: grantee })),
    };
  },
};
