import type { Tag } from '../../model/tag.ts';
import type { Filter } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { shorten } from './nest-params.ts';
import { compilePatterns, exactText, type Pattern, parsePattern } from './wildcards.ts';

/** The filters of one describe action. */
export interface FilterTable<Resource> {
  /** By filter name, the values that a resource has for it, written as the wire writes them. None means that no filter value can match. */
  readonly fields: Readonly<Record<string, (resource: Resource) => readonly string[]>>;
  /** Given for resources with tags, which then have the filters `tag:KEY` and `tag-key`. */
  readonly tagsOf?: (resource: Resource) => readonly Tag[];
}

const maxValues = 200;
/** As on EC2 ("Filter your Amazon EC2 resources", limits), and as long as the longest text of a resource. What a backslash escapes counts once. */
const maxValueLength = 255;
const mostEscapedLength = 2 * maxValueLength;
/** Of all values with wildcards together: what they cost is what they have of characters, for every text that they are held against. */
const maxPatternCharacters = 10_000;

/** What the values of a request may still have. */
interface PatternRoom {
  characters: number;
}

/**
 * One function that tells whether a resource passes all the filters asked for. The values of a filter are alternatives; the filters
 * all have to hold. `*` and `?` are wildcards unless escaped by `\`; case counts.
 */
export function compileFilters<Resource>(
  asked: readonly Filter[] | undefined,
  table: FilterTable<Resource>,
): (resource: Resource) => boolean {
  const room: PatternRoom = { characters: maxPatternCharacters };
  const tests = (asked ?? []).map((filter, index) => compileFilter(filter, index + 1, table, room));
  const valueCount = (asked ?? []).reduce((count, filter) => count + (filter.Values?.length ?? 0), 0);
  if (valueCount > maxValues) {
    throw new ApiError('FilterLimitExceeded', `The maximum number of filter values specified on a single call is ${maxValues}`);
  }
  return (resource) => tests.every((test) => test(resource));
}

function compileFilter<Resource>(
  filter: Filter,
  number: number,
  table: FilterTable<Resource>,
  room: PatternRoom,
): (resource: Resource) => boolean {
  if (filter.Name === undefined) throw new ApiError('MissingParameter', `The request must contain the parameter Filter.${number}.Name`);
  const { Name: name, Values: values } = filter;
  const valuesOf = fieldOf(name, table);
  if (values === undefined || values.length === 0) {
    throw new ApiError('MissingParameter', `The request must contain the parameter Filter.${number}.Value`);
  }
  const matches = compileValues(values, number, room);
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

function compileValues(values: readonly string[], number: number, room: PatternRoom): (text: string) => boolean {
  const exact = new Set<string>();
  const patterns: Pattern[] = [];
  // Whoever repeats a value asks for nothing more.
  for (const value of new Set(values)) {
    const pattern = value.length > mostEscapedLength ? undefined : parsePattern(value);
    if (pattern === undefined || pattern.length > maxValueLength) {
      throw new ApiError('InvalidParameterValue', `A value of Filter.${number} is longer than ${maxValueLength} characters.`);
    }
    const text = exactText(pattern);
    if (text !== undefined) {
      exact.add(text);
      continue;
    }
    patterns.push(pattern);
    room.characters -= pattern.length;
    if (room.characters < 0) {
      const reason = `The filter values with wildcards of a single call may have ${maxPatternCharacters} characters together`;
      throw new ApiError('FilterLimitExceeded', reason);
    }
  }
  if (patterns.length === 0) return (text) => exact.has(text);
  const matches = remember(compilePatterns(patterns));
  return (text) => exact.has(text) || matches(text);
}

/** Resources have the same few texts again and again: keys of tags, types, states. */
const mostRemembered = 1_000;

function remember(test: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = test(text);
    if (known.size < mostRemembered) known.set(text, result);
    return result;
  };
}
