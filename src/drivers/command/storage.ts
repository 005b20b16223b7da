import type { CommandRecord } from '../thing.ts';

/**
 * The storage (folder, volume group, pool) in which a volume server keeps what it has, told from another one under the same name: a mount point without its
 * file system, a volume group that was made anew. Nothing is made, removed or found absent in another one.
 */
export interface Storage {
  /** The id of the storage that is trusted; looks for it when there is none. Throws DriverError, `unavailable` when it is another one. */
  id(): Promise<string>;
  /** Looks anew whether it is the right one. Idempotent. Throws as `id` does; after that nothing is trusted until a look says otherwise. */
  check(): Promise<readonly CommandRecord[]>;
}

/** What is remembered of the storage of one volume server. */
export interface StorageMemory {
  /** `accepting`: whichever is seen next is the right one, by the operator's word. */
  recall(): Promise<RecalledStorage>;
  remember(id: string): Promise<void>;
  /** The ids of the volumes and snapshots that have to be there, as far as is known. */
  expected(): Promise<readonly string[]>;
  /** One that no storage has. */
  newId(): string;
}

export type RecalledStorage = { readonly state: 'nothing' | 'accepting' } | { readonly state: 'known'; readonly id: string };
