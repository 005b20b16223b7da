import { expect, it } from 'vitest';
import { type IssueIds, issueAhead } from '../../../src/store/sqlite/issued-ids.ts';

/** Draws numbered ids, and counts in how many writes. */
function counting(): { readonly issueIds: IssueIds; writes: number; refusal: Error | undefined } {
  let drawn = 0;
  const counted: ReturnType<typeof counting> = {
    writes: 0,
    refusal: undefined,
    async issueIds(kind, count) {
      counted.writes += 1;
      if (counted.refusal !== undefined) throw counted.refusal;
      const first = drawn + 1;
      drawn += count;
      return Array.from({ length: count }, (_, index) => `${kind} ${first + index}`);
    },
  };
  return counted;
}

it('gives each of many who ask at once an id of its own, in fewer writes than there are ids', async () => {
  const counted = counting();
  const issueId = issueAhead(counted.issueIds, () => 0);
  const ids = await Promise.all(Array.from({ length: 100 }, () => issueId('volume')));
  expect(new Set(ids).size).toBe(100);
  expect(counted.writes).toBe(4);
});

it('keeps the kinds apart', async () => {
  const issueId = issueAhead(counting().issueIds, () => 0);
  const [volume, operation] = await Promise.all([issueId('volume'), issueId('operation')]);
  expect([volume, operation].map((id) => String(id).split(' ')[0])).toEqual(['volume', 'operation']);
});

it('tells all who wait that none could be issued, and issues some to who asks later', async () => {
  const counted = counting();
  const issueId = issueAhead(counted.issueIds, () => 0);
  counted.refusal = new Error('the disk is full');
  const refused = await Promise.allSettled([issueId('volume'), issueId('volume')]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  counted.refusal = undefined;
  expect(await issueId('volume')).toBe('volume 1');
});

it('gives out no id of an operation or attachment that was drawn so long ago that it may have been removed, and all of the others', async () => {
  let nowMs = 0;
  const issueId = issueAhead(counting().issueIds, () => nowMs);
  const before = [await issueId('operation'), await issueId('volume')];
  nowMs = 13 * 60 * 60 * 1_000;
  expect([before, [await issueId('operation'), await issueId('volume')]]).toEqual([
    ['operation 1', 'volume 33'],
    ['operation 65', 'volume 34'],
  ]);
});
