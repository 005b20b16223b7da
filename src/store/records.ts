import type { Attachment, AttachmentState } from '../model/attachment.ts';
import type { IdRange } from '../model/id-range.ts';
import type { AccountId, AttachmentId, InstanceId, OperationId, SnapshotId, VolumeId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { KeySession } from '../model/key-session.ts';
import type { Snapshot, SnapshotState } from '../model/snapshot.ts';
import type { SnapshotLock } from '../model/snapshot-lock.ts';
import type { Grantee } from '../model/snapshot-permission.ts';
import type { Volume, VolumeState } from '../model/volume.ts';
import type { Operation, OperationState } from '../saga/operation.ts';

/** How a volume goes with its last attachment: by an operation, which is begun then, or into the recycle bin for a time. */
export type Deletion = { readonly operation: Omit<NewOperation, 'accountId'> } | { readonly retentionMs: number };

/** What its deletion needs to know. */
export type ExpiredResource = {
  readonly accountId: AccountId;
  readonly volumeServer: string;
  readonly sizeGiB: number;
  readonly volumeId: VolumeId;
} & ({ readonly kind: 'volume' } | { readonly kind: 'snapshot'; readonly snapshotId: SnapshotId });

export interface WipeName {
  readonly volumeServer: string;
  readonly name: string;
}

/** What is left of something that was deleted, and how far it is wiped. */
export interface Wipe extends WipeName {
  readonly bytes: number;
  readonly wipedBytes: number;
  readonly waitingSinceMs: number;
  /** Why it could not be gone on with the last time. */
  readonly failure?: { readonly reason: string; readonly atMs: number };
}

export type AccountSettingName = 'encryption-by-default' | 'default-kms-key' | 'snapshot-public-access';

/** The storage in which a volume server keeps what it has, by what tells it from another one under the same name. */
export type RememberedStorage = { readonly state: 'nothing' | 'accepting' } | { readonly state: 'known'; readonly id: string };

/** What rows say is on a host: volumes and snapshots that are not deleted, what waits to be wiped, attachments that are not over. */
export type HostUse =
  | {
      readonly kind: 'volume-server';
      readonly name: string;
      readonly volumes: number;
      readonly snapshots: number;
      readonly wipes: number;
    }
  | { readonly kind: 'vmm-host'; readonly name: string; readonly attachments: number };

export type SiteFactName = 'operator-account' | 'site-kind';

export type Done = { readonly outcome: 'done' };
export type Begun = { readonly outcome: 'begun'; readonly operation: Operation };
export type Refused<Reason extends string> = { readonly outcome: 'refused'; readonly reason: Reason };
/** `too-many-open`: the account has as many open operations as the new one allows. */
export type RefusedToBegin<Reason extends string> = Refused<Reason | 'too-many-open'>;

export type NewVolume = Omit<Volume, 'state' | 'stateReason' | 'attachments' | 'attachmentsBegun'>;
export type NewSnapshot = Omit<Snapshot, 'state' | 'stateReason' | 'progressPercent' | 'completedAtMs'>;

export interface NewAttachment extends Omit<Attachment, 'state' | 'stateReason'> {
  readonly accountId: AccountId;
  /** The device name without its spelling (`f` for `/dev/sdf` and `xvdf`): what must be free in the instance. */
  readonly deviceSlot: string;
  /** Its export refuses writes. */
  readonly readOnly: boolean;
  /** Of a volume with multi-attach, which other instances may have too. */
  readonly shared: boolean;
  readonly target: string;
  readonly initiatorName: string;
  readonly chapUser: string;
  readonly chapSecret: string;
}

export interface NewOperation {
  readonly id: OperationId;
  readonly kind: string;
  readonly version: number;
  readonly resourceId: string;
  /** Whose the resource is; `undefined` of what concerns the whole site. */
  readonly accountId: AccountId | undefined;
  /** It is begun only while the account has fewer open operations; without it, however many there are. */
  readonly mostOpen?: number;
  readonly input: Json;
  /** The server that runs it; without one, whoever looks for work first claims it. */
  readonly owner?: string;
}

export interface OpenOperations {
  readonly kind: string;
  readonly state: OperationState;
  readonly count: number;
  readonly oldestCreatedAtMs: number;
}

export interface ClientToken {
  readonly action: string;
  readonly token: string;
  /** A hash over every parameter but the token. */
  readonly parametersHash: string;
}

/** `reason` is for the operator and stays in the journal; `shown` is what the resource's owner may read. */
export interface EndFailure {
  readonly operationState: Extract<OperationState, 'undone' | 'halted' | 'stuck'>;
  readonly reason: string;
  readonly shown: string;
}

/** An attachment with all that the drivers need, the secret included: never logged, never journaled. */
export interface AttachmentPlan {
  readonly id: AttachmentId;
  readonly volumeId: VolumeId;
  readonly accountId: AccountId;
  readonly instanceId: InstanceId;
  readonly state: AttachmentState;
  readonly deleteOnTermination: boolean;
  readonly volumeServer: string;
  readonly sizeGiB: number;
  readonly vmmHost: string;
  readonly domain: string;
  readonly device: string;
  readonly generation: number;
  readonly readOnly: boolean;
  /** Of a volume with multi-attach, so that its export may have other initiators too. */
  readonly shared: boolean;
  readonly target: string;
  readonly initiatorName: string;
  readonly chapUser: string;
  readonly chapSecret: string;
  /** Known once the attachment was complete. */
  readonly reach?: Reach;
}

/** A volume that a VM may reach though nothing says so any more: neither it nor the name of its target is used until that is cleared. */
export interface Bar {
  readonly volumeId: VolumeId;
  readonly attachmentId: AttachmentId;
  readonly target: string;
  /** The operation that barred it. */
  readonly operationId: OperationId;
  readonly reason: string;
  readonly barredAtMs: number;
}

/** What becomes of the resource of an operation that is abandoned. `shown` is what its owner may read. */
export type Release =
  /** It becomes `busy`, and its volume is barred. */
  | {
      readonly what: 'attachment';
      readonly attachmentId: AttachmentId;
      /** By which way it is reached, when the operation had come so far. */
      readonly reach?: Reach;
      readonly shown: string;
      readonly barred: string;
    }
  /** It is in error, and can be deleted. */
  | { readonly what: 'volume'; readonly volumeId: VolumeId; readonly shown: string }
  | { readonly what: 'snapshot'; readonly snapshotId: SnapshotId; readonly shown: string }
  | { readonly what: 'modification'; readonly volumeId: VolumeId; readonly shown: string }
  | { readonly what: 'nothing' };

export interface Inventory {
  readonly volumes: readonly { readonly id: VolumeId; readonly state: VolumeState; readonly volumeServer: string }[];
  readonly snapshots: readonly { readonly id: SnapshotId; readonly state: SnapshotState; readonly volumeServer: string }[];
  /** Those that are not over. */
  readonly attachments: readonly AttachmentPlan[];
  /** The volumes and snapshots that an operation is changing, or stopped half-way in changing. */
  readonly changing: ReadonlySet<string>;
  /** The attachments whose volume is barred for their sake. */
  readonly barred: ReadonlySet<string>;
  /** What waits to be wiped. */
  readonly wipes: readonly WipeName[];
}

/** By which way an attached volume is reached: what a detach needs to name the things to take away, even when some are gone already. */
export type Reach = {
  readonly path: string;
  readonly bytes: number;
  readonly portal: string;
  readonly lun: number;
  /** On a VMM host that takes devices. */
  readonly devicePath?: string;
  /** The VM that has the disk: another one may bear its name later. */
  readonly domainUuid?: string;
};

/** What is removed when it has been over for long. */
export type Prunable = 'operations' | 'attachments' | 'volumes' | 'snapshots' | 'clientTokens' | 'ids';

export interface PruneRequest {
  readonly what: Prunable;
  /** In milliseconds since 1970: what ended before. At least a day ago. */
  readonly beforeMs: number;
  /** Volumes and snapshots whose history is kept. */
  readonly sparing: readonly string[];
  /** Where the piece before has ended. */
  readonly after?: { readonly position: number; readonly row: number };
  /** Nothing is removed, and only counted. */
  readonly isDryRun: boolean;
}

export interface Pruned {
  readonly removed: number;
  /** Where to go on; missing at the end. */
  readonly next?: { readonly position: number; readonly row: number };
}

/** A snapshot that an account sees. */
export interface VisibleSnapshot extends Snapshot {
  /** Who of those that were asked about may make volumes of it; of another account's snapshot, only as far as it concerns the account that looks. */
  readonly grantees: readonly Grantee[];
}

export interface VisibleSnapshotsWanted {
  /** Those with these ids, or a part of all, or all. */
  readonly snapshotIds?: readonly SnapshotId[];
  readonly range?: IdRange;
  /** Whose they are; `undefined`: anybody's. */
  readonly from?: 'own' | 'others' | undefined;
  /** Of whom it is asked whether they may make volumes of it. */
  readonly grantees?: readonly Grantee[] | undefined;
}

/** A lock, with what of its snapshot tells whether it holds. */
export interface LockOfSnapshot extends Pick<Snapshot, 'completedAtMs'> {
  readonly snapshotId: SnapshotId;
  readonly lock: SnapshotLock;
}

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accountId: AccountId;
  readonly createdAtMs: number;
  readonly session?: KeySession;
}
