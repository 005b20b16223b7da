import { CloudUnavailable } from '../cloud-resolver.ts';

/** The only one; `undefined` when there is none. Two things with one id contradict each other, so neither is believed: throws CloudUnavailable. `thing` is as `VM 7`. */
export function soleOf<Thing>(found: readonly Thing[], thing: string, speaker: string): Thing | undefined {
  if (found.length > 1) {
    throw new CloudUnavailable(`${speaker} tells of ${thing} more than once`);
  }
  return found[0];
}
