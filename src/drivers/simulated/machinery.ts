import { DriverError } from '../driver-error.ts';
import type { Answer, CommandRecord, Listed, Look, Thing, ThingKind } from '../thing.ts';
import type { SimulatedVerb } from './latency.ts';
import type { Mutation, WorldState } from './world-state.ts';

export interface Deed<Value> {
  readonly host: string;
  readonly verb: SimulatedVerb;
  /** What the verb is done to, for the record. Never a secret. */
  readonly subject: readonly string[];
  /** Done when the work starts, for work that is seen half done. */
  readonly begin?: () => void;
  /** Done when the work is over, all in one go. Throws DriverError for what the tool would refuse. */
  readonly act: () => Value;
}

/** What the simulated drivers share: the state of the world, and the way of doing something to it that takes time and can fail. */
export interface Machinery {
  readonly state: WorldState;
  readonly clock: () => number;
  readonly latencyMs: (verb: SimulatedVerb) => number;
  commit(mutation: Mutation): void;
  perform<Value>(deed: Deed<Value>): Promise<Answer<Value>>;
}

export function simulatedMachinery(world: {
  readonly state: WorldState;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly latencyMs: (verb: SimulatedVerb) => number;
  readonly commit: (mutation: Mutation) => void;
}): Machinery {
  const { state, clock, sleep, latencyMs, commit } = world;
  return {
    state,
    clock,
    latencyMs,
    commit,
    async perform({ host, verb, subject, begin, act }) {
      const startedAtMs = clock();
      const record = (outcome: { exitCode?: number; outputTail: string }): CommandRecord => ({
        host,
        argv: ['simulated', verb, ...subject],
        startedAtMs,
        durationMs: clock() - startedAtMs,
        ...outcome,
      });
      const requireHost = (kind: 'unavailable' | 'unknown') => {
        if (!state.lostHosts.has(host)) return;
        const message = `${host} does not answer`;
        throw new DriverError(kind, message, { retryable: true, commands: [record({ outputTail: message })] });
      };
      requireHost('unavailable');
      try {
        begin?.();
        const delayMs = latencyMs(verb);
        if (delayMs > 0) await sleep(delayMs);
        requireHost('unknown');
        const value = act();
        return { value, commands: [record({ exitCode: 0, outputTail: '' })] };
      } catch (error) {
        if (!(error instanceof DriverError) || error.commands.length > 0) throw error;
        const commands = [record({ exitCode: 1, outputTail: error.message })];
        throw new DriverError(error.kind, error.message, { retryable: error.retryable, isBusy: error.isBusy, commands, cause: error });
      }
    },
  };
}

/** What one kind of thing is in the simulated world; the rest of the four verbs is the same for all. */
export interface ThingRules<Spec, Facts> {
  readonly host: string;
  readonly kind: ThingKind;
  nameOf(spec: Spec): readonly string[];
  look(spec: Spec): Look<Facts>;
  begin?(spec: Spec): void;
  make(spec: Spec): void;
  unmake(spec: Spec): void;
  list(): readonly (string | Listed)[];
}

export function simulatedThing<Spec, Facts>(machinery: Machinery, rules: ThingRules<Spec, Facts>): Thing<Spec, Facts> {
  const { host, kind } = rules;
  return {
    async look(spec) {
      try {
        return await machinery.perform({ host, verb: `${kind}.look`, subject: rules.nameOf(spec), act: () => rules.look(spec) });
      } catch (error) {
        if (!(error instanceof DriverError)) throw error;
        return { value: { state: 'unknown', reason: error.message }, commands: error.commands };
      }
    },
    async make(spec) {
      const { commands } = await machinery.perform({
        host,
        verb: `${kind}.make`,
        subject: rules.nameOf(spec),
        begin: () => rules.begin?.(spec),
        act: () => rules.make(spec),
      });
      return commands;
    },
    async unmake(spec) {
      const { commands } = await machinery.perform({
        host,
        verb: `${kind}.unmake`,
        subject: rules.nameOf(spec),
        act() {
          const found = rules.look(spec);
          if (found.state === 'different') throw new DriverError('conflict', found.difference);
          rules.unmake(spec);
        },
      });
      return commands;
    },
    async list() {
      const deed = { host, verb: `${kind}.list`, subject: [], act: () => rules.list().map(listed) } as const;
      return machinery.perform(deed);
    },
  };
}

function listed(found: string | Listed): Listed {
  return typeof found === 'string' ? { name: found } : found;
}
