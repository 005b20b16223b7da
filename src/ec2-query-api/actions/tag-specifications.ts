import type { Tag } from '../../model/tag.ts';
import type { TagSpecification } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { shorten } from '../wire/nest-params.ts';

const maxTags = 50;
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
    return (specification.Tags ?? []).map(({ Key, Value }) => readTag(Key, Value ?? ''));
  });
  refuseTooMany(tags);
  return tags;
}

function readTag(key: string | undefined, value: string): Tag {
  if (key === undefined || key === '') throw missing('TagSpecification.N.Tag.N.Key');
  if (key.length > maxKeyLength) throw invalid(`Tag key exceeds the maximum length of ${maxKeyLength} characters`);
  if (value.length > maxValueLength) throw invalid(`Tag value exceeds the maximum length of ${maxValueLength} characters`);
  if (key.toLowerCase().startsWith(reservedPrefix))
    throw invalid(`Tag keys starting with '${reservedPrefix}' are reserved for internal use`);
  return { key, value };
}

function refuseTooMany(tags: readonly Tag[]): void {
  if (tags.length > maxTags) throw new ApiError('TagLimitExceeded', `More than ${maxTags} tags specified`);
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
