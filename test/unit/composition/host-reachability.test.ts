import { expect, it } from 'vitest';
import { createHostReachability } from '../../../src/composition/host-reachability.ts';

it('calls a host silent after three answers that tell nothing, until it answers something', () => {
  const { answered, isSilent } = createHostReachability();
  answered({ host: 'one', outcome: 'unavailable' });
  answered({ host: 'one', outcome: 'unknown' });
  expect(isSilent('one')).toBe(false);
  answered({ host: 'another', outcome: 'ok' });
  answered({ host: 'one', outcome: 'unavailable' });
  expect(isSilent('one')).toBe(true);
  expect(isSilent('another')).toBe(false);
  answered({ host: 'one', outcome: 'refused' });
  expect(isSilent('one')).toBe(false);
});
