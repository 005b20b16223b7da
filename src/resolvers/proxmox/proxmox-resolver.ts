import * as z from 'zod';
import type { InstanceId } from '../../model/ids.ts';
import { httpClient } from '../asking/http-client.ts';
import { readJson } from '../asking/read-json.ts';
import { secretFile, secretIn } from '../asking/secret-file.ts';
import { tlsSettings } from '../asking/tls-settings.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import { baseUrl, resolverKind } from '../resolver-kind.ts';
import type { TimeLimit } from '../time-limit.ts';

/** What the cluster says of its guests, as far as it concerns us; containers have no disks to attach. */
const resources = z.object({
  data: z.array(
    z.object({ type: z.string(), vmid: z.number(), node: z.string(), name: z.string().optional(), template: z.number().optional() }),
  ),
});

type Guest = z.output<typeof resources>['data'][number];

/** A Proxmox cluster by its REST API; instance ids are VM numbers, and the number is also the domain, as `qm` wants it. */
export const proxmoxResolver = resolverKind(
  {
    url: baseUrl,
    /** USER@REALM!NAME of an API token that has VM.Audit. */
    token: z.string().regex(/^[^@!=\s]+@[^@!=\s]+![^@!=\s]+$/, 'must be USER@REALM!NAME, as vbs@pve!resolver'),
    /** Holds the secret that Proxmox showed when the token was made. */
    secretFile,
    tls: tlsSettings.optional(),
  },
  ({ url, token, secretFile: file, tls }, { name }) => {
    const client = httpClient(tls);
    const secret = secretIn(file);
    const guests = async (limit: TimeLimit): Promise<readonly Guest[] | 'forbidden'> => {
      const { status, text } = await client.ask(
        {
          method: 'GET',
          url: `${url}/api2/json/cluster/resources?type=vm`,
          headers: { authorization: `PVEAPIToken=${token}=${secret()}` },
        },
        limit,
      );
      if (status === 403) {
        return 'forbidden';
      }
      if (status !== 200) {
        throw new CloudUnavailable(
          `${name} answered with status ${status}`,
          status === 401
            ? { hint: 'Proxmox does not take the token: is its name right, its secret in the file, and has it not expired?' }
            : {},
        );
      }
      return readJson(text, resources, name).data.filter(({ type, template }) => type === 'qemu' && template !== 1);
    };
    return {
      name,
      async resolve(instanceId, limit) {
        if (!/^[1-9]\d{0,9}$/.test(instanceId)) {
          return { outcome: 'not-known', reason: 'not the number of a VM' };
        }
        const known = await guests(limit);
        if (known === 'forbidden') {
          return { outcome: 'not-authorised', reason: `${name} does not let the token see VMs`, hint: 'give it the privilege VM.Audit' };
        }
        const guest = known.find(({ vmid }) => String(vmid) === instanceId);
        if (guest === undefined) {
          // A token that may see no VM is shown an empty cluster.
          return { outcome: 'not-known', ...(known.length > 0 && { ended: 'forgotten' }) };
        }
        return { outcome: 'resolved', placement: { vmmHost: guest.node, domain: String(guest.vmid) } };
      },
      async list(limit) {
        const known = await guests(limit);
        return (known === 'forbidden' ? [] : known).map(({ vmid, node, name: label }) => ({
          id: String(vmid) as InstanceId,
          placement: { vmmHost: node, domain: String(vmid) },
          ...(label !== undefined && { name: label }),
        }));
      },
    };
  },
);
