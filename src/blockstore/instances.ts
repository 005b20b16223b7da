import type { Attachment } from '../model/attachment.ts';
import type { Caller } from '../model/caller.ts';
import { deviceSlot } from '../model/device-name.ts';
import { Failure } from '../model/failure.ts';
import type { IdRange } from '../model/id-range.ts';
import type { InstanceId } from '../model/ids.ts';
import { endDryRun } from './begin-or-recheck.ts';
import type { AccountInstance, Instances } from './blockstore.ts';
import { createInstanceStates } from './instance-states.ts';
import { refuseMissing } from './refuse-missing.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';
import type { VisibleInstances } from './visible-instances.ts';

export function createInstances(
  { store, site, clock }: Pick<UseCaseDependencies, 'store' | 'site' | 'clock'>,
  visible: VisibleInstances,
): Instances {
  const stateOf = createInstanceStates(site, clock);

  return {
    async setDeleteOnTermination(caller, { instanceId, devices, dryRun }) {
      const { accountId } = caller;
      const attached = await store.attachments(accountId, [instanceId]);
      await visible.refuseForeign(caller, instanceId, attached.length > 0);
      const changes = new Map(
        devices.map(({ device, volumeId, deleteOnTermination }) => {
          const found = attached.find(
            (each) => deviceSlot(each.device) === deviceSlot(device) && each.volumeId === (volumeId ?? each.volumeId),
          );
          if (found === undefined) {
            const reason = `The instance ${instanceId} has no volume of the account attached as ${device}.`;
            throw new Failure({ kind: 'invalid-parameter-value', parameter: 'BlockDeviceMapping', reason });
          }
          return [found.id, deleteOnTermination] as const;
        }),
      );
      endDryRun(dryRun);
      await Promise.all([...changes].map(([id, deleteOnTermination]) => store.putDeleteOnTermination(accountId, id, deleteOnTermination)));
    },

    async list(caller, instanceIds) {
      const wanted = instanceIds === undefined ? await everyInstance(caller) : await chosen(caller, instanceIds);
      refuseMissing(instanceIds, wanted, (missing) => ({ kind: 'instance-not-found', instanceIds: missing }));
      return wanted;
    },

    listAfter: (caller, range) => everyInstance(caller, range),

    async attachments({ accountId }, instances) {
      const found = await store.attachments(
        accountId,
        instances.map(({ id }) => id),
      );
      const byInstance = new Map<InstanceId, Attachment[]>(instances.map(({ id }) => [id, []]));
      for (const attachment of found) {
        byInstance.get(attachment.instanceId)?.push(attachment);
      }
      return instances.map((instance) => ({ ...instance, attachments: byInstance.get(instance.id) ?? [] }));
    },

    async states({ accountId }, instances) {
      return Promise.all(instances.map(async (instance) => ({ ...instance, state: await stateOf(accountId, instance.placement) })));
    },
  };

  async function everyInstance(caller: Caller, range?: IdRange): Promise<readonly AccountInstance[]> {
    return visible.list(caller, range).catch((cause: unknown) => {
      throw new Failure({ kind: 'unavailable', reason: 'The cloud could not be asked for its instances.' }, { cause });
    });
  }

  /**
   * An id that no resolver lists for the caller may still be one that can be resolved: the direct form, or a VM of a cloud that lists nothing. A cloud
   * that cannot list keeps nobody from seeing a VM of another one.
   */
  async function chosen(caller: Caller, instanceIds: readonly InstanceId[]): Promise<AccountInstance[]> {
    const ids = [...new Set(instanceIds)];
    const listed = await visible.listed(caller, ids).catch((): readonly AccountInstance[] => []);
    const byId = new Map(listed.map((instance) => [instance.id, instance]));
    const found = await Promise.all(ids.map(async (id) => byId.get(id) ?? (await resolved(caller, id))));
    return found.filter((instance) => instance !== undefined).sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  async function resolved(caller: Caller, id: InstanceId): Promise<AccountInstance | undefined> {
    try {
      return await visible.find(caller, id);
    } catch (cause) {
      // The ids that do not exist are named all together.
      if (cause instanceof Failure && cause.reason.kind === 'instance-not-found') {
        return undefined;
      }
      throw cause;
    }
  }
}
