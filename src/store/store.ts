import type { Attachment, AttachmentState } from '../model/attachment.ts';
import type { AccountId, AttachmentId, IdKind, InstanceId, OperationId, SnapshotId, VolumeId } from '../model/ids.ts';
import type { Json } from '../model/json.ts';
import type { Placement } from '../model/placement.ts';
import type { Snapshot, SnapshotState } from '../model/snapshot.ts';
import type { Grantee } from '../model/snapshot-permission.ts';
import type { Tag, TaggableId, TagOfResource, TagToRemove } from '../model/tag.ts';
import type { Volume, VolumeState } from '../model/volume.ts';
import type { VolumeModification } from '../model/volume-modification.ts';
import type { Journal } from '../saga/journal.ts';
import type { Claim, Operation, OperationState } from '../saga/operation.ts';
import type { OperationQueue } from '../saga/operation-worker.ts';

/**
 * The database: the truth of what there is and what is under way.
 * Asynchronous, and in whole intentions. A write is one guarded batch in one transaction: it happens wholly, or is refused wholly and says what stood against it.
 * A method that takes a Claim throws LostClaim when the claim is no longer the newest one.
 */
export interface Store extends Journal, OperationQueue {
  readonly accessKeys: AccessKeys;

  /** Draws an id that was never issued before and never will be again; kept for ever in the `ids` table. */
  issueId<Kind extends IdKind>(kind: Kind): Promise<IssuedId<Kind>>;

  volumes(accountId: AccountId, volumeIds?: readonly VolumeId[]): Promise<readonly Volume[]>;
  snapshots(accountId: AccountId, snapshotIds?: readonly SnapshotId[]): Promise<readonly Snapshot[]>;
  /** What an attachment needs to be made or restored; whatever its state. */
  attachmentPlan(attachmentId: AttachmentId): Promise<AttachmentPlan | undefined>;
  /** Every attachment that is `attached` or `busy`, of all accounts: what must be reachable after a restart. */
  liveAttachments(): Promise<readonly AttachmentPlan[]>;
  /** What there is and should be, of all accounts: what a site is compared with. */
  inventory(): Promise<Inventory>;
  /** The account's attachments that are not over. */
  attachments(accountId: AccountId): Promise<readonly Attachment[]>;
  /** Whether the device is taken, under whichever name the VM is known by. */
  isDeviceTaken(slot: { readonly instanceId: InstanceId; readonly placement: Placement; readonly deviceSlot: string }): Promise<boolean>;

  beginCreateVolume(request: {
    readonly volume: NewVolume;
    readonly clientToken?: ClientToken;
    readonly operation: NewOperation;
  }): Promise<Begun | Refused<'client-token-used' | 'snapshot-state'>>;
  finishCreateVolume(claim: Claim, volumeId: VolumeId): Promise<void>;
  failCreateVolume(claim: Claim, volumeId: VolumeId, failure: EndFailure): Promise<void>;

  beginDeleteVolume(request: {
    readonly accountId: AccountId;
    readonly volumeId: VolumeId;
    readonly operation: NewOperation;
  }): Promise<Begun | Refused<'volume-state' | 'volume-being-copied' | 'operation-under-way'>>;
  finishDeleteVolume(claim: Claim, volumeId: VolumeId): Promise<void>;
  failDeleteVolume(claim: Claim, volumeId: VolumeId, failure: EndFailure): Promise<void>;

  /** The last modification of each volume that is there. */
  modifications(accountId: AccountId, volumeIds?: readonly VolumeId[]): Promise<readonly VolumeModification[]>;
  /** What has another size is either available or, with `attachmentId`, attached just so. */
  beginModify(request: {
    readonly accountId: AccountId;
    readonly attachmentId?: AttachmentId;
    readonly modification: Pick<VolumeModification, 'volumeId' | 'original' | 'target' | 'startedAtMs'>;
    readonly operation: NewOperation;
  }): Promise<Begun | Refused<'volume-state' | 'volume-being-copied' | 'operation-under-way'>>;
  /** Gives the volume its new shape, and its attachment, if it has one, the size `bytes`; the modification is `optimizing`. May be called twice. */
  recordModified(claim: Claim, volumeId: VolumeId, bytes?: number): Promise<void>;
  finishModify(claim: Claim, volumeId: VolumeId): Promise<void>;
  failModify(claim: Claim, volumeId: VolumeId, failure: EndFailure): Promise<void>;

  beginAttach(request: {
    readonly attachment: NewAttachment;
    readonly operation: NewOperation;
  }): Promise<Begun | Refused<'volume-state' | 'device-in-use' | 'operation-under-way'>>;
  finishAttach(claim: Claim, attachmentId: AttachmentId, reach: Reach): Promise<void>;
  /** The attachment is over and the volume available again, with the reason kept on the volume. */
  failAttach(claim: Claim, attachmentId: AttachmentId, failure: EndFailure): Promise<void>;

  beginDetach(request: {
    readonly accountId: AccountId;
    readonly attachmentId: AttachmentId;
    readonly operation: NewOperation;
  }): Promise<Begun | Refused<'attachment-state' | 'operation-under-way'>>;
  finishDetach(claim: Claim, attachmentId: AttachmentId): Promise<void>;
  /** The attachment is `busy`, the volume stays `in-use`, both with the reason. */
  failDetach(claim: Claim, attachmentId: AttachmentId, failure: EndFailure): Promise<void>;

  /** Nothing changes yet, but nothing else can change the volume until the operation ends. */
  beginRestore(request: {
    readonly attachmentId: AttachmentId;
    readonly operation: NewOperation;
  }): Promise<Begun | Refused<'attachment-state' | 'operation-under-way'>>;
  finishRestore(claim: Claim, attachmentId: AttachmentId, reach: Reach): Promise<void>;
  /** The attachment stays as it is, with the reason. */
  failRestore(claim: Claim, attachmentId: AttachmentId, failure: EndFailure): Promise<void>;

  /** Of the whole site. `false` when one is under way already. */
  beginReconcile(operation: NewOperation): Promise<boolean>;
  finishReconcile(claim: Claim): Promise<void>;
  failReconcile(claim: Claim, reason: string): Promise<void>;

  beginCreateSnapshot(request: {
    readonly snapshot: NewSnapshot;
    readonly operation: NewOperation;
  }): Promise<Begun | Refused<'volume-state'>>;
  /** A snapshot with the contents of another one, which may be another account's; `snapshot-state` when that is not completed. */
  beginCopySnapshot(request: {
    readonly snapshot: NewSnapshot;
    readonly copyOf: SnapshotId;
    readonly operation: NewOperation;
  }): Promise<Begun | Refused<'snapshot-state'>>;
  reportSnapshotProgress(claim: Claim, snapshotId: SnapshotId, progressPercent: number): Promise<void>;
  finishCreateSnapshot(claim: Claim, snapshotId: SnapshotId): Promise<void>;
  failCreateSnapshot(claim: Claim, snapshotId: SnapshotId, failure: EndFailure): Promise<void>;

  beginDeleteSnapshot(request: {
    readonly accountId: AccountId;
    readonly snapshotId: SnapshotId;
    readonly operation: NewOperation;
  }): Promise<Begun | Refused<'snapshot-state' | 'snapshot-in-use' | 'operation-under-way'>>;
  finishDeleteSnapshot(claim: Claim, snapshotId: SnapshotId): Promise<void>;
  failDeleteSnapshot(claim: Claim, snapshotId: SnapshotId, failure: EndFailure): Promise<void>;

  /** The grants of the given snapshots, whoever owns them. */
  snapshotPermissions(
    snapshotIds: readonly SnapshotId[],
  ): Promise<readonly { readonly snapshotId: SnapshotId; readonly grantee: Grantee }[]>;
  changeSnapshotPermissions(request: {
    readonly accountId: AccountId;
    readonly snapshotId: SnapshotId;
    readonly add: readonly Grantee[];
    readonly remove: readonly Grantee[];
  }): Promise<Done | Refused<'snapshot-not-found'>>;
  /** The completed snapshots of other accounts that the account may make volumes of. */
  snapshotsSharedWith(accountId: AccountId): Promise<readonly { readonly snapshotId: SnapshotId; readonly ownerId: AccountId }[]>;

  /** `undefined`: the account has the default. */
  accountSetting(accountId: AccountId, name: AccountSettingName): Promise<string | undefined>;
  putAccountSetting(accountId: AccountId, name: AccountSettingName, value: string | undefined): Promise<void>;

  /** Whether EBS would turn the input and output of a volume on again by itself after it became impaired. `false` when there is no such volume. */
  putAutoEnableIo(accountId: AccountId, volumeId: VolumeId, autoEnableIo: boolean): Promise<boolean>;
  autoEnableIo(accountId: AccountId, volumeId: VolumeId): Promise<boolean>;
  /** `false` when there is no such attachment any more. */
  putDeleteOnTermination(accountId: AccountId, attachmentId: AttachmentId, deleteOnTermination: boolean): Promise<boolean>;

  /** The tags of all the account's volumes and snapshots that are there. */
  tags(accountId: AccountId): Promise<readonly TagOfResource[]>;
  putTags(request: {
    readonly accountId: AccountId;
    readonly resourceIds: readonly TaggableId[];
    readonly tags: readonly Tag[];
  }): Promise<Done | Refused<'resource-not-found' | 'too-many-tags'>>;
  /** Without `tags` every tag of the resources. */
  removeTags(request: {
    readonly accountId: AccountId;
    readonly resourceIds: readonly TaggableId[];
    readonly tags?: readonly TagToRemove[];
  }): Promise<Done | Refused<'resource-not-found'>>;

  /** What a client token was used for, `undefined` when it was not. */
  clientToken(
    accountId: AccountId,
    action: string,
    token: string,
  ): Promise<{ readonly parametersHash: string; readonly resourceId: string } | undefined>;

  /** The newest first. */
  operations(filter: {
    readonly states?: readonly OperationState[];
    readonly resourceId?: string;
    readonly limit: number;
  }): Promise<readonly Operation[]>;
  operation(operationId: OperationId): Promise<Operation | undefined>;
  /** Lets a stuck operation be claimed again; `false` when it is not stuck. */
  retryStuck(operationId: OperationId): Promise<boolean>;

  /** Writes a checked copy to a new file. Answers `written`, or why there is none. */
  backUp(file: string): Promise<string>;
  close(): void;
}

export type IssuedId<Kind extends IdKind> = {
  volume: VolumeId;
  snapshot: SnapshotId;
  attachment: AttachmentId;
  operation: OperationId;
}[Kind];

export type AccountSettingName = 'encryption-by-default' | 'default-kms-key' | 'snapshot-public-access';

export type Done = { readonly outcome: 'done' };
export type Begun = { readonly outcome: 'begun'; readonly operation: Operation };
export type Refused<Reason extends string> = { readonly outcome: 'refused'; readonly reason: Reason };

export type NewVolume = Omit<Volume, 'state' | 'stateReason' | 'attachments'>;
export type NewSnapshot = Omit<Snapshot, 'state' | 'stateReason' | 'progressPercent' | 'completedAtMs'>;

export interface NewAttachment extends Omit<Attachment, 'state' | 'stateReason'> {
  readonly accountId: AccountId;
  /** The device name without its spelling (`f` for `/dev/sdf` and `xvdf`): what must be free in the instance. */
  readonly deviceSlot: string;
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
  readonly input: Json;
  /** The server that runs it; without one, whoever looks for work first claims it. */
  readonly owner?: string;
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
  readonly instanceId: InstanceId;
  readonly state: AttachmentState;
  readonly volumeServer: string;
  readonly sizeGiB: number;
  readonly vmmHost: string;
  readonly domain: string;
  readonly device: string;
  readonly target: string;
  readonly initiatorName: string;
  readonly chapUser: string;
  readonly chapSecret: string;
  /** Known once the attachment was complete. */
  readonly reach?: Reach;
}

export interface Inventory {
  readonly volumes: readonly { readonly id: VolumeId; readonly state: VolumeState; readonly volumeServer: string }[];
  readonly snapshots: readonly { readonly id: SnapshotId; readonly state: SnapshotState; readonly volumeServer: string }[];
  /** Those that are not over. */
  readonly attachments: readonly AttachmentPlan[];
  /** The volumes and snapshots that an operation is changing, or stopped half-way in changing. */
  readonly changing: ReadonlySet<string>;
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

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly accountId: AccountId;
  readonly createdAtMs: number;
}

export interface AccessKeys {
  /** `false` when the id is taken, and nothing has changed. */
  add(key: AccessKey): Promise<boolean>;
  list(): Promise<readonly AccessKey[]>;
  /** `false` when there is none. */
  remove(accessKeyId: string): Promise<boolean>;
  find(accessKeyId: string): Promise<AccessKey | undefined>;
}
