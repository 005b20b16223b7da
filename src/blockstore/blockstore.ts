import type { Attachment } from '../model/attachment.ts';
import type { Caller } from '../model/caller.ts';
import type { IdRange } from '../model/id-range.ts';
import type { AccountId, InstanceId, OperationId, SnapshotId, VolumeId } from '../model/ids.ts';
import type { Instance } from '../model/instance.ts';
import type { RecycledSnapshot, RecycledVolume } from '../model/recycled.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { LockMode, LockState, LockTimes, SnapshotLock } from '../model/snapshot-lock.ts';
import type { Grantee, PublicAccess } from '../model/snapshot-permission.ts';
import type { Tag, TaggableId, TagOfResource, TagToRemove } from '../model/tag.ts';
import type { Volume } from '../model/volume.ts';
import type { VolumeModification } from '../model/volume-modification.ts';
import type { AskedModification } from '../model/volume-parameters.ts';
import type { VisibleSnapshot, VisibleSnapshotsWanted } from '../store/store.ts';

/**
 * The use cases, as the endpoint sees them. All throw Failure for a request that cannot be done, after which nothing has changed.
 * A request with `dryRun` is checked to the end and then throws the failure `dry-run`.
 * Everything is seen through the caller's account: what belongs to another account is not found.
 */
export interface Blockstore {
  readonly volumes: Volumes;
  readonly modifications: Modifications;
  readonly snapshots: Snapshots;
  readonly attachments: Attachments;
  readonly instances: Instances;
  readonly tags: Tags;
  readonly snapshotPermissions: SnapshotPermissions;
  readonly snapshotLocks: SnapshotLocks;
  readonly recycleBin: RecycleBin;
  readonly accountSettings: AccountSettings;
}

export interface CreateVolumeRequest {
  /** Missing only when there is a snapshot, whose size is then taken. */
  readonly sizeGiB?: number;
  readonly snapshotId?: SnapshotId;
  readonly zone: string;
  /** Without one it is gp2, as EC2's API has it. */
  readonly type?: string;
  readonly iops?: number;
  readonly throughputMiBps?: number;
  /** It may be attached to several instances at a time; of the types io1 and io2 only. */
  readonly multiAttach?: boolean;
  readonly tags: readonly Tag[];
  /** The same token and parameters give the same volume; the same token with others is refused. */
  readonly clientToken?: string;
  readonly dryRun: boolean;
}

export interface CopyVolumeRequest extends Omit<CreateVolumeRequest, 'snapshotId' | 'zone'> {
  readonly sourceVolumeId: VolumeId;
}

/** `insufficient-data`: the volume server could not be asked. */
export interface VolumeHealth {
  readonly status: 'ok' | 'impaired' | 'insufficient-data';
  /** The volume is barred: a VM that nobody vouches for may still reach it. */
  readonly barred?: { readonly operationId: OperationId; readonly sinceMs: number };
}

/** Each volume server is asked once for all that the same look is asked about. */
export interface HealthCheck {
  /** Of volumes of the caller's, in their order: `impaired` when the servers do not have the data of one that should be there, or one is barred. */
  of(volumes: readonly Volume[]): Promise<readonly VolumeHealth[]>;
}

export interface Volumes {
  /** A look at what the volume servers have. */
  health(): HealthCheck;
  autoEnablesIo(caller: Caller, volumeId: VolumeId): Promise<boolean>;
  setAutoEnableIo(
    caller: Caller,
    request: { readonly volumeId: VolumeId; readonly autoEnableIo: boolean; readonly dryRun: boolean },
  ): Promise<void>;
  /** Input and output are never turned off here, so there is nothing to do for a volume that is there. */
  enableIo(caller: Caller, request: { readonly volumeId: VolumeId; readonly dryRun: boolean }): Promise<void>;
  /** Answers at once with a volume in `creating`; it becomes `available`, or `error` with nothing left behind. */
  create(caller: Caller, request: CreateVolumeRequest): Promise<Volume>;
  /**
   * Answers at once with a volume in `creating`, in the zone of its source, which may be in use and is read at one moment. It becomes `available` and
   * depends on its source no more, or `error` with nothing left behind.
   */
  copy(caller: Caller, request: CopyVolumeRequest): Promise<Volume>;
  /** Answers at once; the volume is `deleting` until it is gone, or in the recycle bin at once when the site has one. */
  delete(caller: Caller, request: { readonly volumeId: VolumeId; readonly dryRun: boolean }): Promise<void>;
  /** The account's volumes ordered by id, or those with the given ids (`volume-not-found` names every missing one). */
  list(caller: Caller, volumeIds?: readonly VolumeId[]): Promise<readonly Volume[]>;
  /** A part of the account's volumes. It costs the same however many there are. */
  listAfter(caller: Caller, range: IdRange): Promise<readonly Volume[]>;
}

export interface ModifyVolumeRequest extends AskedModification {
  readonly volumeId: VolumeId;
  readonly dryRun: boolean;
}

export interface Modifications {
  /** Answers at once with a modification in `modifying`. It becomes `optimizing`, when the volume has its new shape, and then `completed`; or `failed`. */
  modify(caller: Caller, request: ModifyVolumeRequest): Promise<VolumeModification>;
  /** The last modification of each of the account's volumes that was ever modified, ordered by volume id, or those of the given volumes (`modification-not-found`). */
  list(caller: Caller, volumeIds?: readonly VolumeId[]): Promise<readonly VolumeModification[]>;
  listAfter(caller: Caller, range: IdRange): Promise<readonly VolumeModification[]>;
}

export interface CreateSnapshotRequest {
  readonly volumeId: VolumeId;
  readonly description: string;
  readonly tags: readonly Tag[];
  readonly dryRun: boolean;
}

export interface Snapshots {
  /** Answers at once with a snapshot in `pending`; it becomes `completed`, or `error` with nothing left behind. */
  create(caller: Caller, request: CreateSnapshotRequest): Promise<Snapshot>;
  /** It is gone for its owner at once, or in the recycle bin when the site has one. */
  delete(caller: Caller, request: { readonly snapshotId: SnapshotId; readonly dryRun: boolean }): Promise<void>;
  /** The account's snapshots ordered by id, or those with the given ids (`snapshot-not-found` names every missing one). */
  list(caller: Caller, snapshotIds?: readonly SnapshotId[]): Promise<readonly Snapshot[]>;
  /**
   * The same with the snapshots of other accounts that the caller may make volumes of, which come without their tags; each with who of the `grantees`
   * may besides its owner. A part of them costs the same however many there are.
   */
  listVisible(caller: Caller, wanted: VisibleSnapshotsWanted): Promise<readonly VisibleSnapshot[]>;
  /** Answers at once with a snapshot in `pending`, which will not depend on the one that it is a copy of. That may be another account's. */
  copy(caller: Caller, request: CopySnapshotRequest): Promise<Snapshot>;
  /** Snapshots of the caller's volumes that are attached to an instance. Each is of one moment of its own; all are checked before the first is begun. */
  createOfInstance(caller: Caller, request: CreateSnapshotsRequest): Promise<readonly Snapshot[]>;
}

export type { VisibleSnapshot, VisibleSnapshotsWanted };

export interface CopySnapshotRequest {
  readonly snapshotId: SnapshotId;
  readonly description: string;
  readonly tags: readonly Tag[];
  readonly dryRun: boolean;
}

export interface CreateSnapshotsRequest {
  readonly instanceId: InstanceId;
  readonly excludesBootVolume: boolean;
  /** Each has to be attached to the instance, and not as its boot volume. */
  readonly excludedVolumeIds: readonly VolumeId[];
  readonly copiesTags: boolean;
  readonly description: string;
  readonly tags: readonly Tag[];
  readonly dryRun: boolean;
}

export interface SnapshotPermissions {
  /** Who may make volumes of a snapshot of the caller's, besides the caller. */
  list(caller: Caller, snapshotId: SnapshotId): Promise<readonly Grantee[]>;
  /** Who is in both lists may not in the end. */
  change(
    caller: Caller,
    request: {
      readonly snapshotId: SnapshotId;
      readonly add: readonly Grantee[];
      readonly remove: readonly Grantee[];
      readonly dryRun: boolean;
    },
  ): Promise<void>;
}

export interface LockSnapshotRequest {
  readonly snapshotId: SnapshotId;
  readonly mode: LockMode;
  /** For so many days, or until a moment. */
  readonly until: { readonly durationDays: number } | { readonly expiresAtMs: number };
  /** Only of the mode `compliance`. */
  readonly coolOffHours?: number;
  readonly dryRun: boolean;
}

export interface LockedSnapshot extends LockTimes {
  readonly snapshotId: SnapshotId;
  readonly accountId: AccountId;
  readonly lock: SnapshotLock;
  readonly state: LockState;
}

export interface SnapshotLocks {
  /** Locks a snapshot of the caller's, or changes its lock as far as that may be changed. */
  lock(caller: Caller, request: LockSnapshotRequest): Promise<LockedSnapshot>;
  unlock(caller: Caller, request: { readonly snapshotId: SnapshotId; readonly dryRun: boolean }): Promise<void>;
  /** The caller's snapshots with a lock, ordered by id, those whose lock has expired too. */
  list(caller: Caller, snapshotIds?: readonly SnapshotId[]): Promise<readonly LockedSnapshot[]>;
  listAfter(caller: Caller, range: IdRange): Promise<readonly LockedSnapshot[]>;
}

export interface RecycleBin {
  /** Ordered by id; `volume-not-found` names every one that was asked for and is not in the bin. */
  volumes(caller: Caller, volumeIds?: readonly VolumeId[]): Promise<readonly RecycledVolume[]>;
  volumesAfter(caller: Caller, range: IdRange): Promise<readonly RecycledVolume[]>;
  snapshots(caller: Caller, snapshotIds?: readonly SnapshotId[]): Promise<readonly RecycledSnapshot[]>;
  snapshotsAfter(caller: Caller, range: IdRange): Promise<readonly RecycledSnapshot[]>;
  /** The volume is as it was before it was deleted. */
  restoreVolume(caller: Caller, request: { readonly volumeId: VolumeId; readonly dryRun: boolean }): Promise<void>;
  restoreSnapshot(caller: Caller, request: { readonly snapshotId: SnapshotId; readonly dryRun: boolean }): Promise<Snapshot>;
}

export interface AccountSettingValues {
  /** Nothing here is encrypted, so that with this no volume can be made. */
  readonly encryptsByDefault: boolean;
  readonly defaultKmsKeyId: string;
  readonly snapshotPublicAccess: PublicAccess;
}

export interface AccountSettings {
  read(caller: Caller): Promise<AccountSettingValues>;
  /** Answers what is set then. A key of `null` is the default one. */
  change(
    caller: Caller,
    changes: Partial<Omit<AccountSettingValues, 'defaultKmsKeyId'>> & { readonly defaultKmsKeyId?: string | null },
    options: { readonly dryRun: boolean },
  ): Promise<AccountSettingValues>;
}

export interface AttachRequest {
  readonly volumeId: VolumeId;
  /** An instance id of the cloud, or the paper's direct form `VMM-HOST/DOMAIN`. */
  readonly instanceId: InstanceId;
  readonly device: string;
  readonly dryRun: boolean;
}

export interface DetachRequest {
  readonly volumeId: VolumeId;
  /** When given, they must be those of the attachment. Of a volume with multi-attach the instance has to be given. */
  readonly instanceId?: InstanceId;
  readonly device?: string;
  /** Bars the volume when it cannot be proved that the VM's host has let go; it takes nothing away that the host may be using. */
  readonly force?: boolean;
  readonly dryRun: boolean;
}

export interface Attachments {
  /** Answers at once with an attachment in `attaching`; it becomes `attached`, or goes away with the reason on the volume and everything undone. */
  attach(caller: Caller, request: AttachRequest): Promise<Attachment>;
  /** Answers at once with an attachment in `detaching`; a VM that holds its disk leaves it `busy`, and asking again goes on from there. */
  detach(caller: Caller, request: DetachRequest): Promise<Attachment>;
}

export interface Instances {
  /** Says of the caller's attached volumes whether they are to be deleted with the instance. */
  setDeleteOnTermination(
    caller: Caller,
    request: {
      readonly instanceId: InstanceId;
      readonly devices: readonly { readonly device: string; readonly volumeId?: VolumeId; readonly deleteOnTermination: boolean }[];
      readonly dryRun: boolean;
    },
  ): Promise<void>;
  /** The caller's instances that the resolvers list, ordered by id, or those with the given ids (`instance-not-found` names every missing one). Asks no VMM host. */
  list(caller: Caller, instanceIds?: readonly InstanceId[]): Promise<readonly AccountInstance[]>;
  /** A part of the caller's instances that the resolvers list, ordered by id. Asks no VMM host. */
  listAfter(caller: Caller, range: IdRange): Promise<readonly AccountInstance[]>;
  /** The same instances with the attachments of the caller's volumes. */
  attachments<Known extends AccountInstance>(caller: Caller, instances: readonly Known[]): Promise<readonly WithAttachments<Known>[]>;
  /** The same instances with their states, as of the last seconds: each is a question to its VMM host. */
  states<Known extends AccountInstance>(caller: Caller, instances: readonly Known[]): Promise<readonly WithState<Known>[]>;
}

export interface Tags {
  /** A part of the tags of the account's volumes and snapshots, ordered by resource and key; their ids are both with a space between. */
  listAfter(caller: Caller, range: IdRange): Promise<readonly TagOfResource[]>;
  /** Gives every resource every tag, in place of one with the same key. All of it is done, or nothing. */
  put(
    caller: Caller,
    request: { readonly resourceIds: readonly TaggableId[]; readonly tags: readonly Tag[]; readonly dryRun: boolean },
  ): Promise<void>;
  /** Takes the tags, or without any given all tags, from every resource; what has them not is left as it is. */
  remove(
    caller: Caller,
    request: { readonly resourceIds: readonly TaggableId[]; readonly tags?: readonly TagToRemove[]; readonly dryRun: boolean },
  ): Promise<void>;
}

/** An instance of an account's; whether it runs is for its VMM host to say. */
export interface AccountInstance extends Omit<Instance, 'state'> {
  readonly accountId: AccountId;
}

export type WithAttachments<Known> = Known & { readonly attachments: readonly Attachment[] };
export type WithState<Known> = Known & Pick<Instance, 'state'>;
