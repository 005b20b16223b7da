import type { Grantee } from '../../model/snapshot-permission.ts';
import type { CreateVolumePermission, ModifySnapshotAttributeRequest } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import type { Action } from './action.ts';
import { readSnapshotId } from './resource-ids.ts';
import { readAccountGrantee, readGroupGrantee, requireSharingAttribute, sharingAttribute } from './snapshot-attribute.ts';

export const modifySnapshotAttribute: Action<'ModifySnapshotAttribute'> = {
  members: {
    SnapshotId: 'honoured',
    Attribute: 'honoured',
    CreateVolumePermission: 'honoured',
    OperationType: 'honoured',
    UserIds: 'honoured',
    GroupNames: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    requireSharingAttribute(request.Attribute ?? sharingAttribute);
    const changes = readChanges(request);
    if (changes.add.length + changes.remove.length === 0) {
      throw new ApiError('MissingParameter', 'The request must contain the parameter CreateVolumePermission');
    }
    await blockstore.snapshotPermissions.change(caller, {
      snapshotId: readSnapshotId(request.SnapshotId),
      ...changes,
      dryRun: request.DryRun ?? false,
    });
    return undefined;
  },
};

/** There are two forms: one list to add or to remove by the type of operation, and a structure with both. */
function readChanges(request: ModifySnapshotAttributeRequest): { readonly add: readonly Grantee[]; readonly remove: readonly Grantee[] } {
  const { OperationType: operation, CreateVolumePermission: both } = request;
  const listed = [...(request.UserIds ?? []).map(readAccountGrantee), ...(request.GroupNames ?? []).map(readGroupGrantee)];
  if (operation !== undefined && operation !== 'add' && operation !== 'remove') {
    throw new ApiError('InvalidParameterValue', 'The operation type must be add or remove.');
  }
  if (listed.length > 0 && operation === undefined) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter OperationType');
  }
  return {
    add: [...(operation === 'add' ? listed : []), ...(both?.Add ?? []).map(readPermission)],
    remove: [...(operation === 'remove' ? listed : []), ...(both?.Remove ?? []).map(readPermission)],
  };
}

function readPermission({ UserId: userId, Group: group }: CreateVolumePermission): Grantee {
  if ((userId === undefined) === (group === undefined)) {
    throw new ApiError('InvalidParameterCombination', 'A permission is either for a UserId or for a Group.');
  }
  return userId === undefined ? readGroupGrantee(group ?? '') : readAccountGrantee(userId);
}
