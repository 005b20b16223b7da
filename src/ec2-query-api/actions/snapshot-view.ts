import type { Snapshot } from '../../model/snapshot.ts';
import type { Snapshot as SnapshotResponse } from '../api-model/operations.ts';
import { tagSetView } from './tag-set-view.ts';

export function snapshotView(snapshot: Snapshot): SnapshotResponse {
  return {
    SnapshotId: snapshot.id,
    VolumeId: snapshot.volumeId,
    VolumeSize: snapshot.volumeSizeGiB,
    State: snapshot.state,
    StateMessage: snapshot.stateReason,
    StartTime: new Date(snapshot.startedAtMs),
    CompletionTime: snapshot.completedAtMs === undefined ? undefined : new Date(snapshot.completedAtMs),
    Progress: snapshotProgress(snapshot),
    OwnerId: snapshot.accountId,
    Description: snapshot.description,
    Encrypted: false,
    StorageTier: 'standard',
    Tags: tagSetView(snapshot.tags),
  };
}

/** Progress as the wire and the filter of that name write it. */
export function snapshotProgress(snapshot: Snapshot): string {
  return `${Math.floor(snapshot.progressPercent)}%`;
}
