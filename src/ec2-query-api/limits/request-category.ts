import type { ActionName } from '../actions/action.ts';
import type { ParamTree } from '../wire/nest-params.ts';

/** The categories of EC2's throttling (EC2 developer guide, "Request throttling for the Amazon EC2 API"), each with a size of its own. */
export type RequestCategory = 'describe' | 'describeEverything' | 'change' | 'intensive' | 'tags';

const reads = /^(Describe|Get|List)/;

/** Those that read whatever the account has, unless they are told what of it. */
const listings: ReadonlySet<ActionName> = new Set<ActionName>([
  'DescribeInstances',
  'DescribeLockedSnapshots',
  'DescribeSnapshots',
  'DescribeTags',
  'DescribeVolumes',
  'DescribeVolumesModifications',
  'DescribeVolumeStatus',
  'ListSnapshotsInRecycleBin',
  'ListVolumesInRecycleBin',
]);

const naming = ['VolumeId', 'SnapshotId', 'InstanceId'] as const;
const narrowing = [...naming, 'Filter', 'MaxResults', 'NextToken'] as const;

/** EC2's own list, and the copies. */
const intensive: ReadonlySet<ActionName> = new Set<ActionName>([
  'CopySnapshot',
  'CopyVolumes',
  'CreateSnapshot',
  'CreateSnapshots',
  'CreateVolume',
  'DeleteSnapshot',
  'DeleteVolume',
  'ModifySnapshotAttribute',
]);

/** `members` are the parameters of the request, which are not read yet. */
export function requestCategory(action: ActionName, members: ParamTree): RequestCategory {
  if (reads.test(action)) {
    return listings.has(action) && !narrowing.some((member) => members.has(member)) ? 'describeEverything' : 'describe';
  }
  if (action === 'CreateTags' || action === 'DeleteTags') {
    return 'tags';
  }
  return intensive.has(action) ? 'intensive' : 'change';
}

/** Whether as much may have to be read as the account has, however little of it is asked for. */
export function isListing(action: ActionName, members: ParamTree): boolean {
  return listings.has(action) && !naming.some((member) => members.has(member));
}
