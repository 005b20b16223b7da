import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compilePatterns, parsePattern } from '../../../../src/ec2-query-api/wire/wildcards.ts';

/** Every way to split the text, one after the other: slow, and plainly what is meant. */
function matchesNaively(pattern: string, text: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === '*') return text.some((_, at) => matchesNaively(rest.join(''), text.slice(at))) || matchesNaively(rest.join(''), []);
  if (first === '\\' && rest.length > 0) return text[0] === rest[0] && matchesNaively(rest.slice(1).join(''), text.slice(1));
  return text.length > 0 && (first === '?' || first === text[0]) && matchesNaively(rest.join(''), text.slice(1));
}

const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\', 'é', '𝒳'), maxLength: 14 }), { minLength: 1, maxLength: 8 });
const patternUnits = fc.constantFrom('a', 'a', 'b', '𝒳', '*', '*', '?', '\\');

test('several patterns match what one of them matches by itself', () => {
  const patterns = fc.array(fc.string({ unit: patternUnits, maxLength: 9 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(patterns, texts, (some, tried) => {
      const matches = compilePatterns(some.map(parsePattern));
      for (const text of tried) {
        expect(matches(text)).toBe(some.some((pattern) => matchesNaively(pattern, [...text])));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('so many patterns that their states are not remembered match the same', () => {
  const patterns = fc.array(fc.string({ unit: patternUnits, maxLength: 7 }), { minLength: 1, maxLength: 6 });
  // Of these none can match, and they come before and behind what is tried.
  const ballast = Array.from({ length: 40 }, (_, index) => parsePattern(`${'z?'.repeat(30)}${index}*z`));
  fc.assert(
    fc.property(patterns, texts, (some, tried) => {
      const matches = compilePatterns([...ballast, ...some.map(parsePattern), ...ballast]);
      for (const text of tried) {
        expect(matches(text)).toBe(some.some((pattern) => matchesNaively(pattern, [...text])));
      }
    }),
    { numRuns: 300 },
  );
});

test('more states than are remembered do no harm', () => {
  const draw = fc.sample(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 40, maxLength: 40 }), { numRuns: 200, seed: 1 });
  const pattern = '*a?????????b?????????c*';
  const matches = compilePatterns([parsePattern(pattern)]);
  const expression = /^.*a.{9}b.{9}c.*$/s;
  const found = draw.map((text) => matches(text));
  expect(found).toEqual(draw.map((text) => expression.test(text)));
  expect(new Set(found).size).toBe(2);
});

test('patterns made to be slow are not', () => {
  const patterns = Array.from({ length: 80 }, (_, index) => parsePattern(`*${'a'.repeat(120)}b${index}*`));
  const matches = compilePatterns(patterns);
  const before = process.cpuUsage();
  for (let index = 0; index < 1_000; index += 1) {
    expect(matches(`${'a'.repeat(250)}${index}`)).toBe(false);
  }
  const { user, system } = process.cpuUsage(before);
  // To try one pattern after the other takes some ten seconds.
  expect((user + system) / 1_000).toBeLessThan(2_000);
});
