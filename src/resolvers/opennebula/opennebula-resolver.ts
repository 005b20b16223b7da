import * as z from 'zod';
import type { InstanceId } from '../../model/ids.ts';
import type { Placement } from '../../model/placement.ts';
import { httpClient } from '../asking/http-client.ts';
import { secretFile, secretIn } from '../asking/secret-file.ts';
import { tlsSettings } from '../asking/tls-settings.ts';
import { CloudUnavailable, type ListedInstance, type Resolution } from '../cloud-resolver.ts';
import { baseUrl, resolverKind } from '../resolver-kind.ts';
import type { TimeLimit } from '../time-limit.ts';
import { childrenOf, find, readXml, textAt, type XmlElement } from '../xml/read-xml.ts';
import { type OneAnswer, readXmlRpc, xmlRpcCall } from './xml-rpc.ts';

/** Error codes of OpenNebula's XML-RPC. */
const codes = { authentication: 0x0100, authorisation: 0x0200, noSuchThing: 0x0400 };
/** Of a VM's states: it is on a host; it is over. */
const states = { active: '3', done: '6' };

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
    tls: tlsSettings.optional(),
  },
  ({ url, user, passwordFile, domain, tls }, { name }) => {
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
        if (!/^\d{1,9}$/.test(instanceId)) {
          return { outcome: 'not-known', reason: 'not the number of a VM' };
        }
        const answer = await call('one.vm.info', [Number(instanceId)], limit);
        return answer.isDone ? resolutionOf(vmOf(answer.content)) : refusalOf(answer);
      },
      async list(limit) {
        // All owners' VMs (-2) from the first to the last, in any state but done (-1).
        const answer = await call('one.vmpool.info', [-2, -1, -1, -1], limit);
        if (!answer.isDone) {
          throw new CloudUnavailable(`${name} does not list VMs: ${answer.reason}`);
        }
        return childrenOf(readXml(answer.content, name), 'VM').flatMap(listedInstance);
      },
    };

    function vmOf(content: string): XmlElement {
      const vm = readXml(content, name);
      if (vm.name !== 'VM') {
        throw new CloudUnavailable(`${name} described a VM with <${vm.name}>`);
      }
      return vm;
    }

    function resolutionOf(vm: XmlElement): Resolution {
      if (textAt(vm, 'STATE') === states.done) {
        return { outcome: 'not-known', reason: `${name} has it as done`, ended: 'reported' };
      }
      const placement = placementOf(vm);
      return placement === undefined
        ? { outcome: 'not-placed', reason: `${name} has the VM on no host` }
        : { outcome: 'resolved', placement };
    }

    function refusalOf({ reason, code }: Extract<OneAnswer, { isDone: false }>): Resolution {
      switch (code) {
        case codes.noSuchThing:
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
      const filled = domain.replaceAll('{id}', textAt(vm, 'ID') ?? '').replaceAll('{deployId}', textAt(vm, 'DEPLOY_ID') ?? '');
      return textAt(vm, 'STATE') !== states.active || vmmHost === undefined || filled === '' ? undefined : { vmmHost, domain: filled };
    }

    function listedInstance(vm: XmlElement): ListedInstance[] {
      const id = textAt(vm, 'ID');
      const placement = placementOf(vm);
      const label = textAt(vm, 'NAME');
      const address = textAt(vm, 'TEMPLATE', 'NIC', 'IP');
      return id === undefined || placement === undefined
        ? []
        : [
            {
              id: id as InstanceId,
              placement,
              ...(label !== undefined && { name: label }),
              ...(address !== undefined && { privateIpAddress: address }),
            },
          ];
    }
  },
);
