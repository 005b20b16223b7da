import type { Host } from '../drivers/command/host.ts';
import { isControlDomain } from '../model/control-domain.ts';
import type { InstanceId } from '../model/ids.ts';
import { sharedAnswers } from '../sharing/shared-answers.ts';
import { type CloudResolver, CloudUnavailable, type Resolution } from './cloud-resolver.ts';
import type { ResolverSurroundings } from './resolver-kind.ts';
import { requireHost } from './resolver-kind.ts';
import type { TimeLimit } from './time-limit.ts';

/** A VM as its hypervisor has it. */
export interface HypervisorDomain {
  readonly name: string;
  readonly uuid?: string;
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** For how long a listing of a host answers what nothing depends on. */
const listingKeptMs = 2_000;
/** And what something is going to be done by: no longer than a command is on its way to another host. */
const freshListingMs = 100;

/** What a host said, or why it said nothing. */
type HostListing = { readonly host: Host; readonly domains?: readonly HypervisorDomain[]; readonly failure?: string };

/**
 * A resolver that asks the hypervisors themselves, which know their VMs by name and uuid. A VM that several hosts have is in no place.
 * That a VM is nowhere can be said only when every host has answered. One listing of a host answers all questions that come at about the same
 * time, for each is a process there; a host has never to list twice at the same time. The host itself is none of its VMs.
 */
export function hypervisorResolver(
  surroundings: ResolverSurroundings,
  hostNames: readonly string[] | undefined,
  domainsOf: (host: Host, limit: TimeLimit) => Promise<readonly HypervisorDomain[]>,
  clock: () => number = () => performance.now(),
): CloudResolver {
  const { name } = surroundings;
  const hosts = (hostNames ?? surroundings.vmmHosts).map((hostName, index) => requireHost(surroundings, hostName, ['vmmHosts', index]));
  const listings = sharedAnswers<string, HostListing>({ entries: hosts.length, keepMs: () => listingKeptMs }, clock);
  const listingOf = async (host: Host, limit: TimeLimit): Promise<HostListing> => {
    try {
      return { host, domains: (await domainsOf(host, limit)).filter((domain) => !isControlDomain(domain.name)) };
    } catch (cause) {
      return { host, failure: cause instanceof Error ? cause.message : String(cause) };
    }
  };
  const askAll = (limit: TimeLimit, { fresh }: { readonly fresh: boolean }) =>
    Promise.all(hosts.map((host) => listings.get(host.name, fresh ? freshListingMs : listingKeptMs, () => listingOf(host, limit))));
  return {
    name,
    async resolve(instanceId, limit, { fresh } = { fresh: true }): Promise<Resolution> {
      const answers = await askAll(limit, { fresh });
      const claims = answers.flatMap(({ host, domains = [] }) =>
        domains
          .filter((domain) => isMeant(domain, instanceId))
          .map((domain) => ({ resolver: `${name} (${host.name})`, placement: { vmmHost: host.name, domain: domain.name } })),
      );
      const [first, ...others] = claims;
      if (first !== undefined) {
        return others.length === 0 ? { outcome: 'resolved', placement: first.placement } : { outcome: 'contradicted', claims };
      }
      refuseUnlessWhole(answers);
      return { outcome: 'not-known' };
    },
    async list(limit) {
      const answers = await askAll(limit, { fresh: false });
      refuseUnlessWhole(answers);
      return answers.flatMap(({ host, domains = [] }) =>
        domains.map((domain) => ({
          id: domain.name as InstanceId,
          placement: { vmmHost: host.name, domain: domain.name },
          name: domain.name,
        })),
      );
    },
  };
}

function isMeant({ name, uuid }: HypervisorDomain, instanceId: InstanceId): boolean {
  return name === instanceId || (uuidForm.test(instanceId) && uuid?.toLowerCase() === instanceId.toLowerCase());
}

function refuseUnlessWhole(answers: readonly { readonly failure?: string }[]): void {
  const failures = answers.flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
  if (failures.length > 0) {
    throw new CloudUnavailable(failures.join('; '));
  }
}
