import type { Answer, CommandRecord, Thing } from './thing.ts';

/** A volume as it is wanted. Sizes are bytes. */
export interface VolumeSpec {
  readonly volumeId: string;
  readonly bytes: number;
}

export interface SnapshotSpec {
  readonly snapshotId: string;
  /** The volume whose contents it keeps. */
  readonly volumeId: string;
  readonly bytes: number;
}

export interface StoredFacts {
  /** Where the data is on the volume server: a file or a block device, as an export server takes it. */
  readonly path: string;
  /** The size it really has: at least what was asked for (LVM rounds up to extents). */
  readonly bytes: number;
}

/** Fill a volume that was just made with a snapshot's contents; what lies beyond them reads as zeros. */
export interface CopySpec {
  readonly snapshotId: string;
  readonly volumeId: string;
  /** The size of the volume, at least that of the snapshot. */
  readonly bytes: number;
}

/** What was a volume or snapshot and is waiting to be wiped, by the name that `list` gives it. */
export interface RemainsSpec {
  readonly name: string;
}

export interface RemainsFacts {
  /** The id under which it was used; something else in its place when it was never whole, so that nobody can have used it. */
  readonly was: string;
  /** The space that it takes. */
  readonly bytes: number;
}

/** Some of what remains, in bytes; what lies behind its end is not there to be wiped. */
export interface RemainsPiece {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * What was unmade, with all that was written to it, and keeps its space until that is wiped: nobody makes it but the `unmake` of volumes and
 * snapshots. Its own `unmake` gives the space back, and throws when what it samples is not zeros.
 */
export interface Remains extends Pick<Thing<RemainsSpec, RemainsFacts>, 'look' | 'unmake' | 'list'> {
  /** Writes zeros over a piece, and throws when what it samples of that is not zeros. Idempotent, also when the whole is gone. */
  zero(piece: RemainsPiece): Promise<readonly CommandRecord[]>;
}

/** How far the storage is filled that gives out space only when it is written to. */
export interface Fullness {
  /** Each part that can run out by itself (`data`, `metadata`), with what is used of it, from 0 to 100. */
  readonly filled: readonly { readonly part: string; readonly percent: number }[];
  /** From here on the operator is told. */
  readonly alarmPercent: number;
  /** From here on nothing is made. */
  readonly fullPercent: number;
}

/** Holds volumes and snapshots: the volume server of the paper. */
export interface VolumeServer {
  readonly volume: Thing<VolumeSpec, StoredFacts>;
  /** `make` gives a point-in-time copy or throws: a snapshot is never a mixture of before and after a write. */
  readonly snapshot: Thing<SnapshotSpec, StoredFacts>;
  /** Copies a snapshot's contents into a volume. Idempotent: running it again starts over. Long. */
  copy(spec: CopySpec): Promise<readonly CommandRecord[]>;
  /**
   * Makes a volume that is there at least `bytes` large, and never smaller; what is added reads as zeros. Idempotent. A volume
   * that is exported may be grown too; who uses it sees that by the `grow` of the drivers between. Missing when the backend cannot.
   */
  grow?(spec: VolumeSpec): Promise<readonly CommandRecord[]>;
  /** How much of a `copy` or of a snapshot's `make` that is under way is done, from 0 to 1; `undefined` when the backend cannot tell. */
  progress(spec: CopySpec | SnapshotSpec): Promise<Answer<number | undefined>>;
  /** Bytes that can still be promised; `undefined` when the backend cannot tell. */
  freeBytes(): Promise<Answer<number | undefined>>;
  /** What waits to be wiped. Missing when nobody could read what is unmade, once `unmake` has ended. */
  readonly remains?: Remains;
  /** Missing when a volume has all its space from the beginning. Throws DriverError, also when it cannot tell how full it is. */
  fullness?(): Promise<Answer<Fullness>>;
}
