import type { Attachment } from '../../model/attachment.ts';
import type { Volume } from '../../model/volume.ts';
import type { VolumeShape } from '../../model/volume-modification.ts';
import { mapInTurns } from '../../sharing/turn.ts';
import type { VolumeAttachment, Volume as VolumeResponse } from '../api-model/operations.ts';
import { tagSetView } from './tag-set-view.ts';

/** Most volumes of a long list have no attachment. */
const nothing: readonly never[] = [];

/** From here on a list is long. */
const longList = 1_000;
const viewsOfLongLists = new WeakMap<Volume, VolumeResponse>();

/**
 * Volumes as EC2 shows them. A volume is never changed, so that the same one has the same view in every long list; these views are frozen, by which
 * the encoder knows that it need not write them anew.
 */
export async function volumeViews(volumes: readonly Volume[]): Promise<readonly VolumeResponse[]> {
  return mapInTurns(volumes, volumes.length < longList ? volumeView : keptView);
}

function keptView(volume: Volume): VolumeResponse {
  const kept = viewsOfLongLists.get(volume);
  if (kept !== undefined) {
    return kept;
  }
  const view = Object.freeze(volumeView(volume));
  viewsOfLongLists.set(volume, view);
  return view;
}

/** A volume as EC2 shows it. `stateReason` has no member here. */
export function volumeView(volume: Volume): VolumeResponse {
  return {
    VolumeId: volume.id,
    Size: volume.sizeGiB,
    // Clients read the element of a volume made of nothing too, so it is there and empty.
    SnapshotId: volume.snapshotId ?? '',
    SourceVolumeId: volume.sourceVolumeId,
    AvailabilityZone: volume.zone,
    AvailabilityZoneId: volume.zone,
    State: volume.state,
    CreateTime: new Date(volume.createdAtMs),
    VolumeType: volume.type,
    Iops: shownIops(volume),
    Throughput: volume.throughputMiBps,
    Encrypted: false,
    MultiAttachEnabled: volume.multiAttach ?? false,
    Attachments: volume.attachments.length === 0 ? nothing : volume.attachments.map(attachmentView),
    Tags: tagSetView(volume.tags),
  };
}

export function attachmentView(attachment: Attachment): VolumeAttachment {
  return {
    VolumeId: attachment.volumeId,
    InstanceId: attachment.instanceId,
    Device: attachment.device,
    State: attachment.state,
    AttachTime: new Date(attachment.attachedAtMs),
    DeleteOnTermination: attachment.deleteOnTermination,
  };
}

export function shownIops({ type, sizeGiB, iops }: VolumeShape): number | undefined {
  return type === 'gp2' ? gp2BaselineIops(sizeGiB) : iops;
}

/** Three IOPS a GiB within 100 and 16,000 (EBS user guide, "General Purpose SSD volumes"). EC2 shows it though no one may set it. */
function gp2BaselineIops(sizeGiB: number): number {
  return Math.min(16_000, Math.max(100, 3 * sizeGiB));
}
