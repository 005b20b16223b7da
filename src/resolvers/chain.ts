import type { InstanceId } from '../model/ids.ts';
import type { CloudResolver, ListedInstance, Resolution } from './cloud-resolver.ts';

/**
 * Asks several resolvers as if they were one, in their order: the first that knows an instance places it.
 * "No such instance" is only answered when every resolver is sure of it; one that could not find out makes the whole answer `unavailable`.
 */
export function chainResolvers(resolvers: readonly CloudResolver[]): CloudResolver {
  return {
    name: resolvers.map((resolver) => resolver.name).join(', '),

    async resolve(instanceId: InstanceId): Promise<Resolution> {
      const reasons: string[] = [];
      for (const resolver of resolvers) {
        const resolution = await resolver.resolve(instanceId);
        if (resolution.outcome === 'resolved') {
          return resolution;
        }
        if (resolution.outcome === 'unavailable') {
          reasons.push(`${resolver.name}: ${resolution.reason}`);
        }
      }
      return reasons.length === 0 ? { outcome: 'not-known' } : { outcome: 'unavailable', reason: reasons.join('; ') };
    },

    async list(): Promise<readonly ListedInstance[]> {
      const byId = new Map<InstanceId, ListedInstance>();
      for (const resolver of resolvers) {
        for (const instance of await resolver.list()) {
          if (!byId.has(instance.id)) {
            byId.set(instance.id, instance);
          }
        }
      }
      return [...byId.values()];
    },
  };
}
