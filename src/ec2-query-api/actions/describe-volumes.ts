import type { Attachment } from '../../model/attachment.ts';
import type { Volume } from '../../model/volume.ts';
import type { FilterTable } from '../wire/filters.ts';
import type { Action } from './action.ts';
import { listPage } from './list-page.ts';
import { readIds, readVolumeId } from './resource-ids.ts';
import { volumeViews } from './volume-view.ts';

const volumeFilters: FilterTable<Volume> = {
  fields: {
    'attachment.attach-time': ofAttachments((attachment) => new Date(attachment.attachedAtMs).toISOString()),
    'attachment.delete-on-termination': ofAttachments((attachment) => String(attachment.deleteOnTermination)),
    'attachment.device': ofAttachments((attachment) => attachment.device),
    'attachment.instance-id': ofAttachments((attachment) => attachment.instanceId),
    'attachment.status': ofAttachments((attachment) => attachment.state),
    'availability-zone': (volume) => [volume.zone],
    'availability-zone-id': (volume) => [volume.zone],
    'create-time': (volume) => [new Date(volume.createdAtMs).toISOString()],
    encrypted: () => ['false'],
    'fast-restored': () => ['false'],
    'multi-attach-enabled': (volume) => [String(volume.multiAttach ?? false)],
    'operator.managed': () => ['false'],
    'operator.principal': () => [],
    size: (volume) => [String(volume.sizeGiB)],
    'snapshot-id': (volume) => (volume.snapshotId === undefined ? [] : [volume.snapshotId]),
    status: (volume) => [volume.state],
    'volume-id': (volume) => [volume.id],
    'volume-type': (volume) => [volume.type],
  },
  tagsOf: (volume) => volume.tags,
};

export const describeVolumes: Action<'DescribeVolumes'> = {
  members: {
    VolumeIds: 'honoured',
    Filters: 'honoured',
    MaxResults: 'honoured',
    NextToken: 'honoured',
    // No volume is managed by an AWS service, so with or without them the answer is the same.
    IncludeManagedResources: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const ids = readIds(request.VolumeIds, readVolumeId);
    const page = await listPage<Volume>(request, {
      ...{ kind: 'volume', ids, filters: volumeFilters, idOf: ({ id }) => id },
      list: () => blockstore.volumes.list(caller, ids),
      listAfter: (range) => blockstore.volumes.listAfter(caller, range),
    });
    return { Volumes: await volumeViews(page.items), NextToken: page.nextToken };
  },
};

function ofAttachments(textOf: (attachment: Attachment) => string): (volume: Volume) => readonly string[] {
  return (volume) => volume.attachments.map(textOf);
}
