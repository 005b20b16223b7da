import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFilters, type FilterTable } from '../../../../src/ec2-query-api/wire/filters.ts';
import type { Tag } from '../../../../src/model/tag.ts';

interface Thing {
  readonly colours: readonly string[];
  readonly tags: readonly Tag[];
}

const table: FilterTable<Thing> = { fields: { colour: (thing) => thing.colours }, tagsOf: (thing) => thing.tags };
const thing: Thing = {
  colours: ['red', 'Light*Blue'],
  tags: [
    { key: 'Name', value: 'db?1' },
    { key: 'a:b', value: '' },
  ],
};

function passes(...filters: readonly [name: string, ...values: string[]][]): boolean {
  return compileFilters(
    filters.map(([Name, ...Values]) => ({ Name, Values })),
    table,
  )(thing);
}

test('no filters let everything pass', () => {
  expect(compileFilters(undefined, table)(thing)).toBe(true);
});

test('values are alternatives, filters add up', () => {
  expect(passes(['colour', 'green', 'red'])).toBe(true);
  expect(passes(['colour', 'red'], ['tag-key', 'Name'])).toBe(true);
  expect(passes(['colour', 'red'], ['tag-key', 'Nothing'])).toBe(false);
});

test('tags are found by key, and by key and value', () => {
  expect(passes(['tag-key', 'a:b'])).toBe(true);
  expect(passes(['tag:a:b', ''])).toBe(true);
  expect(passes(['tag:Name', 'db?1'])).toBe(true);
  expect(passes(['tag:Name', ''])).toBe(false);
  expect(passes(['tag:name', '*'])).toBe(false);
});

test.each([
  ['r?d', true],
  ['r*', true],
  ['*d', true],
  ['**r**e**d**', true],
  ['*', true],
  ['RED', false],
  ['re', false],
  ['r?', false],
  ['Light\\*Blue', true],
  ['Light\\?Blue', false],
  ['L*\\**e', true],
  ['Light*Blue', true],
  ['red\\', false],
])('the value %s matches: %s', (value, expected) => {
  expect(passes(['colour', value])).toBe(expected);
});

test('wildcards find what a regular expression of the same meaning finds', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '卷', '𝒳'), maxLength: 12 });
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '𝒳', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(letters, patterns, (text, pattern) => {
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
      const filter = compileFilters([{ Name: 'colour', Values: [pattern] }], table);
      expect(filter({ colours: [text], tags: [] })).toBe(expression.test(text));
    }),
  );
});

test('a pattern made to be slow is not', () => {
  const filter = compileFilters([{ Name: 'colour', Values: [`${'*a'.repeat(100)}b`] }], table);
  const startedAtMs = performance.now();
  expect(filter({ colours: ['a'.repeat(255)], tags: [] })).toBe(false);
  expect(performance.now() - startedAtMs).toBeLessThan(200);
});

describe('refusals', () => {
  test.each(['size', 'Colour', 'toString', '__proto__', 'tag:', ''])('the filter "%s" is unknown', (name) => {
    expect(() => passes([name, 'x'])).toThrow(expect.objectContaining({ code: 'InvalidParameterValue' }));
  });

  test('a resource without tags has no tag filters', () => {
    const filters = [{ Name: 'tag:Name', Values: ['x'] }];
    expect(() => compileFilters(filters, { fields: {} })).toThrow(expect.objectContaining({ code: 'InvalidParameterValue' }));
  });

  test('a filter needs a name and a value', () => {
    const missing = expect.objectContaining({ code: 'MissingParameter' });
    expect(() => compileFilters([{ Values: ['x'] }], table)).toThrow(missing);
    expect(() => compileFilters([{ Name: 'colour' }], table)).toThrow(missing);
    expect(() => compileFilters([{ Name: 'colour', Values: [] }], table)).toThrow(missing);
  });

  test('200 values are taken and 201 are not, whatever filters they are in', () => {
    const values = Array.from({ length: 200 }, (_, index) => `v${index}`);
    expect(passes(['colour', ...values])).toBe(false);
    expect(() => passes(['colour', ...values], ['tag-key', 'x'])).toThrow(expect.objectContaining({ code: 'FilterLimitExceeded' }));
  });

  test('a value of 255 characters is taken and a longer one is not, whatever is escaped in it', () => {
    const refusal = expect.objectContaining({ code: 'InvalidParameterValue' });
    expect(passes(['colour', 'x'.repeat(255)])).toBe(false);
    expect(passes(['colour', '\\*'.repeat(255)])).toBe(false);
    expect(() => passes(['colour', 'x'.repeat(256)])).toThrow(refusal);
    expect(() => passes(['colour', '\\*'.repeat(256)])).toThrow(refusal);
  });

  test('values with wildcards may have 10,000 characters together, and those without have nothing to do with it', () => {
    const withWildcard = (index: number) => `${'x'.repeat(245)}${String(index).padStart(4, '0')}*`;
    const many = Array.from({ length: 40 }, (_, index) => withWildcard(index));
    const plain = Array.from({ length: 100 }, (_, index) => `${'x'.repeat(250)}${index}`);
    expect(passes(['colour', ...many, ...plain])).toBe(false);
    const refusal = expect.objectContaining({ code: 'FilterLimitExceeded' });
    expect(() => passes(['colour', ...many, withWildcard(40)])).toThrow(refusal);
    expect(() => passes(['colour', ...many], ['tag-key', withWildcard(40)])).toThrow(refusal);
  });
});
