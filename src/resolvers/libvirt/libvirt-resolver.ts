import * as z from 'zod';
import { askCommand } from '../asking/ask-command.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import { hypervisorResolver } from '../hypervisor-domains.ts';
import { resolverKind } from '../resolver-kind.ts';

/** With both options virsh prints a uuid and a name on each line; a name may hold spaces. */
const listedDomain = /^\s*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s+(\S.*?)\s*$/;

/** Asks the libvirt of the VMM hosts; instance ids are the domains' names or uuids. */
export const libvirtResolver = resolverKind(
  {
    /** The VMM hosts to ask; without it, all. */
    vmmHosts: z.array(z.string()).min(1).optional(),
    /** The libvirt of each host, as virsh is told it. */
    connection: z.string().min(1).default('qemu:///system'),
  },
  ({ vmmHosts, connection }, surroundings) =>
    hypervisorResolver(surroundings, vmmHosts, async (host, limit) => {
      const argv = ['virsh', '--readonly', '--connect', connection, 'list', '--all', '--uuid', '--name'];
      const { stdout } = await askCommand(host, argv, limit);
      const domains = stdout
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => {
          const [, uuid, name] = listedDomain.exec(line) ?? [];
          if (uuid === undefined || name === undefined) {
            throw new CloudUnavailable(`virsh on ${host.name} printed a line that is no uuid and name: ${line.slice(0, 200)}`);
          }
          return { name, uuid };
        });
      // libvirt lets no two be alike: what is there twice is a name that was taken for a line.
      if (new Set(domains.map(({ name }) => name)).size + new Set(domains.map(({ uuid }) => uuid)).size !== 2 * domains.length) {
        throw new CloudUnavailable(`virsh on ${host.name} printed a domain twice`);
      }
      return domains;
    }),
);
