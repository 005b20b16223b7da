import type { AccountId, InstanceId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import { forEachInTurns } from '../sharing/turn.ts';
import {
  CloudUnavailable,
  type InstanceEnd,
  type InstanceOwner,
  type InstanceResolver,
  type ListedInstance,
  type PlacementClaim,
  type Resolution,
  type ResolveOptions,
} from './cloud-resolver.ts';

/** What one resolver of a chain said, and how long that took. */
export interface Testimony {
  readonly resolver: string;
  readonly resolution: Resolution;
  readonly durationMs: number;
}

/** A chain that also tells how it came to its answer. */
export interface ResolverChain extends InstanceResolver {
  /** Asks everyone anew. `testimonies` are in the order of the chain. */
  explain(instanceId: InstanceId): Promise<{ readonly resolution: Resolution; readonly testimonies: readonly Testimony[] }>;
}

/**
 * Asks several resolvers at once, as if they were one. Those that place an instance must agree, and those that tell its account; two that do not are
 * both named, and the instance is in no place. An account that only one of them tells is taken. "No such instance" is only answered when every resolver is sure of it; one that could not find out makes the
 * whole answer `unavailable`, unless another one places the instance.
 */
export function chainResolvers(resolvers: readonly InstanceResolver[]): ResolverChain {
  const askAll = (instanceId: InstanceId, options: ResolveOptions) =>
    Promise.all(resolvers.map((resolver) => testimonyOf(resolver, instanceId, options)));
  let merged: { readonly of: readonly (readonly ListedInstance[])[]; readonly list: Promise<readonly ListedInstance[]> } = {
    of: [],
    list: Promise.resolve([]),
  };
  return {
    name: resolvers.map((resolver) => resolver.name).join(', '),

    async resolve(instanceId, options = {}) {
      return judge(await askAll(instanceId, options));
    },

    async explain(instanceId) {
      const testimonies = await askAll(instanceId, { fresh: true });
      return { resolution: judge(testimonies), testimonies };
    },

    /**
     * In the order of the chain: an instance that two resolvers list is taken from the first. What a resolver knows that cannot be asked is not
     * in the list, so that nothing follows from an instance's absence. A list that is not whole is never empty: that would say that there are none.
     */
    async list(): Promise<readonly ListedInstance[]> {
      const answers = await Promise.all(resolvers.map(listOf));
      // Lists that are remembered are merged once, and whoever makes something of the whole list sees by it that it is the same.
      const lists = answers.filter(
        (answer): answer is readonly ListedInstance[] => !(answer instanceof CloudUnavailable) && answer.length > 0,
      );
      if (lists.length !== merged.of.length || lists.some((list, index) => list !== merged.of[index])) {
        merged = { of: lists, list: mergedLists(lists) };
      }
      const list = await merged.list;
      const failures = answers.filter((answer) => answer instanceof CloudUnavailable);
      if (failures.length > 0 && list.length === 0) {
        throw new CloudUnavailable(failures.map(({ message }) => message).join('; '), { cause: failures });
      }
      return list;
    },

    health: () => resolvers.flatMap((resolver) => resolver.health?.() ?? []),
  };
}

async function mergedLists(lists: readonly (readonly ListedInstance[])[]): Promise<readonly ListedInstance[]> {
  const byId = new Map<InstanceId, ListedInstance>();
  const disputed = new Set<InstanceId>();
  await forEachInTurns(
    lists.flat(),
    (instance) => {
      const known = byId.get(instance.id);
      if (known === undefined) {
        byId.set(instance.id, instance);
      } else if (known.accountId === undefined) {
        byId.set(instance.id, { ...known, ...toldBy([instance]) });
      } else if (instance.accountId !== undefined && instance.accountId !== known.accountId) {
        disputed.add(instance.id);
      }
    },
    'all',
  );
  // Whom it belongs to is for the operator to settle.
  for (const id of disputed) {
    const { accountId: _accountId, owner: _owner, ...nobodys } = byId.get(id) as ListedInstance;
    byId.set(id, nobodys);
  }
  return [...byId.values()];
}

/** A list, or why there is none; whoever guards the resolver has told the log. */
async function listOf(resolver: InstanceResolver): Promise<readonly ListedInstance[] | CloudUnavailable> {
  try {
    return await resolver.list();
  } catch (cause) {
    if (cause instanceof CloudUnavailable) {
      return cause;
    }
    throw cause;
  }
}

async function testimonyOf(resolver: InstanceResolver, instanceId: InstanceId, options: ResolveOptions): Promise<Testimony> {
  const startedAtMs = performance.now();
  const resolution = await resolver.resolve(instanceId, options);
  return { resolver: resolver.name, resolution, durationMs: performance.now() - startedAtMs };
}

function judge(testimonies: readonly Testimony[]): Resolution {
  const claims = testimonies.flatMap(claimsOf);
  const unavailable = testimonies.flatMap(({ resolver, resolution }) =>
    resolution.outcome === 'unavailable' ? [`${resolver}: ${resolution.reason}`] : [],
  );
  const [first] = claims;
  if (first !== undefined) {
    const unheard = unavailable.length > 0 && { unheard: true as const };
    const isAgreed = claims.every(({ placement }) => isSamePlace(placement, first.placement)) && accountsTold(claims).size <= 1;
    return isAgreed
      ? { outcome: 'resolved', placement: first.placement, ...toldBy(claims), ...unheard }
      : { outcome: 'contradicted', claims, ...unheard };
  }
  if (unavailable.length > 0) {
    return { outcome: 'unavailable', reason: unavailable.join('; ') };
  }
  const said = testimonies.map(({ resolution }) => resolution);
  const withoutPlace = said.filter((resolution) => resolution.outcome === 'not-authorised' || resolution.outcome === 'not-placed');
  const told = withoutPlace.find(({ outcome }) => outcome === 'not-authorised') ?? withoutPlace[0];
  if (told === undefined) {
    return notKnown(said);
  }
  const { owner: _owner, accountId: _accountId, ...outcome } = told;
  return { ...outcome, ...(accountsTold(withoutPlace).size <= 1 && toldBy(withoutPlace)) };
}

function accountsTold(owners: readonly InstanceOwner[]): ReadonlySet<AccountId> {
  return new Set(owners.flatMap(({ accountId }) => accountId ?? []));
}

/** What is said of the owner by the first who names its account, or else by the first who names an owner. */
function toldBy(owners: readonly InstanceOwner[]): InstanceOwner {
  const { owner, accountId } = owners.find((each) => each.accountId !== undefined) ?? owners.find((each) => each.owner !== undefined) ?? {};
  return { ...(owner !== undefined && { owner }), ...(accountId !== undefined && { accountId }) };
}

/** One who says that it has ended is enough when nobody else knows the instance. */
function notKnown(said: readonly Resolution[]): Resolution {
  const endedBy = (end: InstanceEnd) => said.find((resolution) => resolution.outcome === 'not-known' && resolution.ended === end);
  return endedBy('reported') ?? endedBy('forgotten') ?? { outcome: 'not-known' };
}

function claimsOf({ resolver, resolution }: Testimony): readonly PlacementClaim[] {
  switch (resolution.outcome) {
    case 'resolved':
      return [{ resolver, placement: resolution.placement, ...toldBy([resolution]) }];
    case 'contradicted':
      return resolution.claims;
    default:
      return [];
  }
}

function isSamePlace(one: Placement, other: Placement): boolean {
  return one.vmmHost === other.vmmHost && one.domain === other.domain;
}
