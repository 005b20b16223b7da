import { DriverError } from '../driver-error.ts';
import type { Answer, CommandRecord, Listed, Look, Thing, ThingKind } from '../thing.ts';
import type { DriverCall, FaultInjection } from './fault.ts';
import { answerOf, describeFault, meetFault } from './faulty-call.ts';

/** How many things a driver remembers the last look at. */
const mostRemembered = 1_000;

/** A thing whose verbs go wrong when the source of faults says so. */
export function faultyThing<Spec, Facts>(
  host: string,
  kind: ThingKind,
  thing: Thing<Spec, Facts>,
  injection: FaultInjection,
): Thing<Spec, Facts> {
  const { source, sleep, timeLimitMs } = injection;
  /** What was found before a deed which nobody has looked at since: what a listing that lags behind would still show. */
  const before = new Map<string, Answer<Look<Facts>>>();
  const lastSeen = new Map<string, Answer<Look<Facts>>>();
  let lastListing: Answer<readonly Listed[]> | undefined;

  const look = async (spec: Spec): Promise<Answer<Look<Facts>>> => {
    const name = JSON.stringify(spec);
    const call: DriverCall = { host, verb: `${kind}.look` };
    const fault = await source.meet(call);
    const stale = before.get(name);
    before.delete(name);
    switch (fault?.kind) {
      case undefined:
        break;
      case 'delay':
        await sleep(fault.delayMs ?? 0);
        break;
      case 'lie':
        if (stale !== undefined) {
          return stale;
        }
        break;
      case 'conflict':
        return answerOf({ state: 'different', difference: describeFault(call, fault) }, call, fault, injection);
      case 'hang':
      case 'hang-after':
        await sleep(timeLimitMs);
        return answerOf({ state: 'unknown', reason: describeFault(call, fault) }, call, fault, injection);
      case 'error':
      case 'error-after':
      case 'unavailable':
        return answerOf({ state: 'unknown', reason: describeFault(call, fault) }, call, fault, injection);
    }
    const answer = await thing.look(spec);
    remember(lastSeen, name, answer);
    return answer;
  };

  const change = async (verb: 'make' | 'unmake', spec: Spec): Promise<readonly CommandRecord[]> => {
    const call: DriverCall = { host, verb: `${kind}.${verb}` };
    const fault = await source.meet(call);
    const name = JSON.stringify(spec);
    const carryOut = async (): Promise<readonly CommandRecord[]> => {
      const seen = lastSeen.get(name);
      if (seen !== undefined) {
        remember(before, name, seen);
      }
      return thing[verb](spec);
    };
    return meetFault(call, fault, injection, carryOut, () => []);
  };

  /** As every change does, so that what is wrong with looking is wrong with that look too. */
  const lookFirst = async (spec: Spec) => {
    const { value: found, commands } = await look(spec);
    if (found.state === 'different') throw new DriverError('conflict', found.difference, { commands });
    if (found.state === 'unknown') throw new DriverError('unknown', found.reason, { commands });
    return { found, commands };
  };

  return {
    look,
    async make(spec) {
      const { found, commands } = await lookFirst(spec);
      return found.state === 'present' ? commands : [...commands, ...(await change('make', spec))];
    },
    async unmake(spec) {
      const { found, commands } = await lookFirst(spec);
      return found.state === 'absent' ? commands : [...commands, ...(await change('unmake', spec))];
    },
    async list() {
      const call: DriverCall = { host, verb: `${kind}.list` };
      const carryOut = async () => {
        lastListing = await thing.list();
        return lastListing;
      };
      return meetFault(call, await source.meet(call), injection, carryOut, () => lastListing ?? carryOut());
    },
  };
}

/** Bounded, since the things of years pass through a driver. */
function remember<Value>(memory: Map<string, Value>, name: string, value: Value): void {
  memory.delete(name);
  memory.set(name, value);
  for (const oldest of memory.keys()) {
    if (memory.size <= mostRemembered) {
      return;
    }
    memory.delete(oldest);
  }
}
