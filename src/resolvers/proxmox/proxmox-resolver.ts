import * as z from 'zod';
import type { InstanceId } from '../../model/ids.ts';
import { httpClient } from '../asking/http-client.ts';
import { listedOnce } from '../asking/listed-once.ts';
import { readJson } from '../asking/read-json.ts';
import { readJsonRows } from '../asking/read-json-rows.ts';
import { secretFile, secretIn } from '../asking/secret-file.ts';
import { soleOf } from '../asking/sole-of.ts';
import { tlsSettings } from '../asking/tls-settings.ts';
import { CloudUnavailable, type InstanceOwner, type Resolution } from '../cloud-resolver.ts';
import { baseUrl, resolverKind } from '../resolver-kind.ts';
import type { TimeLimit } from '../time-limit.ts';

/** What the cluster says of its guests, as far as it concerns us. A node that does not answer leaves its rows there, with the status `unknown`. */
const resource = z.object({
  id: z.string().optional(),
  type: z.string(),
  vmid: z.number().int(),
  node: z.string().min(1),
  name: z.string().optional(),
  template: z.number().optional(),
  pool: z.string().optional(),
  tags: z.string().optional(),
});

/** Privileges by path; a number says whether it is passed on to paths below, and 0 is a privilege all the same. */
const permissions = z.object({ data: z.record(z.string(), z.record(z.string(), z.unknown())) });

type Guest = z.output<typeof resource>;

const auditHint = 'give the token the privilege VM.Audit on /vms';

/** A Proxmox cluster by its REST API; instance ids are VM numbers, and the number is also the domain, as `qm` wants it. */
export const proxmoxResolver = resolverKind(
  {
    url: baseUrl,
    /** USER@REALM!NAME of an API token that has VM.Audit. */
    token: z.string().regex(/^[^@!=\s]+@[^@!=\s]+![^@!=\s]+$/, 'must be USER@REALM!NAME, as vbs@pve!resolver'),
    /** Holds the secret that Proxmox showed when the token was made. */
    secretFile,
    /** What of a VM is its owner's name: its pool, or what follows the prefix in a tag, which who may write options of the VM may write too. */
    owner: z
      .union([
        z.literal('pool'),
        z.strictObject({ tagPrefix: z.string().regex(/^[a-z0-9_][a-z0-9_+.-]*$/, 'must be the beginning of a tag, as vbs-owner-') }),
      ])
      .default('pool'),
    tls: tlsSettings.optional(),
  },
  ({ url, token, secretFile: file, owner, tls }, { name }) => {
    const client = httpClient(tls);
    const secret = secretIn(file);
    return {
      name,
      async resolve(instanceId, limit): Promise<Resolution> {
        if (!/^[1-9]\d{0,9}$/.test(instanceId)) {
          return { outcome: 'not-known', reason: 'not the number of a VM' };
        }
        const known = await guests(limit);
        if (known === 'forbidden') {
          return { outcome: 'not-authorised', reason: `${name} does not let the token see VMs`, hint: auditHint };
        }
        const guest = soleOf(
          known.filter(({ vmid }) => String(vmid) === instanceId),
          `VM ${instanceId}`,
          name,
        );
        if (guest === undefined) {
          return resolutionOfMissing(instanceId, known, limit);
        }
        return isMachine(guest)
          ? { outcome: 'resolved', placement: { vmmHost: guest.node, domain: String(guest.vmid) }, ...ownerOf(guest) }
          : { outcome: 'not-known', reason: `${name} has it as a container or a template` };
      },
      async list(limit) {
        const known = await guests(limit);
        if (known === 'forbidden') {
          throw new CloudUnavailable(`${name} does not let the token see VMs`, { hint: auditHint });
        }
        return listedOnce(
          known.filter(isMachine).map((guest) => ({
            id: String(guest.vmid) as InstanceId,
            placement: { vmmHost: guest.node, domain: String(guest.vmid) },
            ...ownerOf(guest),
            ...(guest.name !== undefined && { name: guest.name }),
          })),
          name,
        );
      },
    };

    async function get(path: string, limit: TimeLimit): Promise<{ readonly status: number; readonly text: string }> {
      const { status, text } = await client.ask(
        { method: 'GET', url: `${url}/api2/json${path}`, headers: { authorization: `PVEAPIToken=${token}=${secret()}` } },
        limit,
      );
      if (status !== 200 && status !== 403) {
        throw new CloudUnavailable(
          `${name} answered with status ${status}`,
          status === 401
            ? { hint: 'Proxmox does not take the token: is its name right, its secret in the file, and has it not expired?' }
            : {},
        );
      }
      return { status, text };
    }

    /** VMs, containers and templates, those that the token may see. */
    async function guests(limit: TimeLimit): Promise<readonly Guest[] | 'forbidden'> {
      const { status, text } = await get('/cluster/resources?type=vm', limit);
      if (status === 403) {
        return 'forbidden';
      }
      const { rows } = await readJsonRows(text, { key: 'data', row: resource, speaker: name });
      for (const { id, type, vmid } of rows) {
        if (id !== undefined && id !== `${type}/${vmid}`) {
          throw new CloudUnavailable(`${name} tells of ${id.slice(0, 100)} as VM ${vmid}`);
        }
      }
      return rows;
    }

    /**
     * Proxmox leaves out of the list what the token may not see, be it for a role that was taken away, for one at the path of the VM, or for its pool. So
     * that a VM is gone is only believed when the token, by Proxmox's own reckoning, would see a VM of that number.
     */
    async function resolutionOfMissing(instanceId: InstanceId, known: readonly Guest[], limit: TimeLimit): Promise<Resolution> {
      const path = `/vms/${instanceId}`;
      const { status, text } = await get(`/access/permissions?path=${encodeURIComponent(path)}`, limit);
      const privileges = status === 403 ? undefined : readJson(text, permissions, name).data[path];
      if (privileges === undefined || !Object.hasOwn(privileges, 'VM.Audit')) {
        return { outcome: 'not-authorised', reason: `${name} lists no such VM, and would not show it to the token`, hint: auditHint };
      }
      // A cluster that shows nothing at all may have lost its list.
      return { outcome: 'not-known', ...(known.length > 0 && { ended: 'forgotten' }) };
    }

    /** Tags that contradict each other are no reason to believe nothing of the cluster: who may write one may write two. */
    function ownerOf({ pool, tags = '' }: Guest): InstanceOwner {
      if (owner === 'pool') {
        return pool === undefined || pool === '' ? {} : { owner: pool };
      }
      const { tagPrefix } = owner;
      const [only, ...others] = new Set(
        tags.split(/[;,\s]+/).flatMap((tag) => (tag.startsWith(tagPrefix) && tag !== tagPrefix ? [tag.slice(tagPrefix.length)] : [])),
      );
      return only === undefined || others.length > 0 ? {} : { owner: only };
    }
  },
);

/** Containers have no disks to attach, and templates never run. */
function isMachine({ type, template }: Guest): boolean {
  return type === 'qemu' && template !== 1;
}
