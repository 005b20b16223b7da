import { Failure } from '../model/failure.ts';
import type { InstanceId } from '../model/ids.ts';
import type { Instance } from '../model/instance.ts';
import type { ListedInstance } from '../resolvers/cloud-resolver.ts';
import type { Instances } from './blockstore.ts';
import { refuseMissing } from './refuse-missing.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

export function createInstances({ store, site, resolver }: Pick<UseCaseDependencies, 'store' | 'site' | 'resolver'>): Instances {
  return {
    async list({ accountId }, instanceIds) {
      const listed = await resolver.list().catch((cause: unknown) => {
        throw new Failure({ kind: 'unavailable', reason: 'The cloud could not be asked for its instances.' }, { cause });
      });
      const wanted = instanceIds === undefined ? listed : await chosen(listed, instanceIds);
      refuseMissing(instanceIds, wanted, (missing) => ({ kind: 'instance-not-found', instanceIds: missing }));
      const attachments = await store.attachments(accountId);
      return Promise.all(
        wanted.map(async (instance) => ({
          ...instance,
          state: await stateOf(instance),
          attachments: attachments.filter(({ instanceId }) => instanceId === instance.id),
        })),
      );
    },
  };

  /** An id that no resolver lists may still be one that can be resolved: the direct form, or a VM of a cloud that lists nothing. */
  async function chosen(listed: readonly ListedInstance[], instanceIds: readonly InstanceId[]): Promise<ListedInstance[]> {
    const byId = new Map(listed.map((instance) => [instance.id, instance]));
    const found = await Promise.all(
      [...new Set(instanceIds)].map(async (id) => {
        const resolution = byId.has(id) ? undefined : await resolver.resolve(id);
        if (resolution?.outcome === 'unavailable') {
          throw new Failure({ kind: 'resolver-unavailable', instanceId: id, resolver: resolver.name }, { cause: resolution.reason });
        }
        return resolution?.outcome === 'resolved' ? { id, placement: resolution.placement } : byId.get(id);
      }),
    );
    return found.filter((instance) => instance !== undefined);
  }

  async function stateOf({ placement: { vmmHost, domain } }: ListedInstance): Promise<Instance['state']> {
    const answer = await site.vmmHosts
      .get(vmmHost)
      ?.vmm.domain(domain)
      .catch(() => undefined);
    return answer === undefined ? 'unknown' : (answer.value?.state ?? 'stopped');
  }
}
