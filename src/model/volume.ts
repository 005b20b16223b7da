import type { Attachment } from './attachment.ts';
import type { AccountId, SnapshotId, VolumeId } from './ids.ts';
import type { Tag } from './tag.ts';
import type { VolumeType } from './volume-type.ts';

export type VolumeState = 'creating' | 'available' | 'in-use' | 'deleting' | 'error' | 'deleted';

export interface Volume {
  readonly id: VolumeId;
  readonly accountId: AccountId;
  readonly sizeGiB: number;
  readonly type: VolumeType;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  readonly zone: string;
  /** The snapshot it was made from. */
  readonly snapshotId?: SnapshotId;
  /** The volume it was copied from. */
  readonly sourceVolumeId?: VolumeId;
  /** Which of the site's volume servers holds the data. */
  readonly volumeServer: string;
  readonly state: VolumeState;
  /** Why the volume is in its state, in words for the caller; only after something went wrong. */
  readonly stateReason?: string;
  readonly createdAtMs: number;
  readonly tags: readonly Tag[];
  /** It may be attached to several instances at a time; missing means that it may not. */
  readonly multiAttach?: boolean;
  /** How many attachments of it were ever begun: the generation of the newest. */
  readonly attachmentsBegun: number;
  /** The attachments that are not over, the oldest first; more than one only of a volume with multi-attach. */
  readonly attachments: readonly Attachment[];
}

/** What may be begun with a volume in each state: the one table that every use case asks. */
export const volumeCan = {
  creating: { attach: false, detach: false, snapshot: false, delete: false, modify: false },
  available: { attach: true, detach: false, snapshot: true, delete: true, modify: true },
  'in-use': { attach: false, detach: true, snapshot: true, delete: false, modify: true },
  deleting: { attach: false, detach: false, snapshot: false, delete: false, modify: false },
  error: { attach: false, detach: false, snapshot: false, delete: true, modify: false },
  deleted: { attach: false, detach: false, snapshot: false, delete: false, modify: false },
} as const satisfies Record<VolumeState, Record<'attach' | 'detach' | 'snapshot' | 'delete' | 'modify', boolean>>;

/** To how many instances a volume with multi-attach can be attached at a time (EBS user guide, "Attach an EBS volume to multiple EC2 instances"). */
export const maxAttachmentsOfVolume = 16;
