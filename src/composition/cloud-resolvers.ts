import { type CheckedYaml, type Complaint, checkContent, refusal, refuseTogether } from '../checked-yaml/checked-yaml.ts';
import type { Host } from '../drivers/command/host.ts';
import type { AccountId } from '../model/ids.ts';
import { chainResolvers, type ResolverChain } from '../resolvers/chain.ts';
import type { CloudResolver, InstanceResolver, ListedInstance } from '../resolvers/cloud-resolver.ts';
import { directResolver } from '../resolvers/direct/direct-resolver.ts';
import { guardResolver, type ResolverAsk } from '../resolvers/guard-resolver.ts';
import { type ResolverKind, ResolverSettingRefused } from '../resolvers/resolver-kind.ts';
import { staticResolver } from '../resolvers/static/static-resolver.ts';
import type { ResolverSettings, Settings } from '../settings/settings.ts';
import type { Log } from '../telemetry/log.ts';
import { resolverHosts } from './resolver-hosts.ts';

export interface ResolverSite {
  /** What the settings list, as it is now. */
  readonly instances: () => readonly ListedInstance[];
  readonly vmmHosts: readonly string[];
  /** Absolute; ssh keeps its connections there. */
  readonly stateFolder: string;
  readonly log: Log;
  readonly onAsked?: (ask: ResolverAsk) => void;
}

/** Everyone who is asked where an instance is: the settings' list, the clouds of the settings, the direct form. Throws YamlRefused for settings that do not fit. */
export async function siteResolvers(
  checked: CheckedYaml<Settings>,
  { instances, vmmHosts, stateFolder, ...telling }: ResolverSite,
): Promise<ResolverChain> {
  const { resolvers } = checked.value;
  const host = await resolverHosts(checked.value, { vmmHosts, stateFolder });
  // Most sites have no cloud to ask, and would read much code for nothing.
  const kinds = resolvers.length === 0 ? new Map<string, ResolverKind>() : (await import('../resolvers/kinds.ts')).resolverKinds;
  const clouds = await refuseTogether(
    resolvers.map((settings, index) => () => cloudResolver({ checked, kinds, vmmHosts, host, ...telling }, settings, index)),
  );
  return chainResolvers([staticResolver(instances), ...clouds, directResolver(vmmHosts)]);
}

interface Workshop {
  readonly checked: CheckedYaml<Settings>;
  readonly kinds: ReadonlyMap<string, ResolverKind>;
  readonly vmmHosts: readonly string[];
  readonly host: (name?: string) => Host | undefined;
  readonly log: Log;
  readonly onAsked?: (ask: ResolverAsk) => void;
}

function cloudResolver(workshop: Workshop, settings: ResolverSettings, index: number): InstanceResolver {
  const { ids, hosts, ownersAreAccounts, timeoutMs, cacheMs, cacheEntries, failures, pauseMs, concurrency, waitingOfAccount } = settings;
  const accounts = settings.accounts as Record<string, AccountId>;
  return guardResolver(
    unguardedResolver(workshop, settings, index),
    {
      ...{ timeoutMs, cacheMs, cacheEntries, breaker: { failures, pauseMs }, concurrency, waitingOfAccount },
      ...{ ids: new RegExp(ids), hosts, accounts, ownersAreAccounts },
    },
    { clock: Date.now, log: workshop.log, ...(workshop.onAsked && { onAsked: workshop.onAsked }) },
  );
}

function unguardedResolver({ checked, kinds, vmmHosts, host }: Workshop, settings: ResolverSettings, index: number): CloudResolver {
  const { kind: kindName, name = kindName, ids, hosts, accounts, ownersAreAccounts, ...bounded } = settings;
  const { timeoutMs, cacheMs, cacheEntries, failures, pauseMs, concurrency, waitingOfAccount, ...own } = bounded;
  const refuse = (complaints: readonly Complaint[]) =>
    refusal(complaints.map(({ path, reason }) => checked.locate({ path: ['resolvers', index, ...path], reason })));
  const kind = kinds.get(kindName);
  if (kind === undefined) {
    throw refuse([{ path: ['kind'], reason: `there is no kind of resolver "${kindName}"; there are ${[...kinds.keys()].join(', ')}` }]);
  }
  const parsed = checkContent(own, kind.schema, `docs/resolvers/${kindName}.md`);
  if ('complaints' in parsed) throw refuse(parsed.complaints);
  try {
    return kind.build(own, { name, vmmHosts, host });
  } catch (cause) {
    if (cause instanceof ResolverSettingRefused) {
      throw refuse([{ path: cause.path, reason: cause.message }]);
    }
    throw cause;
  }
}
