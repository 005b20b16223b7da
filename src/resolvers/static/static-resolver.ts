import type { CloudResolver, ListedInstance } from '../cloud-resolver.ts';

/** Places the instances that the settings list. It cannot be unavailable: what is not listed does not exist. */
export function staticResolver(instances: readonly ListedInstance[]): CloudResolver {
  const byId = new Map(instances.map((instance) => [instance.id, instance]));
  return {
    name: 'static',
    async resolve(instanceId) {
      const instance = byId.get(instanceId);
      return instance === undefined ? { outcome: 'not-known' } : { outcome: 'resolved', placement: instance.placement };
    },
    async list() {
      return instances;
    },
  };
}
