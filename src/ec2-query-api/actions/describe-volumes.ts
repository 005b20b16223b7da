import type { Attachment } from '../../model/attachment.ts';
import type { Volume } from '../../model/volume.ts';
import { compileFilters, type FilterTable } from '../wire/filters.ts';
import { compilePage } from '../wire/paging.ts';
import { type Action, stopDryRun } from './action.ts';
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
    const volumeIds = readIds(request.VolumeIds, readVolumeId);
    const passes = compileFilters(request.Filters, volumeFilters);
    const takePage = compilePage<Volume>(request, { kind: 'volume', idsGiven: volumeIds !== undefined, idOf: (volume) => volume.id });
    stopDryRun(request.DryRun);
    const volumes = await blockstore.volumes.list(caller, volumeIds);
    // A list that nothing is taken out of stays the same object, so that its views need not be made again.
    const page = takePage(request.Filters === undefined ? volumes : volumes.filter(passes));
    return { Volumes: volumeViews(page.items), NextToken: page.nextToken };
  },
};

function ofAttachments(textOf: (attachment: Attachment) => string): (volume: Volume) => readonly string[] {
  return (volume) => volume.attachments.map(textOf);
}
