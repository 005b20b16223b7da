import { parseAccountId } from '../../model/ids.ts';
import type { Grantee } from '../../model/snapshot-permission.ts';
import { ApiError } from '../errors.ts';
import { shorten } from '../wire/nest-params.ts';

export const sharingAttribute = 'createVolumePermission';

/** Throws unless the attribute is one that a snapshot has and that can be changed. */
export function requireSharingAttribute(attribute: string): void {
  if (attribute !== sharingAttribute) {
    throw new ApiError(
      'InvalidParameterValue',
      `Value (${shorten(attribute)}) for parameter attribute is invalid. Expected: ${sharingAttribute}.`,
    );
  }
}

export function readAccountGrantee(text: string): Grantee {
  const accountId = parseAccountId(text.replaceAll('-', ''));
  if (accountId === undefined) throw new ApiError('InvalidUserID.Malformed', `Invalid user id: "${shorten(text)}"`);
  return accountId;
}

export function readGroupGrantee(text: string): Grantee {
  if (text !== 'all')
    throw new ApiError('InvalidParameterValue', `Value (${shorten(text)}) for parameter group is invalid. Expected: all.`);
  return text;
}
