import type { InstanceId, OperationId, SnapshotId, VolumeId } from './ids.ts';
import type { SnapshotState } from './snapshot.ts';
import type { VolumeState } from './volume.ts';
import type { VolumeModificationState } from './volume-modification.ts';

/**
 * Everything that can be wrong with a caller's request, told by `kind`, with what a message needs.
 * The endpoint turns each kind into an EC2 code, an HTTP status and a text in one exhaustive table; nothing here knows of HTTP.
 */
export type FailureReason =
  | { readonly kind: 'volume-not-found'; readonly volumeIds: readonly VolumeId[] }
  | { readonly kind: 'snapshot-not-found'; readonly snapshotIds: readonly SnapshotId[] }
  | { readonly kind: 'instance-not-found'; readonly instanceIds: readonly InstanceId[] }
  /** No resolver could say whether the instance exists: another answer than "it does not". */
  | { readonly kind: 'resolver-unavailable'; readonly instanceId: InstanceId; readonly resolver: string }
  /** The cloud tells nothing of the instance to the one that VBS asks as: it is another owner's. */
  | { readonly kind: 'instance-not-authorised'; readonly instanceId: InstanceId }
  /** The resolvers named say different things of where the instance is. */
  | { readonly kind: 'instance-contradicted'; readonly instanceId: InstanceId; readonly resolvers: readonly string[] }
  | { readonly kind: 'instance-not-running'; readonly instanceId: InstanceId }
  | { readonly kind: 'volume-state'; readonly volumeId: VolumeId; readonly state: VolumeState; readonly wanted: VolumeState }
  /** Attached, so it may not be attached again or deleted. */
  | { readonly kind: 'volume-in-use'; readonly volumeId: VolumeId; readonly instanceId: InstanceId }
  /** A VM may still reach it, so that it is not used for anything until the operator has cleared it. */
  | { readonly kind: 'volume-barred'; readonly volumeId: VolumeId; readonly operationId: OperationId }
  /** Another change of the same volume or snapshot is under way, or stopped half-way and waits for the operator. */
  | { readonly kind: 'operation-under-way'; readonly resourceId: VolumeId | SnapshotId; readonly operation: string }
  /** It is attached to as many instances as a volume with multi-attach may be. */
  | { readonly kind: 'attachment-limit'; readonly volumeId: VolumeId; readonly most: number }
  | { readonly kind: 'device-in-use'; readonly device: string; readonly instanceId: InstanceId }
  | { readonly kind: 'attachment-not-found'; readonly volumeId: VolumeId; readonly instanceId?: InstanceId; readonly device?: string }
  | { readonly kind: 'snapshot-state'; readonly snapshotId: SnapshotId; readonly state: SnapshotState }
  /** A volume or another snapshot is being made from it; without `readerId`, another account's. */
  | { readonly kind: 'snapshot-in-use'; readonly snapshotId: SnapshotId; readonly readerId?: VolumeId | SnapshotId }
  /** A snapshot or another volume is being made of it. */
  | { readonly kind: 'volume-being-copied'; readonly volumeId: VolumeId; readonly copyId: SnapshotId | VolumeId }
  /** Until when, unless that is not known yet. */
  | { readonly kind: 'snapshot-locked'; readonly snapshotId: SnapshotId; readonly expiresAtMs?: number }
  | { readonly kind: 'snapshot-not-locked'; readonly snapshotId: SnapshotId }
  | { readonly kind: 'zone-not-found'; readonly zone: string; readonly zones: readonly string[] }
  | { readonly kind: 'region-not-found'; readonly region: string }
  | { readonly kind: 'size-smaller-than-snapshot'; readonly sizeGiB: number; readonly snapshotSizeGiB: number }
  | { readonly kind: 'insufficient-capacity'; readonly what: 'volume' | 'snapshot'; readonly sizeGiB: number; readonly waitingGiB?: number }
  | { readonly kind: 'idempotent-parameter-mismatch'; readonly clientToken: string }
  | { readonly kind: 'modification-not-found'; readonly volumeIds: readonly VolumeId[] }
  | { readonly kind: 'modification-under-way'; readonly volumeId: VolumeId; readonly state: VolumeModificationState }
  /** The account's own settings forbid it. */
  | { readonly kind: 'not-permitted'; readonly reason: string }
  /** The account asks for more at a time than the site allows it. Trying again later is right. `reason` is a whole sentence. */
  | { readonly kind: 'request-limit'; readonly reason: string }
  | { readonly kind: 'too-many-tags'; readonly resourceId: VolumeId | SnapshotId }
  /** The request is good and was only to be tried. */
  | { readonly kind: 'dry-run' }
  /** The resource is fine and the site's backends cannot do this with it. */
  | { readonly kind: 'unsupported'; readonly reason: string }
  /** Wrong in itself. `parameter` is the name on the wire; `reason` is a whole sentence. */
  | { readonly kind: 'invalid-parameter-value'; readonly parameter: string; readonly reason: string }
  | { readonly kind: 'invalid-parameter-combination'; readonly reason: string }
  | { readonly kind: 'invalid-parameter-dependency'; readonly reason: string }
  | { readonly kind: 'missing-parameter'; readonly parameter: string }
  /** The service itself cannot take the request now (shutting down, its disk full). Trying again later is right. */
  | { readonly kind: 'unavailable'; readonly reason: string };

export type FailureKind = FailureReason['kind'];

/** The caller's request cannot be done; the caller can be told why. */
export class Failure extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, options?: ErrorOptions) {
    super(reason.kind, options);
    this.name = 'Failure';
    this.reason = reason;
  }
}
