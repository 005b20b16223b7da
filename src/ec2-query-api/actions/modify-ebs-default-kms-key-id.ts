import { ApiError } from '../errors.ts';
import type { Action } from './action.ts';

/** A key's id, its alias, or the ARN of either. There is no KMS to ask for it. */
const kmsKeyForm = /^[A-Za-z0-9:/_-]{1,2048}$/;

export const modifyEbsDefaultKmsKeyId: Action<'ModifyEbsDefaultKmsKeyId'> = {
  members: { KmsKeyId: 'honoured', DryRun: 'honoured' },
  async perform({ KmsKeyId, DryRun }, { blockstore, caller }) {
    if (!kmsKeyForm.test(KmsKeyId)) throw new ApiError('InvalidParameterValue', 'The KMS key is no key id, alias or ARN.');
    const changed = await blockstore.accountSettings.change(caller, { defaultKmsKeyId: KmsKeyId }, { dryRun: DryRun ?? false });
    return { KmsKeyId: changed.defaultKmsKeyId };
  },
};
