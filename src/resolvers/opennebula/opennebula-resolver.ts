import * as z from 'zod';
import type { InstanceId } from '../../model/ids.ts';
import type { Placement } from '../../model/placement.ts';
import { httpClient } from '../asking/http-client.ts';
import { listedOnce } from '../asking/listed-once.ts';
import { requireAbout } from '../asking/require-about.ts';
import { secretFile, secretIn } from '../asking/secret-file.ts';
import { tlsSettings } from '../asking/tls-settings.ts';
import { CloudUnavailable, type InstanceOwner, type ListedInstance, type Resolution } from '../cloud-resolver.ts';
import { baseUrl, resolverKind } from '../resolver-kind.ts';
import type { TimeLimit } from '../time-limit.ts';
import { childrenOf, find, readXml, textAt, textOfSole, type XmlElement } from '../xml/read-xml.ts';
import { type OneAnswer, readXmlRpc, xmlRpcCall } from './xml-rpc.ts';

/** Error codes of OpenNebula's XML-RPC. */
const codes = { authentication: 0x0100, authorisation: 0x0200, noSuchThing: 0x0400 };
/** Of a VM's states: it is on a host; it is over. */
const states = { active: '3', done: '6' };

/** Where a VM has its owner. Only oned and administrators write these; templates, attributes and names are the users'. */
const ownerElements = { user: 'UNAME', 'user-id': 'UID', group: 'GNAME', 'group-id': 'GID' } as const;

/** OpenNebula by XML-RPC `one.vm.info`; instance ids are VM numbers. */
export const opennebulaResolver = resolverKind(
  {
    /** Of oned, as http://frontend:2633/RPC2 */
    url: baseUrl,
    user: z.string().regex(/^[^:\s]+$/, 'must be a name without a colon'),
    /** Holds the password or a login token. */
    passwordFile: secretFile,
    /** The domain's name on its host, of `{id}` and `{deployId}`. OpenNebula names its domains one-ID. */
    domain: z
      .string()
      .regex(/\{(id|deployId)\}/, 'must hold {id} or {deployId}')
      .default('one-{id}'),
    /** What of a VM is its owner's name. */
    owner: z.enum(['user', 'user-id', 'group', 'group-id']).default('user'),
    tls: tlsSettings.optional(),
  },
  ({ url, user, passwordFile, domain, owner, tls }, { name }) => {
    const client = httpClient(tls);
    const password = secretIn(passwordFile);
    const call = async (method: string, parameters: readonly number[], limit: TimeLimit): Promise<OneAnswer> => {
      const body = xmlRpcCall(method, [`${user}:${password()}`, ...parameters]);
      const { status, text } = await client.ask({ method: 'POST', url, headers: { 'content-type': 'text/xml' }, body }, limit);
      if (status !== 200) {
        throw new CloudUnavailable(`${name} answered with status ${status}`, {
          hint: 'url must lead to oned, as http://frontend:2633/RPC2',
        });
      }
      return readXmlRpc(text, name);
    };

    return {
      name,
      async resolve(instanceId, limit) {
        // With zeros before it a number would be another id of the same VM.
        if (!/^(0|[1-9]\d{0,8})$/.test(instanceId)) {
          return { outcome: 'not-known', reason: 'not the number of a VM' };
        }
        const answer = await call('one.vm.info', [Number(instanceId)], limit);
        return answer.isDone ? resolutionOf(vmOf(answer.content, instanceId)) : refusalOf(answer, instanceId);
      },
      async list(limit) {
        // All owners' VMs (-2) from the first to the last, in any state but done (-1).
        const answer = await call('one.vmpool.info', [-2, -1, -1, -1], limit);
        if (!answer.isDone) {
          throw new CloudUnavailable(`${name} does not list VMs: ${answer.reason}`);
        }
        return listedOnce(childrenOf(readXml(answer.content, name), 'VM').flatMap(listedInstance), name);
      },
    };

    function vmOf(content: string, instanceId: InstanceId): XmlElement {
      const vm = readXml(content, name);
      if (vm.name !== 'VM') {
        throw new CloudUnavailable(`${name} described a VM with <${vm.name}>`);
      }
      requireAbout({ kind: 'VM', id: instanceId }, idOf(vm), name);
      return vm;
    }

    function idOf(vm: XmlElement): string {
      const id = textOfSole(vm, 'ID', name);
      if (id === undefined) {
        throw new CloudUnavailable(`${name} described a VM without its number`);
      }
      return id;
    }

    function resolutionOf(vm: XmlElement): Resolution {
      if (textOfSole(vm, 'STATE', name) === states.done) {
        return { outcome: 'not-known', reason: `${name} has it as done`, ended: 'reported' };
      }
      const placement = placementOf(vm);
      return placement === undefined
        ? { outcome: 'not-placed', reason: `${name} has the VM on no host`, ...ownerOf(vm) }
        : { outcome: 'resolved', placement, ...ownerOf(vm) };
    }

    function ownerOf(vm: XmlElement): InstanceOwner {
      const told = textOfSole(vm, ownerElements[owner], name);
      return told === undefined ? {} : { owner: told };
    }

    function refusalOf({ reason, code }: Extract<OneAnswer, { isDone: false }>, instanceId: InstanceId): Resolution {
      switch (code) {
        case codes.noSuchThing:
          // The code is also that of a host, a user or another VM that there is not.
          if (!reason.includes(`Error getting virtual machine [${instanceId}]`)) {
            throw new CloudUnavailable(`${name} was asked for VM ${instanceId}, and answered: ${reason.slice(0, 200)}`);
          }
          return { outcome: 'not-known', ended: 'forgotten' };
        case codes.authorisation:
          return {
            outcome: 'not-authorised',
            reason,
            hint: `let the user ${user} use the VMs of others, or put it into the group oneadmin`,
          };
        case codes.authentication:
          throw new CloudUnavailable(`${name}: ${reason}`, { hint: 'look at user and at the password in its file' });
        default:
          throw new CloudUnavailable(`${name}: ${reason} (code ${code})`);
      }
    }

    function placementOf(vm: XmlElement): Placement | undefined {
      // The last record is where it is now; the ones before are where it was.
      const vmmHost = textAt(childrenOf(find(vm, 'HISTORY_RECORDS'), 'HISTORY').at(-1), 'HOSTNAME');
      const filled = domain.replaceAll('{id}', idOf(vm)).replaceAll('{deployId}', textAt(vm, 'DEPLOY_ID') ?? '');
      return textOfSole(vm, 'STATE', name) !== states.active || vmmHost === undefined || filled === ''
        ? undefined
        : { vmmHost, domain: filled };
    }

    function listedInstance(vm: XmlElement): ListedInstance[] {
      const placement = placementOf(vm);
      const label = textAt(vm, 'NAME');
      const address = textAt(vm, 'TEMPLATE', 'NIC', 'IP');
      return placement === undefined
        ? []
        : [
            {
              id: idOf(vm) as InstanceId,
              placement,
              ...ownerOf(vm),
              ...(label !== undefined && { name: label }),
              ...(address !== undefined && { privateIpAddress: address }),
            },
          ];
    }
  },
);
