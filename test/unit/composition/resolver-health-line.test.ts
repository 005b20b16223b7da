import { expect, it } from 'vitest';
import { resolverHealthLine } from '../../../src/composition/resolver-health-line.ts';

it.each([
  [{ name: 'pve', circuit: 'closed', asked: 0, failed: 0 }, 'The resolver pve is asked; none of 0 questions failed.'],
  [{ name: 'pve', circuit: 'closed', asked: 1, failed: 0 }, 'The resolver pve is asked; none of 1 question failed.'],
  [
    { name: 'pve', circuit: 'open', asked: 7, failed: 3 },
    'The resolver pve is left alone for a while, since it did not answer; 3 of 7 questions failed.',
  ],
  [{ name: 'pve', circuit: 'trying', asked: 7, failed: 4 }, 'The resolver pve is tried again with one question; 4 of 7 questions failed.'],
] as const)('the health of a cloud reads as a sentence: %j', (health, sentence) => {
  expect(resolverHealthLine(health)).toBe(sentence);
});
