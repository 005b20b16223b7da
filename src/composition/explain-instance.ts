import { resolve } from 'node:path';
import { YamlRefused } from '../checked-yaml/checked-yaml.ts';
import { CommandFailed, exitCodes } from '../cli/exit-codes.ts';
import type { Explanation, ResolveOptions } from '../cli/program-dependencies.ts';
import { parseInstanceId } from '../model/ids.ts';
import type { InstanceOwner, Resolution } from '../resolvers/cloud-resolver.ts';
import { defaultStateFolder } from '../settings/default-state-folder.ts';
import { readSettings, SettingsUnusable } from '../settings/read-settings.ts';
import type { Log } from '../telemetry/log.ts';
import { siteResolvers } from './cloud-resolvers.ts';
import { listedInstances } from './listed-instances.ts';

/** What failed is in the explanation already. */
const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Asks the resolvers of a settings file in this process: needs no server, and changes nothing. Throws CommandFailed. */
export async function explainInstance(text: string, { config }: ResolveOptions): Promise<Explanation> {
  const instanceId = parseInstanceId(text);
  if (instanceId === undefined) {
    throw new CommandFailed(exitCodes.wrongUsage, `${text} has not the form of an instance id`);
  }
  const { chain, vmmHosts } = await chainOf(config);
  const { resolution, testimonies } = await chain.explain(instanceId);
  const isPlaceless = resolution.outcome === 'resolved' && !vmmHosts.includes(resolution.placement.vmmHost);
  return {
    instanceId,
    ...inWords(resolution),
    ...(isPlaceless && { outcome: 'no-such-host', reason: `it runs on ${resolution.placement.vmmHost}, which the settings do not name` }),
    testimonies: testimonies.map((testimony) => ({
      resolver: testimony.resolver,
      ...inWords(testimony.resolution),
      durationMs: testimony.durationMs,
    })),
  };
}

async function chainOf(config: string | undefined) {
  try {
    const checked = readSettings(config);
    const instances = listedInstances(checked.value);
    const { vmmHosts: hosts, simulation } = checked.value;
    const vmmHosts = [...hosts.map(({ name }) => name), ...simulation.domains.flatMap((domain) => domain.split('/').slice(0, 1))];
    const chain = await siteResolvers(checked, {
      instances: () => instances,
      vmmHosts: hosts.map(({ name }) => name),
      stateFolder: resolve(checked.value.state ?? defaultStateFolder()),
      log: silent,
    });
    return { chain, vmmHosts };
  } catch (cause) {
    if (cause instanceof YamlRefused || cause instanceof SettingsUnusable) {
      throw new CommandFailed(exitCodes.wrongUsage, cause.message.split('\n'), { cause });
    }
    throw cause;
  }
}

function inWords(resolution: Resolution) {
  switch (resolution.outcome) {
    case 'resolved':
      return { outcome: resolution.outcome, ...resolution.placement, ...whose(resolution) };
    case 'contradicted':
      return {
        outcome: resolution.outcome,
        reason: resolution.claims
          .map(({ resolver, placement: { vmmHost, domain }, accountId }) => {
            const of = accountId === undefined ? '' : ` of account ${accountId}`;
            return `${resolver} says ${vmmHost}/${domain}${of}`;
          })
          .join(', '),
      };
    default:
      return resolution;
  }
}

function whose({ owner, accountId }: InstanceOwner): InstanceOwner {
  return { ...(owner !== undefined && { owner }), ...(accountId !== undefined && { accountId }) };
}
