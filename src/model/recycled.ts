import type { SnapshotId, VolumeId } from './ids.ts';
import type { VolumeType } from './volume-type.ts';

/** What is in the recycle bin: deleted by its owner, who can have it back until it exits. */
interface Recycled {
  readonly enteredAtMs: number;
  /** From then on it is deleted in earnest. */
  readonly exitsAtMs: number;
}

export interface RecycledVolume extends Recycled {
  readonly id: VolumeId;
  readonly sizeGiB: number;
  readonly type: VolumeType;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly zone: string;
  readonly snapshotId?: SnapshotId;
  readonly sourceVolumeId?: VolumeId;
  readonly createdAtMs: number;
}

export interface RecycledSnapshot extends Recycled {
  readonly id: SnapshotId;
  readonly volumeId: VolumeId;
  readonly description: string;
}

/** For how long what is deleted stays in the recycle bin. 0: it does not come there. */
export interface Retention {
  readonly volumesMs: number;
  readonly snapshotsMs: number;
}
