import type { Tag } from '../../model/tag.ts';
import type { Filter } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { shorten } from './nest-params.ts';

/** The filters of one describe action. */
export interface FilterTable<Resource> {
  /** By filter name, the values that a resource has for it, written as the wire writes them. None means that no filter value can match. */
  readonly fields: Readonly<Record<string, (resource: Resource) => readonly string[]>>;
  /** Given for resources with tags, which then have the filters `tag:KEY` and `tag-key`. */
  readonly tagsOf?: (resource: Resource) => readonly Tag[];
}

const maxValues = 200;
/** Longer than any text a resource can have, even with every character escaped. */
const maxValueLength = 1_024;

/**
 * One function that tells whether a resource passes all the filters asked for. The values of a filter are alternatives; the filters
 * all have to hold. `*` and `?` are wildcards unless escaped by `\`; case counts.
 */
export function compileFilters<Resource>(
  asked: readonly Filter[] | undefined,
  table: FilterTable<Resource>,
): (resource: Resource) => boolean {
  const tests = (asked ?? []).map((filter, index) => compileFilter(filter, index + 1, table));
  const valueCount = (asked ?? []).reduce((count, filter) => count + (filter.Values?.length ?? 0), 0);
  if (valueCount > maxValues) {
    throw new ApiError('FilterLimitExceeded', `The maximum number of filter values specified on a single call is ${maxValues}`);
  }
  return (resource) => tests.every((test) => test(resource));
}

function compileFilter<Resource>(filter: Filter, number: number, table: FilterTable<Resource>): (resource: Resource) => boolean {
  if (filter.Name === undefined) throw new ApiError('MissingParameter', `The request must contain the parameter Filter.${number}.Name`);
  const { Name: name, Values: values } = filter;
  const valuesOf = fieldOf(name, table);
  if (values === undefined || values.length === 0) {
    throw new ApiError('MissingParameter', `The request must contain the parameter Filter.${number}.Value`);
  }
  const matches = compileValues(values, number);
  return (resource) => valuesOf(resource).some(matches);
}

const tagPrefix = 'tag:';

function fieldOf<Resource>(name: string, { fields, tagsOf }: FilterTable<Resource>): (resource: Resource) => readonly string[] {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field !== undefined) return field;
  if (tagsOf !== undefined && name === 'tag-key') return (resource) => tagsOf(resource).map((tag) => tag.key);
  if (tagsOf !== undefined && name.startsWith(tagPrefix) && name !== tagPrefix) {
    const key = name.slice(tagPrefix.length);
    return (resource) => tagsOf(resource).flatMap((tag) => (tag.key === key ? [tag.value] : []));
  }
  throw new ApiError('InvalidParameterValue', `The filter '${shorten(name)}' is invalid`);
}

function compileValues(values: readonly string[], number: number): (text: string) => boolean {
  const exact = new Set<string>();
  const patterns: Pattern[] = [];
  for (const value of values) {
    if (value.length > maxValueLength) {
      throw new ApiError('InvalidParameterValue', `A value of Filter.${number} is longer than ${maxValueLength} characters.`);
    }
    const pattern = parsePattern(value);
    if (pattern.every((piece) => typeof piece === 'string')) exact.add(pattern.join(''));
    else patterns.push(pattern);
  }
  return (text) => exact.has(text) || patterns.some((pattern) => matchesPattern(pattern, [...text]));
}

const anyText = Symbol('*');
const anyCharacter = Symbol('?');
/** A character, or a wildcard. */
type Pattern = readonly (string | typeof anyText | typeof anyCharacter)[];

function parsePattern(value: string): Pattern {
  const pattern: (string | typeof anyText | typeof anyCharacter)[] = [];
  let escaped = false;
  for (const character of value) {
    if (escaped || !'\\*?'.includes(character)) {
      pattern.push(character);
      escaped = false;
    } else if (character === '\\') escaped = true;
    else if (character === '?') pattern.push(anyCharacter);
    else if (pattern.at(-1) !== anyText) pattern.push(anyText);
  }
  // A backslash at the end escapes nothing, so it means itself.
  if (escaped) pattern.push('\\');
  return pattern;
}

/**
 * Wildcards by going back to the last `*` only, which never takes more than text times pattern. A regular expression made of the
 * same pattern can be made to run for hours.
 */
function matchesPattern(pattern: Pattern, text: readonly string[]): boolean {
  let at = 0;
  let starAt = -1;
  let textAfterStar = 0;
  let index = 0;
  while (index < text.length) {
    const piece = pattern[at];
    if (piece === anyText) {
      starAt = at;
      at += 1;
      textAfterStar = index;
    } else if (piece === anyCharacter || (piece !== undefined && piece === text[index])) {
      at += 1;
      index += 1;
    } else if (starAt >= 0) {
      at = starAt + 1;
      textAfterStar += 1;
      index = textAfterStar;
    } else return false;
  }
  while (pattern[at] === anyText) at += 1;
  return at === pattern.length;
}
