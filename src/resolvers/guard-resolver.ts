import type { AccountId, InstanceId } from '../model/ids.ts';
import { parseAccountId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import { boundedCache } from '../sharing/bounded-cache.ts';
import { fairTurns, TooManyWaiting } from '../sharing/fair-turns.ts';
import { sharedAnswers } from '../sharing/shared-answers.ts';
import { forEachInTurns } from '../sharing/turn.ts';
import type { Log } from '../telemetry/log.ts';
import type { CircuitBreaker, CircuitBreakerSettings } from './circuit-breaker.ts';
import { circuits } from './circuits.ts';
import {
  type Asker,
  type CloudResolver,
  CloudUnavailable,
  type InstanceOwner,
  type InstanceResolver,
  type ListedInstance,
  ownsInstance,
  type Resolution,
} from './cloud-resolver.ts';
import { type TimeLimit, within } from './time-limit.ts';

export interface Guard {
  readonly timeoutMs: number;
  /** How long a placement or a list is remembered; 0 remembers nothing. What was not found is remembered for two seconds at the most: it may come into being. */
  readonly cacheMs: number;
  readonly cacheEntries: number;
  readonly breaker: CircuitBreakerSettings;
  /** How many questions the cloud is asked at the same time, three quarters of them at the most for one account. Without it, any number. */
  readonly concurrency?: number;
  /** How many questions of one account may wait; more are not asked. Without it, any number. */
  readonly waitingOfAccount?: number;
  /** The ids that are given to this cloud; of all others it is said not to know them. */
  readonly ids: RegExp;
  /** VMM hosts by the cloud's name for them, where that is not their name in the settings. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Accounts by the cloud's name for the owner of an instance. */
  readonly accounts?: Readonly<Record<string, AccountId>>;
  /** The cloud's owners are account ids themselves. */
  readonly ownersAreAccounts?: boolean;
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

/** What a question came to, with what the circuit breakers of all who shared it need. */
type Asked<Value> =
  | { readonly value: Value; readonly unavailable?: never }
  | { readonly value?: never; readonly unavailable: Unavailable; readonly costly: boolean; readonly beganAtMs: number };

/** What was not found, or is another account's, is said again for so long without asking. */
const absentMs = 2_000;
/** A question that was put so shortly before is as good as one that is put now: it was on its way. */
const freshWithinMs = 100;
/** Nobody waits longer for the answer of an API. */
const patienceMs = 30_000;

/**
 * Asks a cloud within bounds: for the ids that are its own, for so long, not again while it is dead, not twice for what was just said, in turns of
 * the accounts that want to know, and so that no account's questions keep another's from being answered.
 */
export function guardResolver(resolver: CloudResolver, guard: Guard, { clock, log, onAsked }: GuardSurroundings): InstanceResolver {
  const { name } = resolver;
  const {
    concurrency: atOnce = Number.POSITIVE_INFINITY,
    waitingOfAccount: waitingOfOne = Number.POSITIVE_INFINITY,
    accounts = {},
  } = guard;
  const { ofCloud, of: circuitOf } = circuits(guard.breaker, clock);
  const turns = fairTurns({ atOnce, waitingOfOne, patienceMs }, clock);
  const underWay = sharedAnswers<string, Asked<Resolution>>({ entries: 1, keepMs: () => 0 }, clock);
  const placements = boundedCache<InstanceId, Resolution>({ entries: guard.cacheEntries, lifeMs: guard.cacheMs }, clock);
  // For each account by itself, whether it is absent or another's: how long an answer takes must not tell what others have asked for.
  const absent = boundedCache<string, Resolution>({ entries: guard.cacheEntries, lifeMs: Math.min(absentMs, guard.cacheMs) }, clock);
  const lists = sharedAnswers<'all', Asked<readonly ListedInstance[]>>(
    { entries: 1, keepMs: ({ unavailable }) => (unavailable === undefined ? guard.cacheMs : 0) },
    clock,
  );
  let asked = 0;
  let failed = 0;
  let lastFailure: { readonly atMs: number; readonly reason: string } | undefined;

  return {
    name,
    async resolve(instanceId, { fresh = false, asker } = {}) {
      if (!guard.ids.test(instanceId)) {
        return { outcome: 'not-known', reason: `ids of this form are not given to ${name}` };
      }
      const absentKey = `${asker?.accountId ?? ''} ${instanceId}`;
      const remembered = fresh ? undefined : placements.get(instanceId);
      if (remembered !== undefined && isFor(asker, remembered)) {
        return remembered;
      }
      const missed = fresh ? undefined : absent.get(absentKey);
      if (missed !== undefined) {
        return missed;
      }
      const question = () =>
        ask(
          'resolve',
          async (limit) => withSettingsNames(await resolver.resolve(instanceId, limit, { fresh })),
          ({ outcome }) => outcome,
        );
      const shareWithinMs = fresh ? freshWithinMs : guard.timeoutMs;
      const resolution = await inTurn(asker, () => underWay.get(`${fresh} ${instanceId}`, shareWithinMs, question));
      if (resolution.outcome === 'resolved') {
        placements.set(instanceId, resolution);
      } else {
        placements.delete(instanceId);
      }
      if (resolution.outcome === 'unavailable' || isFor(asker, resolution)) {
        absent.delete(absentKey);
      } else {
        absent.set(absentKey, resolution);
      }
      if (resolution.outcome === 'not-authorised') {
        log.warn({ resolver: name, instanceId, ...resolution }, 'the cloud does not tell where an instance is');
      }
      return resolution;
    },
    async list() {
      const known = lists.known('all', guard.cacheMs)?.value;
      if (known !== undefined) {
        return known;
      }
      const answer = await askForList(Math.max(guard.cacheMs, freshWithinMs));
      if (answer.unavailable !== undefined) {
        const { reason, hint } = answer.unavailable;
        throw new CloudUnavailable(`${name}: ${reason}`, hint === undefined ? {} : { hint });
      }
      return answer.value;
    },
    health() {
      return [{ name, circuit: ofCloud.state, asked, failed, ...(lastFailure && { lastFailure }) }];
    },
  };

  async function inTurn(asker: Asker | undefined, question: () => Promise<Asked<Resolution>>): Promise<Resolution> {
    try {
      return await turns.take(asker?.accountId ?? '', async () => {
        const circuit = circuitOf(asker);
        if (circuit !== ofCloud && ofCloud.state !== 'closed') {
          // Whether the cloud answers again is found out by what does not depend on the id that somebody thought of.
          await askForList(freshWithinMs);
        }
        if ((circuit !== ofCloud && ofCloud.state !== 'closed') || !circuit.mayAsk()) {
          return leftAlone('resolve');
        }
        const answer = await question();
        conclude(circuit, answer);
        return answer.unavailable ?? answer.value;
      });
    } catch (cause) {
      if (cause instanceof TooManyWaiting) {
        return { outcome: 'unavailable', reason: cause.message };
      }
      throw cause;
    }
  }

  /** Nobody chooses what it asks, so that its fate tells of the cloud. One listing is under way at a time, and serves all who came before it. */
  function askForList(withinMs: number): Promise<Asked<readonly ListedInstance[]>> {
    return lists.get('all', withinMs, async () => {
      if (!ofCloud.mayAsk()) {
        return { unavailable: leftAlone('list'), costly: false, beganAtMs: clock() };
      }
      const listed = async (limit: TimeLimit) => {
        const ofGuard: ListedInstance[] = [];
        await forEachInTurns(
          await resolver.list(limit),
          (instance) => {
            if (guard.ids.test(instance.id)) {
              ofGuard.push({ ...instance, ...accountOf(instance), placement: withSettingsName(instance.placement) });
            }
          },
          'all',
        );
        return ofGuard;
      };
      const answer = await ask('list', listed, () => 'listed');
      conclude(ofCloud, answer);
      return answer;
    });
  }

  async function ask<Value>(
    question: ResolverAsk['question'],
    work: (limit: TimeLimit) => Promise<Value>,
    outcomeOf: (value: Value) => ResolverAsk['outcome'],
  ): Promise<Asked<Value>> {
    const startedAtMs = performance.now();
    const beganAtMs = clock();
    const tell = (outcome: ResolverAsk['outcome']) =>
      onAsked?.({ resolver: name, question, outcome, durationMs: performance.now() - startedAtMs });
    asked += 1;
    try {
      const value = await within(guard.timeoutMs, work);
      tell(outcomeOf(value));
      // A resolver may also say it instead of throwing.
      return isUnavailable(value) ? { unavailable: noteFailure(value, undefined), costly: false, beganAtMs } : { value };
    } catch (cause) {
      tell('unavailable');
      // A command that was given the same time may end a moment before the limit does.
      const costly = performance.now() - startedAtMs >= guard.timeoutMs * 0.9;
      const reason = cause instanceof Error ? cause.message : String(cause);
      const hint = cause instanceof CloudUnavailable ? cause.hint : undefined;
      return {
        unavailable: noteFailure({ outcome: 'unavailable', reason, ...(hint !== undefined && { hint }) }, cause),
        costly,
        beganAtMs,
      };
    }
  }

  function leftAlone(question: ResolverAsk['question']): Unavailable {
    onAsked?.({ resolver: name, question, outcome: 'left-alone', durationMs: 0 });
    const last = lastFailure === undefined ? '' : `; it failed with: ${lastFailure.reason}`;
    return { outcome: 'unavailable', reason: `left alone for a while after it failed${last}` };
  }

  function noteFailure(unavailable: Unavailable, cause: unknown): Unavailable {
    failed += 1;
    lastFailure = { atMs: clock(), reason: unavailable.reason };
    const { reason, hint } = unavailable;
    log.warn({ resolver: name, reason, ...(hint !== undefined && { hint }), ...(cause !== undefined && { cause }) }, 'a resolver failed');
    return unavailable;
  }

  /** Everybody who asked counts what the question came to, once. */
  function conclude(circuit: CircuitBreaker, answer: Asked<unknown>): void {
    const isOfCloud = circuit === ofCloud;
    if (answer.unavailable === undefined) {
      if (circuit.succeeded() && isOfCloud) {
        log.info({ resolver: name }, 'the resolver answers again');
      }
    } else if (circuit.failed(answer)) {
      const fields = { resolver: name, pauseMs: guard.breaker.pauseMs };
      log.warn(fields, isOfCloud ? 'the resolver is left alone for a while' : 'the resolver is left alone for a while, by one account');
    }
  }

  function withSettingsNames(resolution: Resolution): Resolution {
    switch (resolution.outcome) {
      case 'resolved':
        return { ...resolution, ...accountOf(resolution), placement: withSettingsName(resolution.placement) };
      case 'not-placed':
      case 'not-authorised':
        return { ...resolution, ...accountOf(resolution) };
      case 'contradicted':
        return {
          ...resolution,
          claims: resolution.claims.map((claim) => ({ ...claim, ...accountOf(claim), placement: withSettingsName(claim.placement) })),
        };
      default:
        return resolution;
    }
  }

  function accountOf({ owner, accountId }: InstanceOwner): InstanceOwner {
    if (owner === undefined || accountId !== undefined) {
      return {};
    }
    const named = Object.hasOwn(accounts, owner) ? accounts[owner] : undefined;
    const found = named ?? (guard.ownersAreAccounts === true ? parseAccountId(owner) : undefined);
    return found === undefined ? {} : { accountId: found };
  }

  function withSettingsName({ vmmHost, domain }: Placement): Placement {
    return { vmmHost: Object.hasOwn(guard.hosts, vmmHost) ? (guard.hosts[vmmHost] ?? vmmHost) : vmmHost, domain };
  }
}

/** Whether a resolution is of an instance that the asker has, so that it is remembered for it as it is for all. */
function isFor(asker: Asker | undefined, resolution: Resolution): boolean {
  return resolution.outcome === 'resolved' && (asker === undefined || ownsInstance(asker, resolution));
}

function isUnavailable(value: unknown): value is Unavailable {
  return typeof value === 'object' && value !== null && 'outcome' in value && value.outcome === 'unavailable';
}
