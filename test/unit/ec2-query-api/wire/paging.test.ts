import { describe, expect, test } from 'vitest';
import { type AskedPage, compilePage } from '../../../../src/ec2-query-api/wire/paging.ts';

const ids = Array.from({ length: 23 }, (_, index) => `id-${String(index).padStart(2, '0')}`);

function page(asked: AskedPage, of: readonly string[] = ids, idsGiven = false) {
  return compilePage<string>(asked, { kind: 'thing', idsGiven, idOf: (id) => id }).take(of);
}

test('without a limit everything comes at once', () => {
  expect(page({})).toEqual({ items: ids, nextToken: undefined });
});

test('the pages together are the list', () => {
  const seen: string[] = [];
  let asked: AskedPage = { MaxResults: 5 };
  for (;;) {
    const { items, nextToken } = page(asked);
    expect(items.length).toBeLessThanOrEqual(5);
    seen.push(...items);
    if (nextToken === undefined) break;
    asked = { MaxResults: 5, NextToken: nextToken };
  }
  expect(seen).toEqual(ids);
});

test('a full last page has no token', () => {
  expect(page({ MaxResults: 5 }, ids.slice(0, 5)).nextToken).toBeUndefined();
});

test('what goes away between two pages moves nothing', () => {
  const { nextToken } = page({ MaxResults: 5 });
  if (nextToken === undefined) throw new Error('no second page');
  const { items } = page({ MaxResults: 5, NextToken: nextToken }, ids.slice(4));
  expect(items).toEqual(ids.slice(5, 10));
  // The very item that the token names may be gone too.
  expect(page({ MaxResults: 5, NextToken: nextToken }, ids.slice(5)).items).toEqual(ids.slice(5, 10));
});

describe('refusals', () => {
  test.each([0, -1, 4, 1_001])('a page of %s', (maxResults) => {
    expect(() => page({ MaxResults: maxResults })).toThrow(expect.objectContaining({ code: 'InvalidParameterValue' }));
  });

  test('pages of resources asked for by their ids', () => {
    const combination = expect.objectContaining({ code: 'InvalidParameterCombination' });
    expect(() => page({ MaxResults: 5 }, ids, true)).toThrow(combination);
    expect(() => page({ NextToken: 'x' }, ids, true)).toThrow(combination);
    expect(page({}, ids, true).items).toEqual(ids);
  });

  test('tokens that were never given out, or for another kind of resource', () => {
    const token = page({ MaxResults: 5 }).nextToken ?? '';
    const other = () => compilePage<string>({ NextToken: token }, { kind: 'other', idsGiven: false, idOf: (id) => id });
    expect(other).toThrow(expect.objectContaining({ code: 'InvalidParameterValue' }));
    for (const bad of ['x', `${token}=`, `${token}!`, token.slice(0, 3), Buffer.from('thing ').toString('base64url')]) {
      expect(() => page({ NextToken: bad })).toThrow(expect.objectContaining({ code: 'InvalidParameterValue' }));
    }
  });
});
