import type { CloudResolver, InstanceResolver } from '../cloud-resolver.ts';

/** `HOST/DOMAIN`; a domain's name may hold anything but a slash. */
const directForm = /^([^/]+)\/([^/]+)$/;

/**
 * The paper's direct form, which needs no cloud: an instance id that names the VMM host and the domain themselves.
 * Only hosts of the settings are known; whether the domain runs is for the VMM to say. It tells no owner, so that it is for the operator alone.
 */
export function directResolver(vmmHosts: readonly string[]): CloudResolver & InstanceResolver {
  return {
    name: 'direct',
    async resolve(instanceId) {
      const [, vmmHost, domain] = directForm.exec(instanceId) ?? [];
      if (vmmHost === undefined || domain === undefined || !vmmHosts.includes(vmmHost)) {
        return { outcome: 'not-known' };
      }
      return { outcome: 'resolved', placement: { vmmHost, domain } };
    },
    async list() {
      return [];
    },
  };
}
