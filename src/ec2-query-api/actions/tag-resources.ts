import { parseSnapshotId, parseVolumeId } from '../../model/ids.ts';
import type { TaggableId } from '../../model/tag.ts';
import { ApiError } from '../errors.ts';
import { shorten } from '../wire/nest-params.ts';

/** What EC2 calls the two kinds of resource that can be tagged here. */
export function resourceTypeOf(id: TaggableId): 'volume' | 'snapshot' {
  return id.startsWith('vol-') ? 'volume' : 'snapshot';
}

/** As on EC2 (CreateTags, DeleteTags: "up to 1000 resource IDs"). */
const maxResources = 1_000;

/** The resources that tags are to be given to or taken from. */
export function readTaggableIds(texts: readonly string[]): readonly TaggableId[] {
  if (texts.length === 0) throw new ApiError('MissingParameter', 'The request must contain the parameter ResourceId');
  if (texts.length > maxResources) {
    throw new ApiError('InvalidParameterValue', `The request may name at most ${maxResources} resources.`);
  }
  return [...new Set(texts.map(readTaggableId))];
}

function readTaggableId(text: string): TaggableId {
  const id = parseVolumeId(text) ?? parseSnapshotId(text);
  if (id === undefined)
    throw new ApiError('InvalidID', `The ID '${shorten(text)}' is not valid: only volumes and snapshots have tags here.`);
  return id;
}
