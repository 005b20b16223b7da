import type { AccountId, SnapshotId, VolumeId } from './ids.ts';
import type { Tag } from './tag.ts';

export type SnapshotState = 'pending' | 'completed' | 'error' | 'deleting' | 'deleted';

export interface Snapshot {
  readonly id: SnapshotId;
  readonly accountId: AccountId;
  readonly volumeId: VolumeId;
  /** The size of the volume when the snapshot was asked for. */
  readonly volumeSizeGiB: number;
  /** Which of the site's volume servers holds the data. */
  readonly volumeServer: string;
  readonly description: string;
  readonly state: SnapshotState;
  readonly stateReason?: string;
  /** 0 to 100. */
  readonly progressPercent: number;
  readonly startedAtMs: number;
  readonly completedAtMs?: number;
  readonly tags: readonly Tag[];
}

/** What may be begun with a snapshot in each state. */
export const snapshotCan = {
  pending: { createVolume: false, delete: false },
  completed: { createVolume: true, delete: true },
  error: { createVolume: false, delete: true },
  deleting: { createVolume: false, delete: false },
  deleted: { createVolume: false, delete: false },
} as const satisfies Record<SnapshotState, Record<'createVolume' | 'delete', boolean>>;
