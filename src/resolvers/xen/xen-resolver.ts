import * as z from 'zod';
import { askCommand } from '../asking/ask-command.ts';
import { readJson } from '../asking/read-json.ts';
import { hypervisorResolver } from '../hypervisor-domains.ts';
import { resolverKind } from '../resolver-kind.ts';

/** What `xl list -l` prints of each domain, as far as it concerns us. A domain that is just being made has no `c_info` yet. */
const longListing = z.array(
  z.object({
    domid: z.number(),
    config: z.object({ c_info: z.object({ name: z.string().optional(), uuid: z.string().optional() }).optional() }).optional(),
  }),
);

/** Asks the VMM hosts for their Xen domains; instance ids are the domains' names or uuids. */
export const xenResolver = resolverKind(
  {
    /** The VMM hosts to ask; without it, all. */
    vmmHosts: z.array(z.string()).min(1).optional(),
    /** The command, for one that is elsewhere or wants sudo. */
    command: z.array(z.string().min(1)).min(1).default(['xl']),
  },
  ({ vmmHosts, command }, surroundings) =>
    hypervisorResolver(surroundings, vmmHosts, async (host, limit) => {
      const { stdout } = await askCommand(host, [...command, 'list', '-l'], limit);
      return readJson(stdout, longListing, `xl on ${host.name}`).flatMap(({ domid, config }) => {
        const { name, uuid } = config?.c_info ?? {};
        // 0 is the host itself.
        return domid === 0 || name === undefined ? [] : [{ name, ...(uuid !== undefined && { uuid }) }];
      });
    }),
);
