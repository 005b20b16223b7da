import type { SnapshotId, VolumeId } from './ids.ts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** What can have tags of the caller's. An instance's belong to its cloud. */
export type TaggableId = VolumeId | SnapshotId;

/** EC2 counts the tags of a resource together, those that it has and those that are added. */
export const maxTagsOfResource = 50;

/** A tag with what it is a tag of. */
export interface TagOfResource extends Tag {
  readonly resourceId: TaggableId;
}

/** Which tags to take away: by the key whatever the value, or only when the value is the given one. */
export interface TagToRemove {
  readonly key: string;
  readonly value?: string;
}
