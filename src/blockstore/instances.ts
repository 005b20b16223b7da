import { deviceSlot } from '../model/device-name.ts';
import { Failure } from '../model/failure.ts';
import type { InstanceId } from '../model/ids.ts';
import type { Instance } from '../model/instance.ts';
import type { ListedInstance } from '../resolvers/cloud-resolver.ts';
import { endDryRun } from './begin-or-recheck.ts';
import type { Instances } from './blockstore.ts';
import { refuseMissing } from './refuse-missing.ts';
import { resolvedPlacement } from './resolved-placement.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

export function createInstances({ store, site, resolver }: Pick<UseCaseDependencies, 'store' | 'site' | 'resolver'>): Instances {
  return {
    async setDeleteOnTermination({ accountId }, { instanceId, devices, dryRun }) {
      const attached = (await store.attachments(accountId)).filter((attachment) => attachment.instanceId === instanceId);
      const changes = devices.map(({ device, volumeId, deleteOnTermination }) => {
        const found = attached.find(
          (each) => deviceSlot(each.device) === deviceSlot(device) && each.volumeId === (volumeId ?? each.volumeId),
        );
        if (found === undefined) {
          const reason = `The instance ${instanceId} has no volume of the account attached as ${device}.`;
          throw new Failure({ kind: 'invalid-parameter-value', parameter: 'BlockDeviceMapping', reason });
        }
        return { id: found.id, deleteOnTermination };
      });
      endDryRun(dryRun);
      for (const { id, deleteOnTermination } of changes) {
        await store.putDeleteOnTermination(accountId, id, deleteOnTermination);
      }
    },

    async list({ accountId }, instanceIds) {
      const wanted = instanceIds === undefined ? await everyInstance() : await chosen(instanceIds);
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

  async function everyInstance(): Promise<readonly ListedInstance[]> {
    return resolver.list().catch((cause: unknown) => {
      throw new Failure({ kind: 'unavailable', reason: 'The cloud could not be asked for its instances.' }, { cause });
    });
  }

  /**
   * An id that no resolver lists may still be one that can be resolved: the direct form, or a VM of a cloud that lists nothing. A cloud
   * that cannot list keeps nobody from seeing a VM of another one.
   */
  async function chosen(instanceIds: readonly InstanceId[]): Promise<ListedInstance[]> {
    const listed = await resolver.list().catch((): readonly ListedInstance[] => []);
    const byId = new Map(listed.map((instance) => [instance.id, instance]));
    const found = await Promise.all([...new Set(instanceIds)].map(async (id) => byId.get(id) ?? (await resolved(id))));
    return found.filter((instance) => instance !== undefined);
  }

  async function resolved(id: InstanceId): Promise<ListedInstance | undefined> {
    try {
      return { id, placement: await resolvedPlacement(resolver, id) };
    } catch (cause) {
      // The ids that do not exist are named all together.
      if (cause instanceof Failure && cause.reason.kind === 'instance-not-found') {
        return undefined;
      }
      throw cause;
    }
  }

  async function stateOf({ placement: { vmmHost, domain } }: ListedInstance): Promise<Instance['state']> {
    const answer = await site.vmmHosts
      .get(vmmHost)
      ?.vmm.domain(domain)
      .catch(() => undefined);
    return answer === undefined ? 'unknown' : (answer.value?.state ?? 'stopped');
  }
}
