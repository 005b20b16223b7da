import { setTimeout as sleep } from 'node:timers/promises';
import type { VolumeServerHost } from '../blockstore/site.ts';
import { type SimulatedInstance, simulatedInstances } from '../drivers/simulated/instances.ts';
import { realisticLatencyMs } from '../drivers/simulated/latency.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../drivers/simulated/simulated-world.ts';
import type { AccountId, InstanceId } from '../model/ids.ts';
import { volumeTypesWith } from '../model/volume-type.ts';
import type { InstanceOwner, ListedInstance } from '../resolvers/cloud-resolver.ts';
import { defaultWipeMiBps, type Settings } from '../settings/settings.ts';
import type { BuiltSite } from './built-site.ts';
import { simulatedVolumeServer } from './site-kind.ts';

/** The simulated site of `--simulate`; it outlives the process in its journal file, as real disks would. */
export function simulatedSite(settings: Settings, journalFile: string): BuiltSite {
  const world = createSimulatedWorld({
    clock: Date.now,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    latencyMs: (verb) => realisticLatencyMs[verb] * settings.simulation.latencyFactor,
    journalFile,
    wipesLater: true,
    instances: [...simulatedInstances, ...settings.simulation.domains.map(unlistedInstance)],
  });
  const { site, instances } = siteOfWorld(world, { ...settings, wipeMiBps: defaultWipeMiBps });
  const unlisted = new Set(settings.simulation.domains);
  const listed = instances.filter(({ id }) => !unlisted.has(id)).map((instance) => ({ ...instance, ...ownerOf(instance, settings) }));
  return { site, instances: listed, heal: async () => false, close: async () => world.close() };
}

function ownerOf({ id }: ListedInstance, { simulation: { accounts } }: Settings): InstanceOwner {
  return Object.hasOwn(accounts, id) ? { accountId: accounts[id] as AccountId } : {};
}

/** A VM that only a cloud's resolver can tell about, beside the direct form of its name. */
function unlistedInstance(directForm: string): SimulatedInstance {
  const [vmmHost = '', domain = ''] = directForm.split('/');
  return { instanceId: directForm, placement: { vmmHost, domain } };
}

/** A simulated world as a site: also what tests build theirs from. */
export function siteOfWorld(
  world: SimulatedWorld,
  {
    zones,
    iqnPrefix,
    volumeTypes = {},
    wipeMiBps,
  }: Pick<Settings, 'zones' | 'iqnPrefix'> & Partial<Pick<Settings, 'volumeTypes'>> & Pick<VolumeServerHost, 'wipeMiBps'>,
): Pick<BuiltSite, 'site' | 'instances'> {
  const hosts = [...new Set(world.instances.map(({ placement }) => placement.vmmHost))];
  const instances: ListedInstance[] = world.instances.map(({ instanceId, placement }) => ({
    id: instanceId as InstanceId,
    placement,
    name: placement.domain,
  }));
  return {
    instances,
    site: {
      zones,
      // One volume server has them all, whatever the settings name.
      volumeTypes: volumeTypesWith(
        Object.fromEntries(Object.entries(volumeTypes).map(([type, rules]) => [type, rules && { ...rules, volumeServer: undefined }])),
      ),
      iqnPrefix,
      volumeServers: new Map([
        [
          simulatedVolumeServer,
          { volumes: world.volumeServer, exports: world.exportServer, ...(wipeMiBps !== undefined && { wipeMiBps }) },
        ],
      ]),
      vmmHosts: new Map(hosts.map((host) => [host, { vmm: world.vmm(host), initiator: world.initiator(host) }])),
    },
  };
}
