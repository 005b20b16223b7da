import type { AccountInstance, Blockstore, WithAttachments, WithState } from '../../src/blockstore/blockstore.ts';
import type { Caller } from '../../src/model/caller.ts';
import type { InstanceId } from '../../src/model/ids.ts';

/** Instances with all that DescribeInstances shows of them. */
export async function shownInstances(
  { instances }: Pick<Blockstore, 'instances'>,
  caller: Caller,
  instanceIds?: readonly InstanceId[],
): Promise<readonly WithState<WithAttachments<AccountInstance>>[]> {
  return instances.states(caller, await instances.attachments(caller, await instances.list(caller, instanceIds)));
}
