import type { VolumeId } from './ids.ts';
import type { VolumeType } from './volume-type.ts';

/**
 * `modifying`: the volume still has its old size. `optimizing`: it has its new one, which is being checked; it can be used.
 * `failed`: it stays as it was, with the reason; asking again goes on from there.
 */
export type VolumeModificationState = 'modifying' | 'optimizing' | 'completed' | 'failed';

/** What of a volume can be modified. */
export interface VolumeShape {
  readonly sizeGiB: number;
  readonly type: VolumeType;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly multiAttach?: boolean;
}

/** The last modification of a volume; an earlier one is forgotten. */
export interface VolumeModification {
  readonly volumeId: VolumeId;
  readonly state: VolumeModificationState;
  readonly stateReason?: string;
  readonly original: VolumeShape;
  readonly target: VolumeShape;
  /** 0 to 100. */
  readonly progressPercent: number;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
}
