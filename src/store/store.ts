import type { Attachment } from '../model/attachment.ts';
import type { IdRange } from '../model/id-range.ts';
import type { AccountId, AttachmentId, IdKind, InstanceId, OperationId, SnapshotId, VolumeId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import type { RecycledSnapshot, RecycledVolume } from '../model/recycled.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { SnapshotLock } from '../model/snapshot-lock.ts';
import type { Grantee } from '../model/snapshot-permission.ts';
import type { Tag, TaggableId, TagOfResource, TagToRemove } from '../model/tag.ts';
import type { Volume } from '../model/volume.ts';
import type { VolumeModification } from '../model/volume-modification.ts';
import type { Journal, OperatorStatement } from '../saga/journal.ts';
import type { Claim, Operation, OperationState } from '../saga/operation.ts';
import type { OperationQueue } from '../saga/operation-worker.ts';
import type {
  AccessKey,
  AccountSettingName,
  AttachmentPlan,
  Bar,
  Begun,
  ClientToken,
  Deletion,
  Done,
  EndFailure,
  ExpiredResource,
  HostUse,
  Inventory,
  LockOfSnapshot,
  NewAttachment,
  NewOperation,
  NewSnapshot,
  NewVolume,
  OpenOperations,
  Pruned,
  PruneRequest,
  Reach,
  Refused,
  RefusedToBegin,
  Release,
  RememberedStorage,
  SiteFactName,
  VisibleSnapshot,
  VisibleSnapshotsWanted,
  Wipe,
  WipeName,
} from './records.ts';

export type * from './records.ts';

/**
 * The database: the truth of what there is and what is under way.
 * Asynchronous, and in whole intentions. A write is one guarded batch in one transaction: it happens wholly, or is refused wholly and says what stood against it.
 * A method that takes a Claim throws LostClaim when the claim is no longer the newest one.
 */
export interface Store extends Journal, OperationQueue {
  readonly accessKeys: AccessKeys;

  /**
   * Draws an id that was never issued before, kept in the `ids` table: one of a volume or snapshot for ever, so that it never will be again; another one
   * at least for a day, and as long as something bears it.
   */
  issueId<Kind extends IdKind>(kind: Kind): Promise<IssuedId<Kind>>;

  /** The volumes of all accounts that are there, ordered by id: for the operator. */
  everyVolume(): Promise<readonly Volume[]>;
  /** Those of all accounts that are in the recycle bin, which `everyVolume` leaves out, ordered by id. */
  everyRecycledVolume(): Promise<readonly { readonly volume: Volume; readonly enteredAtMs: number; readonly exitsAtMs: number }[]>;
  volumes(accountId: AccountId, volumeIds?: readonly VolumeId[]): Promise<readonly Volume[]>;
  /** A part of the account's volumes, for what a part costs. A long list is read in turns, and is of some moments, one soon after the other. */
  volumesAfter(accountId: AccountId, range: IdRange): Promise<readonly Volume[]>;
  snapshots(accountId: AccountId, snapshotIds?: readonly SnapshotId[]): Promise<readonly Snapshot[]>;
  /**
   * The account's snapshots but those that are being deleted, and the completed ones of others that it may make volumes of, which come without their
   * tags; ordered by id. A part costs what a part costs, however many there are.
   */
  visibleSnapshots(accountId: AccountId, wanted: VisibleSnapshotsWanted): Promise<readonly VisibleSnapshot[]>;
  /** The snapshots and copies that are being made of the volume, which are its account's. */
  volumeReaders(volumeId: VolumeId): Promise<readonly (VolumeId | SnapshotId)[]>;
  /** The volumes and copies that are being made from the snapshot, whoever's they are. */
  snapshotReaders(snapshotId: SnapshotId): Promise<readonly { readonly id: VolumeId | SnapshotId; readonly accountId: AccountId }[]>;
  /** What an attachment needs to be made or restored; whatever its state. */
  attachmentPlan(attachmentId: AttachmentId): Promise<AttachmentPlan | undefined>;
  /** The other attachments of the same volume that are not over, the oldest first. */
  sharers(attachmentId: AttachmentId): Promise<readonly AttachmentPlan[]>;
  /** Every attachment that is `attached` or `busy`, of all accounts: what must be reachable after a restart. */
  liveAttachments(): Promise<readonly AttachmentPlan[]>;
  /** What there is and should be, of all accounts: what a site is compared with. Of `attachments` alone, volumes and snapshots are left out. */
  inventory(of: 'everything' | 'attachments'): Promise<Inventory>;
  /** The account's attachments to the given instances that are not over. */
  attachments(accountId: AccountId, instanceIds: readonly InstanceId[]): Promise<readonly Attachment[]>;
  /** Whether the device is taken, under whichever name the VM is known by. */
  isDeviceTaken(slot: { readonly instanceId: InstanceId; readonly placement: Placement; readonly deviceSlot: string }): Promise<boolean>;

  beginCreateVolume(request: {
    readonly volume: NewVolume;
    readonly clientToken?: ClientToken;
    readonly operation: NewOperation;
  }): Promise<Begun | RefusedToBegin<'client-token-used' | 'snapshot-state' | 'volume-state'>>;
  finishCreateVolume(claim: Claim, volumeId: VolumeId): Promise<void>;
  failCreateVolume(claim: Claim, volumeId: VolumeId, failure: EndFailure): Promise<void>;

  beginDeleteVolume(request: {
    readonly accountId: AccountId;
    readonly volumeId: VolumeId;
    readonly operation: NewOperation;
  }): Promise<Begun | RefusedToBegin<'volume-state' | 'volume-being-copied' | 'operation-under-way'>>;
  finishDeleteVolume(claim: Claim, volumeId: VolumeId): Promise<void>;
  failDeleteVolume(claim: Claim, volumeId: VolumeId, failure: EndFailure): Promise<void>;

  /** The last modification of each volume that is there, ordered by volume id. */
  modifications(accountId: AccountId, volumeIds?: readonly VolumeId[]): Promise<readonly VolumeModification[]>;
  modificationsAfter(accountId: AccountId, range: IdRange): Promise<readonly VolumeModification[]>;
  /**
   * What has another size is either available or, with `attachmentIds`, attached just so, by all of them and no other. A volume that gets
   * multi-attach is attached to nobody, and one that loses it to one instance at the most.
   */
  beginModify(request: {
    readonly accountId: AccountId;
    readonly attachmentIds?: readonly AttachmentId[];
    readonly modification: Pick<VolumeModification, 'volumeId' | 'original' | 'target' | 'startedAtMs'>;
    readonly operation: NewOperation;
  }): Promise<Begun | RefusedToBegin<'volume-state' | 'volume-being-copied' | 'operation-under-way'>>;
  /** Gives the volume its new shape, and its attachments, if it has any, the size `bytes`; the modification is `optimizing`. May be called twice. */
  recordModified(claim: Claim, volumeId: VolumeId, bytes?: number): Promise<void>;
  finishModify(claim: Claim, volumeId: VolumeId): Promise<void>;
  /**
   * The sizes in GiB that the volume may have besides the one that the database tells, which is smaller than each of them: those of modifications that
   * failed while nobody could be asked whether they had worked. Almost always none.
   */
  sizesInDoubt(volumeId: VolumeId): Promise<readonly number[]>;
  /**
   * A modification that failed turned out to have worked: the volume has that size, and the whole new shape when it is the last modification's. The
   * claim is of any operation on the volume. May be called twice.
   */
  settleSize(claim: Claim, volumeId: VolumeId, sizeGiB: number): Promise<void>;
  failModify(claim: Claim, volumeId: VolumeId, failure: EndFailure): Promise<void>;

  /**
   * Begins only while the volume is as the attachment was checked against: none has begun since its `generation` was taken, and it has
   * multi-attach just as the attachment is `shared`. With it the volume may be attached already, to fewer instances than the most.
   */
  beginAttach(request: {
    readonly attachment: NewAttachment;
    readonly operation: NewOperation;
  }): Promise<Begun | RefusedToBegin<'volume-state' | 'device-in-use' | 'operation-under-way'>>;
  finishAttach(claim: Claim, attachmentId: AttachmentId, reach: Reach): Promise<void>;
  /** The attachment is over, and the volume available again unless others have it, with the reason kept on the volume. */
  failAttach(claim: Claim, attachmentId: AttachmentId, failure: EndFailure): Promise<void>;

  beginDetach(request: {
    readonly accountId: AccountId;
    readonly attachmentId: AttachmentId;
    readonly operation: NewOperation;
    /** Refused when the volume has another attachment: of a detach that takes the volume away. */
    readonly isLast?: true;
    /** Of the operator who clears a bar by this detach, for its journal. */
    readonly statement?: OperatorStatement;
  }): Promise<Begun | RefusedToBegin<'attachment-state' | 'operation-under-way'>>;
  /**
   * `proof` says by what it is known that the VM does not reach the volume any more; its bar is cleared by it. The volume is available again unless
   * others have it. With `deletion` it is being deleted afterwards, or in the recycle bin: that begins in the same transaction. Throws then
   * while a snapshot or a copy of the volume is being made, or when it has another attachment.
   */
  finishDetach(claim: Claim, attachmentId: AttachmentId, proof: string, deletion?: Deletion): Promise<void>;
  /** The attachment is `busy`, the volume stays `in-use`, both with the reason. With `bar` the volume is barred for that reason. */
  failDetach(claim: Claim, attachmentId: AttachmentId, failure: EndFailure, bar?: string): Promise<void>;

  /** The bars that are not cleared, of all accounts. */
  openBars(): Promise<readonly Bar[]>;

  /** Nothing changes yet, but nothing else can change the volume until the operation ends. */
  beginRestore(request: {
    readonly attachmentId: AttachmentId;
    readonly operation: NewOperation;
  }): Promise<Begun | RefusedToBegin<'attachment-state' | 'operation-under-way'>>;
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
  }): Promise<Begun | RefusedToBegin<'volume-state'>>;
  /** A snapshot with the contents of another one, which may be another account's; `snapshot-state` when that is not completed. */
  beginCopySnapshot(request: {
    readonly snapshot: NewSnapshot;
    readonly copyOf: SnapshotId;
    readonly operation: NewOperation;
  }): Promise<Begun | RefusedToBegin<'snapshot-state'>>;
  reportSnapshotProgress(claim: Claim, snapshotId: SnapshotId, progressPercent: number): Promise<void>;
  finishCreateSnapshot(claim: Claim, snapshotId: SnapshotId): Promise<void>;
  failCreateSnapshot(claim: Claim, snapshotId: SnapshotId, failure: EndFailure): Promise<void>;

  beginDeleteSnapshot(request: {
    readonly accountId: AccountId;
    readonly snapshotId: SnapshotId;
    readonly operation: NewOperation;
  }): Promise<Begun | RefusedToBegin<'snapshot-state' | 'snapshot-in-use' | 'snapshot-locked' | 'operation-under-way'>>;
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

  /** The locks of the given snapshots of the account, those that have expired too. */
  snapshotLocks(accountId: AccountId, snapshotIds?: readonly SnapshotId[]): Promise<readonly LockOfSnapshot[]>;
  snapshotLocksAfter(accountId: AccountId, range: IdRange): Promise<readonly LockOfSnapshot[]>;
  /** Puts a lock in the place of the one that was found, or where none was; `lock-changed` when that is so no more. */
  putSnapshotLock(request: {
    readonly accountId: AccountId;
    readonly snapshotId: SnapshotId;
    readonly lock: SnapshotLock;
    readonly found: SnapshotLock | undefined;
  }): Promise<Done | Refused<'snapshot-not-found' | 'lock-changed'>>;
  removeSnapshotLock(request: {
    readonly accountId: AccountId;
    readonly snapshotId: SnapshotId;
    readonly found: SnapshotLock;
  }): Promise<Done | Refused<'snapshot-not-found' | 'lock-changed'>>;

  /** The volume is `deleting` and in the recycle bin: it is neither shown nor worked on until it is restored, or until its time is up. */
  recycleVolume(request: {
    readonly accountId: AccountId;
    readonly volumeId: VolumeId;
    readonly exitsAtMs: number;
  }): Promise<Done | Refused<'volume-state' | 'volume-being-copied' | 'operation-under-way'>>;
  recycleSnapshot(request: {
    readonly accountId: AccountId;
    readonly snapshotId: SnapshotId;
    readonly exitsAtMs: number;
  }): Promise<Done | Refused<'snapshot-state' | 'snapshot-in-use' | 'snapshot-locked' | 'operation-under-way'>>;
  /** What is in the account's recycle bin, ordered by id. */
  recycledVolumes(accountId: AccountId, range?: IdRange): Promise<readonly RecycledVolume[]>;
  recycledSnapshots(accountId: AccountId, range?: IdRange): Promise<readonly RecycledSnapshot[]>;
  /** The resource is as it was before it was deleted. `false` when it is not in the account's recycle bin. */
  restoreRecycled(accountId: AccountId, resourceId: VolumeId | SnapshotId): Promise<boolean>;
  /** What has been in the recycle bin of whatever account for its time. */
  recycledTooLong(): Promise<readonly ExpiredResource[]>;
  /** Takes it out of the bin, and begins its deletion. `not-in-bin` when it was restored meanwhile. */
  beginDeleteRecycled(request: { readonly operation: NewOperation }): Promise<Begun | RefusedToBegin<'not-in-bin'>>;

  /** What waits to be wiped, the longest waiting first. */
  wipes(): Promise<readonly Wipe[]>;
  /**
   * Takes into the backlog what was found waiting on a volume server. `refused` when it is none of ours to wipe: its id was never issued here,
   * or the volume or snapshot of that id is one that has its data still. May be called again, and changes nothing then.
   */
  beginWipe(found: {
    readonly volumeServer: string;
    readonly name: string;
    readonly was: string;
    readonly bytes: number;
  }): Promise<Done | Refused<'not-deleted'>>;
  /** So far from its beginning it is wiped; what failed before has ended. `false` when it does not wait any more. */
  recordWiped(wipe: WipeName, wipedBytes: number): Promise<boolean>;
  /** It could not be gone on with; with `startOver`, all of it has to be wiped again. */
  failWipe(wipe: WipeName, failure: { readonly reason: string; readonly startOver: boolean }): Promise<void>;
  /** Nothing of it is there any more. */
  finishWipe(wipe: WipeName): Promise<void>;

  /** `undefined`: the account has the default. */
  accountSetting(accountId: AccountId, name: AccountSettingName): Promise<string | undefined>;
  putAccountSetting(accountId: AccountId, name: AccountSettingName, value: string | undefined): Promise<void>;

  /** The hosts that something is on, by the names that rows have them by: volume servers first, each kind ordered by name. */
  hostUses(): Promise<readonly HostUse[]>;
  /**
   * Gives all that is on a host to another name, in one transaction; operations that are open go on there. `used-already`: there is something under the
   * new name too, and nobody could tell the two apart afterwards, which `merge` allows. `collides`: two attachments would have one device of a domain, or one
   * volume. Only while no server runs.
   */
  renameHost(request: {
    readonly kind: HostUse['kind'];
    readonly from: string;
    readonly to: string;
    readonly merge: boolean;
  }): Promise<Done | Refused<'not-used' | 'used-already' | 'collides'>>;
  /**
   * All that is on a volume server is lost: its volumes and snapshots are deleted and not wiped, their attachments over, their operations abandoned; in one
   * transaction. Only while no server runs.
   */
  forgetVolumeServer(request: {
    readonly name: string;
    readonly statement: Required<OperatorStatement>;
  }): Promise<Done | Refused<'not-used'>>;

  /** What was decided for the whole site; `undefined`: it was not yet. */
  siteFact(name: SiteFactName): Promise<string | undefined>;
  /** What is remembered of the storage of a volume server. `accepting`: whichever is seen next is taken for the right one. */
  storage(volumeServer: string): Promise<RememberedStorage>;
  /** Of every volume server of which something is remembered, ordered by its name. */
  storages(): Promise<readonly (RememberedStorage & { readonly volumeServer: string })[]>;
  rememberStorage(volumeServer: string, id: string): Promise<void>;
  /** Forgets the one that is known, so that the next one that is seen is remembered in its place. */
  acceptStorage(volumeServer: string): Promise<void>;

  /** Decides it once: of what was decided before nothing changes. */
  decideSiteFact(name: SiteFactName, value: string): Promise<void>;

  /** Whether EBS would turn the input and output of a volume on again by itself after it became impaired. `false` when there is no such volume. */
  putAutoEnableIo(accountId: AccountId, volumeId: VolumeId, autoEnableIo: boolean): Promise<boolean>;
  autoEnableIo(accountId: AccountId, volumeId: VolumeId): Promise<boolean>;
  /** `false` when there is no such attachment any more. */
  putDeleteOnTermination(accountId: AccountId, attachmentId: AttachmentId, deleteOnTermination: boolean): Promise<boolean>;

  /** The tags of all the account's volumes and snapshots that are there, ordered by resource and key. */
  tags(accountId: AccountId): Promise<readonly TagOfResource[]>;
  /** A part of them; their ids are resource and key with a space between. */
  tagsAfter(accountId: AccountId, range: IdRange): Promise<readonly TagOfResource[]>;
  /** Gives all of the resources all of the tags, or none of them any. What concerns many is seen to be done by and by, and is done when this resolves. */
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
  /** Finishes what a process that has ended had begun to change of tags. Before the first request. */
  resumeTagChanges(): Promise<void>;

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
  /** How many operations are not over, by kind and state. */
  openOperations(): Promise<readonly OpenOperations[]>;
  /** Lets a stuck operation be claimed again; `false` when it is not stuck. */
  retryStuck(operationId: OperationId, statement: OperatorStatement): Promise<boolean>;
  /** Asks whoever runs the operation to turn back after the step that is under way, and lets a stuck one be claimed again; `false` when it is neither. */
  rollBack(operationId: OperationId, statement: OperatorStatement): Promise<boolean>;
  /** Ends an operation where it stands: one that is stuck, or that no server holds. `false` when it is neither, and nothing has changed. */
  abandon(request: {
    readonly operationId: OperationId;
    readonly statement: OperatorStatement;
    readonly failure: string;
    readonly release: Release;
  }): Promise<boolean>;

  /**
   * Removes a piece of what is over, in some milliseconds. Kept whatever its age: what is open or stuck, what an open bar or a wipe refers to, the
   * last operation of what is still there and all that were abandoned of it, tokens of what is being made, the ids of volumes and snapshots.
   */
  prune(request: PruneRequest): Promise<Pruned>;
  /** What the database takes, and what of it is free and used again before it grows. */
  space(): Promise<{ readonly fileBytes: number; readonly freeBytes: number }>;
  /** Gives free space back to the file system. Takes long, and as much space again; for when no server runs. */
  compact(): Promise<void>;

  /**
   * Takes the secrets of attachments and access keys that have ended, here or by another process, out of all files of the database. Next to nothing when
   * there is none. `false` when somebody who reads stands in the way: to be asked again.
   */
  eraseEndedSecrets(): Promise<boolean>;

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

export interface AccessKeys {
  /** `false` when the id is taken, and nothing has changed. */
  add(key: AccessKey): Promise<boolean>;
  list(): Promise<readonly AccessKey[]>;
  /** `false` when there is none. */
  remove(accessKeyId: string): Promise<boolean>;
  /** Removes the temporary keys that held until a time before this one. */
  removeExpired(beforeMs: number): Promise<void>;
  find(accessKeyId: string): Promise<AccessKey | undefined>;
}
