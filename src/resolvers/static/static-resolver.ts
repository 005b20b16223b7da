import type { CloudResolver, InstanceResolver, ListedInstance } from '../cloud-resolver.ts';

/** Places the instances that the settings list, or that a function of theirs lists now. It cannot be unavailable: what is not listed does not exist. */
export function staticResolver(instances: readonly ListedInstance[] | (() => readonly ListedInstance[])): CloudResolver & InstanceResolver {
  const listed = typeof instances === 'function' ? instances : () => instances;
  let indexed: readonly ListedInstance[] = [];
  let byId = new Map<string, ListedInstance>();
  return {
    name: 'static',
    async resolve(instanceId) {
      const now = listed();
      if (now !== indexed) {
        indexed = now;
        byId = new Map(now.map((instance) => [instance.id, instance]));
      }
      const instance = byId.get(instanceId);
      if (instance === undefined) {
        return { outcome: 'not-known' };
      }
      const { placement, accountId } = instance;
      return { outcome: 'resolved', placement, ...(accountId !== undefined && { accountId }) };
    },
    async list() {
      return listed();
    },
  };
}
