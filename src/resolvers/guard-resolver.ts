import type { InstanceId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import type { Log } from '../telemetry/log.ts';
import { boundedCache } from './bounded-cache.ts';
import { type CircuitBreakerSettings, circuitBreaker } from './circuit-breaker.ts';
import { type CloudResolver, CloudUnavailable, type InstanceResolver, type ListedInstance, type Resolution } from './cloud-resolver.ts';
import { type TimeLimit, within } from './time-limit.ts';

export interface Guard {
  readonly timeoutMs: number;
  /** How long a placement or a list is remembered; 0 remembers nothing. What was not found is never remembered: it may come into being. */
  readonly cacheMs: number;
  readonly cacheEntries: number;
  readonly breaker: CircuitBreakerSettings;
  /** The ids that are given to this cloud; of all others it is said not to know them. */
  readonly ids: RegExp;
  /** VMM hosts by the cloud's name for them, where that is not their name in the settings. */
  readonly hosts: Readonly<Record<string, string>>;
}

/** A question to a cloud, or one that was not put since the cloud is left alone. */
export interface ResolverAsk {
  readonly resolver: string;
  readonly question: 'resolve' | 'list';
  readonly outcome: Resolution['outcome'] | 'listed' | 'left-alone';
  readonly durationMs: number;
}

export interface GuardSurroundings {
  readonly clock: () => number;
  readonly log: Log;
  /** Told of every question; not of those that memory answers. */
  readonly onAsked?: (ask: ResolverAsk) => void;
}

type Unavailable = Extract<Resolution, { outcome: 'unavailable' }>;

/** Asks a cloud within bounds: for the ids that are its own, for so long, not again while it is dead, and not twice for what was just said. */
export function guardResolver(resolver: CloudResolver, guard: Guard, { clock, log, onAsked }: GuardSurroundings): InstanceResolver {
  const { name } = resolver;
  const breaker = circuitBreaker(guard.breaker, clock);
  const placements = boundedCache<InstanceId, Resolution>({ entries: guard.cacheEntries, lifeMs: guard.cacheMs }, clock);
  const lists = boundedCache<'all', readonly ListedInstance[]>({ entries: 1, lifeMs: guard.cacheMs }, clock);
  let asked = 0;
  let failed = 0;
  let lastFailure: { readonly atMs: number; readonly reason: string } | undefined;

  return {
    name,
    async resolve(instanceId, { fresh = false } = {}) {
      if (!guard.ids.test(instanceId)) {
        return { outcome: 'not-known', reason: `ids of this form are not given to ${name}` };
      }
      const remembered = fresh ? undefined : placements.get(instanceId);
      if (remembered !== undefined) {
        return remembered;
      }
      const answer = await ask(
        'resolve',
        (limit) => resolver.resolve(instanceId, limit),
        ({ outcome }) => outcome,
      );
      const resolution = 'value' in answer ? withSettingsNames(answer.value) : answer.unavailable;
      if (resolution.outcome === 'resolved') {
        placements.set(instanceId, resolution);
      } else {
        placements.delete(instanceId);
      }
      if (resolution.outcome === 'not-authorised') {
        log.warn({ resolver: name, instanceId, ...resolution }, 'the cloud does not tell where an instance is');
      }
      return resolution;
    },
    async list() {
      const remembered = lists.get('all');
      if (remembered !== undefined) {
        return remembered;
      }
      const answer = await ask(
        'list',
        (limit) => resolver.list(limit),
        () => 'listed',
      );
      if ('unavailable' in answer) {
        const { reason, hint } = answer.unavailable;
        throw new CloudUnavailable(`${name}: ${reason}`, hint === undefined ? {} : { hint });
      }
      const instances = answer.value
        .filter(({ id }) => guard.ids.test(id))
        .map((instance) => ({ ...instance, placement: withSettingsName(instance.placement) }));
      lists.set('all', instances);
      return instances;
    },
    health: () => [{ name, circuit: breaker.state, asked, failed, ...(lastFailure !== undefined && { lastFailure }) }],
  };

  async function ask<Value>(
    question: ResolverAsk['question'],
    work: (limit: TimeLimit) => Promise<Value>,
    outcomeOf: (value: Value) => ResolverAsk['outcome'],
  ): Promise<{ value: Value } | { unavailable: Unavailable }> {
    const startedAtMs = performance.now();
    const tell = (outcome: ResolverAsk['outcome']) =>
      onAsked?.({ resolver: name, question, outcome, durationMs: performance.now() - startedAtMs });
    if (!breaker.mayAsk()) {
      tell('left-alone');
      const last = lastFailure === undefined ? '' : `; it failed with: ${lastFailure.reason}`;
      return { unavailable: { outcome: 'unavailable', reason: `left alone for a while after it failed${last}` } };
    }
    asked += 1;
    try {
      const value = await within(guard.timeoutMs, work);
      tell(outcomeOf(value));
      // A resolver may also say it instead of throwing.
      if (isUnavailable(value)) {
        return { unavailable: noteFailure(value, { costly: false, cause: undefined }) };
      }
      if (breaker.succeeded()) {
        log.info({ resolver: name }, 'the resolver answers again');
      }
      return { value };
    } catch (cause) {
      tell('unavailable');
      // A command that was given the same time may end a moment before the limit does.
      const costly = performance.now() - startedAtMs >= guard.timeoutMs * 0.9;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const hint = cause instanceof CloudUnavailable ? cause.hint : undefined;
      return { unavailable: noteFailure({ outcome: 'unavailable', reason, ...(hint !== undefined && { hint }) }, { costly, cause }) };
    }
  }

  function noteFailure(unavailable: Unavailable, { costly, cause }: { readonly costly: boolean; readonly cause: unknown }): Unavailable {
    failed += 1;
    lastFailure = { atMs: clock(), reason: unavailable.reason };
    const { reason, hint } = unavailable;
    log.warn({ resolver: name, reason, ...(hint !== undefined && { hint }), ...(cause !== undefined && { cause }) }, 'a resolver failed');
    if (breaker.failed({ costly })) {
      log.warn({ resolver: name, pauseMs: guard.breaker.pauseMs }, 'the resolver is left alone for a while');
    }
    return unavailable;
  }

  function withSettingsNames(resolution: Resolution): Resolution {
    switch (resolution.outcome) {
      case 'resolved':
        return { ...resolution, placement: withSettingsName(resolution.placement) };
      case 'contradicted':
        return { ...resolution, claims: resolution.claims.map((claim) => ({ ...claim, placement: withSettingsName(claim.placement) })) };
      default:
        return resolution;
    }
  }

  function withSettingsName({ vmmHost, domain }: Placement): Placement {
    return { vmmHost: Object.hasOwn(guard.hosts, vmmHost) ? (guard.hosts[vmmHost] ?? vmmHost) : vmmHost, domain };
  }
}

function isUnavailable(value: unknown): value is Unavailable {
  return typeof value === 'object' && value !== null && 'outcome' in value && value.outcome === 'unavailable';
}
