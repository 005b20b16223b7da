import type { VolumeModification } from '../../model/volume-modification.ts';
import type { VolumeModification as VolumeModificationResponse } from '../api-model/operations.ts';
import { shownIops } from './volume-view.ts';

export function volumeModificationView({ original, target, ...modification }: VolumeModification): VolumeModificationResponse {
  return {
    VolumeId: modification.volumeId,
    ModificationState: modification.state,
    StatusMessage: modification.stateReason,
    TargetSize: target.sizeGiB,
    TargetIops: shownIops(target),
    TargetVolumeType: target.type,
    TargetThroughput: target.throughputMiBps,
    TargetMultiAttachEnabled: target.multiAttach ?? false,
    OriginalSize: original.sizeGiB,
    OriginalIops: shownIops(original),
    OriginalVolumeType: original.type,
    OriginalThroughput: original.throughputMiBps,
    OriginalMultiAttachEnabled: original.multiAttach ?? false,
    Progress: modification.progressPercent,
    StartTime: new Date(modification.startedAtMs),
    EndTime: modification.endedAtMs === undefined ? undefined : new Date(modification.endedAtMs),
  };
}
