import type { InstanceId } from '../model/ids.ts';
import type { Placement } from '../model/placement.ts';
import type { InstanceResolver, ListedInstance, PlacementClaim, Resolution } from './cloud-resolver.ts';

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

    /** In the order of the chain: an instance that two resolvers list is taken from the first. */
    async list(): Promise<readonly ListedInstance[]> {
      const byId = new Map<InstanceId, ListedInstance>();
      for (const instances of await Promise.all(resolvers.map((resolver) => resolver.list()))) {
        for (const instance of instances) {
          if (!byId.has(instance.id)) {
            byId.set(instance.id, instance);
          }
        }
      }
      return [...byId.values()];
    },

    health: () => resolvers.flatMap((resolver) => resolver.health?.() ?? []),
  };
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
  return (
    said.find(({ outcome }) => outcome === 'not-authorised') ??
    said.find(({ outcome }) => outcome === 'not-placed') ?? { outcome: 'not-known' }
  );
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
