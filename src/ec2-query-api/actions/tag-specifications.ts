import { maxTagsOfResource, type Tag } from '../../model/tag.ts';
import type { TagSpecification, Tag as WireTag } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { shorten } from '../wire/nest-params.ts';

const maxKeyLength = 127;
const maxValueLength = 255;
const reservedPrefix = 'aws:';

/** The tags that a create action gives its new resource. */
export function readTagSpecifications(specifications: readonly TagSpecification[] | undefined, resourceType: string): readonly Tag[] {
  const tags = (specifications ?? []).flatMap((specification) => {
    if (specification.ResourceType === undefined) throw missing('TagSpecification.N.ResourceType');
    if (specification.ResourceType !== resourceType) {
      throw invalid(`'${shorten(specification.ResourceType)}' is not a valid taggable resource type for this operation.`);
    }
    return (specification.Tags ?? []).map(({ Key, Value }) => readTag(Key, Value ?? '', 'TagSpecification.N.Tag.N.Key'));
  });
  refuseTooMany(tags);
  return tags;
}

/** The tags that CreateTags adds. */
export function readTags(wireTags: readonly WireTag[]): readonly Tag[] {
  if (wireTags.length === 0) throw missing('Tag');
  const tags = wireTags.map(({ Key, Value }) => readTag(Key, Value ?? '', 'Tag.N.Key'));
  refuseTooMany(tags);
  return tags;
}

/** `keyName` is the name of the key's parameter on the wire. */
export function readTag(key: string | undefined, value: string, keyName: string): Tag {
  if (key === undefined || key === '') throw missing(keyName);
  if (key.length > maxKeyLength) throw invalid(`Tag key exceeds the maximum length of ${maxKeyLength} characters`);
  if (value.length > maxValueLength) throw invalid(`Tag value exceeds the maximum length of ${maxValueLength} characters`);
  if (key.toLowerCase().startsWith(reservedPrefix))
    throw invalid(`Tag keys starting with '${reservedPrefix}' are reserved for internal use`);
  return { key, value };
}

export function refuseMoreThanAResourceHas(tags: readonly unknown[]): void {
  if (tags.length > maxTagsOfResource) throw new ApiError('TagLimitExceeded', `More than ${maxTagsOfResource} tags specified`);
}

function refuseTooMany(tags: readonly Tag[]): void {
  refuseMoreThanAResourceHas(tags);
  const keys = new Set<string>();
  for (const { key } of tags) {
    if (keys.has(key)) throw invalid(`Duplicate tag key '${shorten(key)}' specified.`);
    keys.add(key);
  }
}

function missing(parameter: string): ApiError {
  return new ApiError('MissingParameter', `The request must contain the parameter ${parameter}`);
}

function invalid(message: string): ApiError {
  return new ApiError('InvalidParameterValue', message);
}
