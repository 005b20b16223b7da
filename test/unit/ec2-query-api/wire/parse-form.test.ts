import { expect, test } from 'vitest';
import { parseForm } from '../../../../src/ec2-query-api/wire/parse-form.ts';

test('escapes and plus signs are decoded, and order and repetition are kept', () => {
  expect(parseForm('b=1&a=x+y%2B%C3%A9&b=2&&c', 10)).toEqual([
    ['b', '1'],
    ['a', 'x y+é'],
    ['b', '2'],
    ['c', ''],
  ]);
});

test('a value may hold an equals sign', () => {
  expect(parseForm('a=b=c', 10)).toEqual([['a', 'b=c']]);
});

test.each(['a=%', 'a=%zz', '%ff=1', 'a=%ED%A0%80'])('%s is refused, since it is no UTF-8', (text) => {
  expect(() => parseForm(text, 10)).toThrow(expect.objectContaining({ code: 'MalformedQueryString' }));
});

test('more parameters than allowed are refused', () => {
  expect(parseForm('a=1&b=2', 2)).toHaveLength(2);
  expect(() => parseForm('a=1&b=2&c=3', 2)).toThrow(expect.objectContaining({ code: 'MalformedQueryString' }));
});
