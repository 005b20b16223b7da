import type { AccountId } from '../model/ids.ts';
import type { Instance } from '../model/instance.ts';
import type { Placement } from '../model/placement.ts';
import { type FairTurns, fairTurns, TooManyWaiting } from '../sharing/fair-turns.ts';
import { sharedAnswers } from '../sharing/shared-answers.ts';
import type { Site } from './site.ts';

type State = Instance['state'];

/** Every question is a process on the host, so that a host answers so many at a time. */
const askedAtOnce = 8;
const waitingOfAccount = 20_000;
/** Nobody waits longer for the answer of an API. */
const patienceMs = 60_000;
/** For how long a state is said again: clients that wait for one ask every few seconds. */
const keptMs = 2_000;
const keptAtMost = 10_000;

/** Asks the VMM hosts for the states of VMs, for a client to see: not for what is done by it. */
export function createInstanceStates(
  { vmmHosts }: Pick<Site, 'vmmHosts'>,
  clock: () => number,
): (accountId: AccountId, placement: Placement) => Promise<State> {
  const turnsOf = new Map<string, FairTurns>(
    [...vmmHosts.keys()].map((host) => [host, fairTurns({ atOnce: askedAtOnce, waitingOfOne: waitingOfAccount, patienceMs }, clock)]),
  );
  const states = sharedAnswers<string, State>({ entries: keptAtMost, keepMs: () => keptMs }, clock);

  return async (accountId, { vmmHost, domain }) => {
    const vmm = vmmHosts.get(vmmHost)?.vmm;
    const turns = turnsOf.get(vmmHost);
    if (vmm === undefined || turns === undefined) {
      return 'unknown';
    }
    // A host's name holds no slash.
    const key = `${vmmHost}/${domain}`;
    const ask = async (): Promise<State> => {
      const answer = await vmm.domain(domain).catch(() => undefined);
      return answer === undefined ? 'unknown' : (answer.value?.state ?? 'stopped');
    };
    const known = states.known(key, keptMs);
    if (known !== undefined) {
      return known;
    }
    return turns
      .take(accountId, () => states.get(key, keptMs, ask))
      .catch((cause: unknown): State => {
        if (cause instanceof TooManyWaiting) {
          return 'unknown';
        }
        throw cause;
      });
  };
}
