import type * as z from 'zod';
import { nearest } from './nearest.ts';

type RawIssue = z.core.$ZodRawIssue;

/**
 * Says in sentences what a schema expects. Given to zod as the error map of a parse: what a schema says itself goes before it. Of unknown keys it says
 * a line each, in their order.
 */
export function sayExpectation(documentation: string): (issue: RawIssue) => string | undefined {
  return (issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(issue);
      return issue.keys.map((key) => unknownKey(key, known, documentation)).join('\n');
    }
    const expected = expectationOf(issue);
    if (expected === undefined) return undefined;
    if (issue.input === undefined) return `missing; it must be ${expected}`;
    return `must be ${expected}, and is ${shown(issue.input)}`;
  };
}

function unknownKey(key: string, known: readonly string[], documentation: string): string {
  const meant = nearest(key, known);
  const hint = meant === undefined ? '' : ` did you mean "${meant}"?`;
  return `${JSON.stringify(key)} is not known here;${hint} see ${documentation} for what is`;
}

/** Of the object whose schema made the issue. */
function knownKeys({ inst }: RawIssue): readonly string[] {
  const definition = inst?._zod.def;
  return definition !== undefined && 'shape' in definition && typeof definition.shape === 'object'
    ? Object.keys(definition.shape ?? {})
    : [];
}

/** What a value must be, as the end of "must be …". */
function expectationOf(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? `a ${issue.expected}`;
    case 'invalid_value':
      return `${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum);
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum);
    case 'invalid_format':
      return formatNames[issue.format] ?? `of another form (${issue.format})`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return alternatives(issue.errors);
    case 'invalid_key':
      return 'a group with other keys';
    default:
      return undefined;
  }
}

/** With an example, where the name alone does not show how it is written. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, as [one, two]',
  tuple: 'a list, as [1, 2]',
  object: 'a group of keys, as { key: value }',
  record: 'a group of keys, as { key: value }',
};

const formatNames: Readonly<Record<string, string>> = {
  url: 'an address, as https://cloud.example:8774',
  regex: 'of another form',
};

function bound(origin: string, relation: string, count: number | bigint): string {
  const plural = Number(count) === 1 ? '' : 's';
  if (origin === 'array') return `a list of ${relation} ${count} item${plural}`;
  if (origin === 'string') return `a text of ${relation} ${count} character${plural}`;
  return `${relation} ${count}`;
}

/** Of a union whose members are plain values; of others the schema says itself what it takes. */
function alternatives(errors: readonly (readonly z.core.$ZodIssue[])[]): string | undefined {
  const names = errors.map((issues) => {
    const [only] = issues;
    return issues.length === 1 && only !== undefined && only.path.length === 0 ? expectationOf(only as RawIssue) : undefined;
  });
  return names.length > 0 && names.every((name) => name !== undefined) ? names.join(', or ') : undefined;
}

const shownCharacters = 40;

/** A value, as short as it says something. */
function shown(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return 'a group of keys';
  if (typeof value === 'string') {
    return `the text ${JSON.stringify(value.length > shownCharacters ? `${value.slice(0, shownCharacters)}…` : value)}`;
  }
  return String(value);
}
