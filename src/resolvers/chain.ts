import type { InstanceId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import {
  CloudUnavailable,
  type InstanceEnd,
  type InstanceResolver,
  type ListedInstance,
  type PlacementClaim,
  type Resolution,
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
 * Asks several resolvers at once, as if they were one. Those that place an instance must agree; two that do not are both named, and the
 * instance is in no place. "No such instance" is only answered when every resolver is sure of it; one that could not find out makes the
 * whole answer `unavailable`, unless another one places the instance.
 */
export function chainResolvers(resolvers: readonly InstanceResolver[]): ResolverChain {
  const askAll = (instanceId: InstanceId, fresh: boolean) =>
    Promise.all(resolvers.map((resolver) => testimonyOf(resolver, instanceId, fresh)));
  return {
    name: resolvers.map((resolver) => resolver.name).join(', '),

    async resolve(instanceId, { fresh = false } = {}) {
      return judge(await askAll(instanceId, fresh));
    },

    async explain(instanceId) {
      const testimonies = await askAll(instanceId, true);
      return { resolution: judge(testimonies), testimonies };
    },

    /**
     * In the order of the chain: an instance that two resolvers list is taken from the first. What a resolver knows that cannot be asked is not
     * in the list, so that nothing follows from an instance's absence. A list that is not whole is never empty: that would say that there are none.
     */
    async list(): Promise<readonly ListedInstance[]> {
      const byId = new Map<InstanceId, ListedInstance>();
      const failures: CloudUnavailable[] = [];
      for (const answer of await Promise.all(resolvers.map(listOf))) {
        if (answer instanceof CloudUnavailable) {
          failures.push(answer);
          continue;
        }
        for (const instance of answer) {
          if (!byId.has(instance.id)) {
            byId.set(instance.id, instance);
          }
        }
      }
      if (failures.length > 0 && byId.size === 0) {
        throw new CloudUnavailable(failures.map(({ message }) => message).join('; '), { cause: failures });
      }
      return [...byId.values()];
    },

    health: () => resolvers.flatMap((resolver) => resolver.health?.() ?? []),
  };
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

async function testimonyOf(resolver: InstanceResolver, instanceId: InstanceId, fresh: boolean): Promise<Testimony> {
  const startedAtMs = performance.now();
  const resolution = await resolver.resolve(instanceId, { fresh });
  return { resolver: resolver.name, resolution, durationMs: performance.now() - startedAtMs };
}

function judge(testimonies: readonly Testimony[]): Resolution {
  const claims = testimonies.flatMap(claimsOf);
  const [first] = claims;
  if (first !== undefined) {
    const isAgreed = claims.every(({ placement }) => isSamePlace(placement, first.placement));
    return isAgreed ? { outcome: 'resolved', placement: first.placement } : { outcome: 'contradicted', claims };
  }
  const unavailable = testimonies.flatMap(({ resolver, resolution }) =>
    resolution.outcome === 'unavailable' ? [`${resolver}: ${resolution.reason}`] : [],
  );
  if (unavailable.length > 0) {
    return { outcome: 'unavailable', reason: unavailable.join('; ') };
  }
  const said = testimonies.map(({ resolution }) => resolution);
  return said.find(({ outcome }) => outcome === 'not-authorised') ?? said.find(({ outcome }) => outcome === 'not-placed') ?? notKnown(said);
}

/** One who says that it has ended is enough when nobody else knows the instance. */
function notKnown(said: readonly Resolution[]): Resolution {
  const endedBy = (end: InstanceEnd) => said.find((resolution) => resolution.outcome === 'not-known' && resolution.ended === end);
  return endedBy('reported') ?? endedBy('forgotten') ?? { outcome: 'not-known' };
}

function claimsOf({ resolver, resolution }: Testimony): readonly PlacementClaim[] {
  switch (resolution.outcome) {
    case 'resolved':
      return [{ resolver, placement: resolution.placement }];
    case 'contradicted':
      return resolution.claims;
    default:
      return [];
  }
}

function isSamePlace(one: Placement, other: Placement): boolean {
  return one.vmmHost === other.vmmHost && one.domain === other.domain;
}
