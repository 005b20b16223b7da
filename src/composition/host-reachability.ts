import type { HostAnswer } from './measured-site.ts';

/** So many answers in a row that tell nothing, and no other one since. */
const silentAfter = 3;

export interface HostReachability {
  /** To be told of every answer of every host. */
  answered(answer: Pick<HostAnswer, 'host' | 'outcome'>): void;
  /** Whether the host has lately not answered, whoever asked it: an operation, or one of the comparisons, of which there is one every few seconds. */
  isSilent(host: string): boolean;
}

/** Knows which hosts do not answer at the moment. What they refuse they have answered. */
export function createHostReachability(): HostReachability {
  const silences = new Map<string, number>();
  return {
    answered({ host, outcome }) {
      if (outcome === 'unavailable' || outcome === 'unknown') {
        silences.set(host, (silences.get(host) ?? 0) + 1);
      } else {
        silences.delete(host);
      }
    },
    isSilent: (host) => (silences.get(host) ?? 0) >= silentAfter,
  };
}
