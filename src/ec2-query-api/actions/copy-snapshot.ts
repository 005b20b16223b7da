import { Failure } from '../../model/failure.ts';
import type { CopySnapshotRequest } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { type Action, unsupported, unsupportedUnless } from './action.ts';
import { readDescription } from './description.ts';
import { readSnapshotId } from './resource-ids.ts';
import { tagSetView } from './tag-set-view.ts';
import { readTagSpecifications } from './tag-specifications.ts';

export const copySnapshot: Action<'CopySnapshot'> = {
  members: {
    SourceRegion: 'honoured',
    DestinationRegion: 'honoured',
    SourceSnapshotId: 'honoured',
    Description: 'honoured',
    TagSpecifications: 'honoured',
    DestinationOutpostArn: unsupported('The parameter DestinationOutpostArn is not supported: there are no Outposts.'),
    DestinationAvailabilityZone: unsupported('The parameter DestinationAvailabilityZone is not supported: there are no Local Zones.'),
    Encrypted: unsupportedUnless(false, 'The parameter Encrypted is not supported: snapshots are not encrypted by this service.'),
    KmsKeyId: {
      refuse: { kind: 'invalid-parameter-dependency', reason: 'The parameter KmsKeyId requires the parameter Encrypted to be set.' },
    },
    PresignedUrl: 'honoured',
    CompletionDurationMinutes: unsupported(
      'The parameter CompletionDurationMinutes is not supported: a copy takes as long as the volume server needs.',
    ),
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller, region }) {
    for (const named of [request.SourceRegion, request.DestinationRegion]) {
      if (named !== undefined && named !== region) throw new Failure({ kind: 'region-not-found', region: named });
    }
    refuseOtherRequest(request);
    const snapshot = await blockstore.snapshots.copy(caller, {
      snapshotId: readSnapshotId(request.SourceSnapshotId),
      description: readDescription(request.Description),
      tags: readTagSpecifications(request.TagSpecifications, 'snapshot'),
      dryRun: request.DryRun ?? false,
    });
    return { SnapshotId: snapshot.id, Tags: tagSetView(snapshot.tags) };
  },
};

/**
 * SDKs send the same request once more, signed for the source's region to be asked by the destination's. There is one region, so nobody
 * has to be asked; but one that is for another snapshot is a mistake.
 */
function refuseOtherRequest({ PresignedUrl: url, SourceSnapshotId: snapshotId }: CopySnapshotRequest): void {
  if (url === undefined) return;
  const named = URL.canParse(url) ? new URL(url).searchParams.get('SourceSnapshotId') : null;
  if (named !== snapshotId) throw new ApiError('InvalidParameterValue', 'The PresignedUrl is not for a copy of the same snapshot.');
}
