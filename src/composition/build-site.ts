import { randomUUID } from 'node:crypto';
import type { CheckedYaml } from '../checked-yaml/checked-yaml.ts';
import type { ServeOptions } from '../cli/program-dependencies.ts';
import type { ResolverChain } from '../resolvers/chain.ts';
import type { Settings } from '../settings/settings.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { BuiltSite } from './built-site.ts';
import { type ResolverSite, siteResolvers } from './cloud-resolvers.ts';
import { faultySite } from './faulty-site.ts';
import { seededInjection } from './injected-faults.ts';
import { reloadedInstances } from './listed-instances.ts';
import type { StateFolder } from './state-folder.ts';
import { lastingStorageMemory } from './storage-memory.ts';

/** A simulated site has its own list of instances; clouds may be asked for more. */
export function buildResolvers(
  options: ServeOptions,
  checked: CheckedYaml<Settings>,
  folder: StateFolder,
  built: BuiltSite,
  telling: Pick<ResolverSite, 'log' | 'onAsked'>,
): Promise<ResolverChain> {
  const isListedInFile = options.config !== undefined && options.simulate !== true;
  const instances = isListedInFile ? reloadedInstances(options.config, built.instances, telling.log) : () => built.instances;
  return siteResolvers(checked, { instances, vmmHosts: [...built.site.vmmHosts.keys()], stateFolder: folder.path, ...telling });
}

/** Loads only the one that is asked for: half of the code that a start would read is the other's. */
export async function buildSite(
  options: ServeOptions,
  checked: CheckedYaml<Settings>,
  folder: StateFolder,
  log: Log,
  store: Store,
): Promise<BuiltSite> {
  const { faults, simulation } = checked.value;
  const seed = options.faults ?? faults.seed;
  if (seed !== undefined) {
    log.warn({ seed }, 'faults are put into the drivers; this is for tests only');
  }
  if (options.simulate) {
    const { simulatedSite } = await import('./simulated-site.ts');
    const built = simulatedSite(checked.value, folder.simulatedWorld);
    if (seed === undefined) {
      return built;
    }
    return { ...built, site: faultySite(built.site, seededInjection(seed, faults.rates, simulation.latencyFactor)) };
  }
  const { realSite } = await import('./real-site.ts');
  return realSite(checked, folder, log, {
    injection: seed === undefined ? undefined : seededInjection(seed, faults.rates, 1),
    storageMemory: (volumeServer) => lastingStorageMemory(store, volumeServer, randomUUID),
  });
}
