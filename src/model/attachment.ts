import type { AttachmentId, InstanceId, VolumeId } from './ids.ts';
import type { Placement } from './placement.ts';

/** `busy`: a detach was asked for and the VM did not let go; the disk still works and the detach can be asked for again. */
export type AttachmentState = 'attaching' | 'attached' | 'detaching' | 'busy' | 'detached';

/** A volume in a VM, or on its way there or back. */
export interface Attachment {
  readonly id: AttachmentId;
  readonly volumeId: VolumeId;
  /** The how-manieth attachment of its volume it is, from 1: a later one has a higher number. */
  readonly generation: number;
  readonly instanceId: InstanceId;
  /** The device name exactly as the caller gave it (`/dev/sdf`); clients compare it letter by letter. */
  readonly device: string;
  readonly placement: Placement;
  readonly state: AttachmentState;
  /** Why the attachment is where it is, in words for the caller; only after something went wrong. */
  readonly stateReason?: string;
  readonly attachedAtMs: number;
  readonly deleteOnTermination: boolean;
}
