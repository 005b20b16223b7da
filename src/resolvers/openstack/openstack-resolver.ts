import * as z from 'zod';
import type { InstanceId } from '../../model/ids.ts';
import { type HttpAnswer, httpClient } from '../asking/http-client.ts';
import { listedOnce } from '../asking/listed-once.ts';
import { readJson, requireShape } from '../asking/read-json.ts';
import { readJsonRows } from '../asking/read-json-rows.ts';
import { requireAbout } from '../asking/require-about.ts';
import { secretFile, secretIn } from '../asking/secret-file.ts';
import { tlsSettings } from '../asking/tls-settings.ts';
import { CloudUnavailable, type InstanceOwner, type ListedInstance, type Resolution } from '../cloud-resolver.ts';
import { baseUrl, resolverKind } from '../resolver-kind.ts';
import type { TimeLimit } from '../time-limit.ts';
import { type KeystoneSession, logIn } from './keystone.ts';
import { novaRefusal, saysNoSuchServer } from './nova-refusal.ts';

const server = z.object({
  id: z.string(),
  name: z.string().optional(),
  status: z.string().optional(),
  /** The project. Nova sets it when the server is made and it never changes, unlike name and metadata, which its users write. */
  tenant_id: z.string().min(1).optional(),
  'OS-EXT-SRV-ATTR:host': z.string().nullish(),
  'OS-EXT-SRV-ATTR:hypervisor_hostname': z.string().nullish(),
  'OS-EXT-SRV-ATTR:instance_name': z.string().nullish(),
  addresses: z.record(z.string(), z.array(z.object({ addr: z.string(), 'OS-EXT-IPS:type': z.string().optional() }))).optional(),
});
const oneServer = z.object({ server });
/** Beside a page of servers. */
const pageLinks = z.object({ servers_links: z.array(z.object({ rel: z.string(), href: z.string() })).optional() });

type Server = z.output<typeof server>;

interface NovaAnswer extends HttpAnswer {
  /** Whether the one who asked is an administrator by Keystone. */
  readonly asAdmin: boolean;
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A token that is about to end may end on its way. */
const tokenMarginMs = 60_000;
const maxPages = 100;
const goneStates = new Set(['DELETED', 'SOFT_DELETED']);
const adminHint = 'Nova tells these only to administrators; give the user the role admin or reader in the system, or change the policy';
const blindHint = 'Nova hides the servers of other projects from all but administrators; give the user the role admin';

/** OpenStack: Nova's extended attributes tell host and instance name. Instance ids are the servers' uuids. */
export const openstackResolver = resolverKind(
  {
    /** Of Keystone, with /v3 at its end. */
    authUrl: baseUrl.refine((url) => url.endsWith('/v3'), 'must end with /v3'),
    login: z.discriminatedUnion('by', [
      z.strictObject({ by: z.literal('application-credential'), id: z.string().min(1), secretFile }),
      z.strictObject({
        by: z.literal('password'),
        user: z.string().min(1),
        userDomain: z.string().min(1).default('Default'),
        project: z.string().min(1),
        projectDomain: z.string().min(1).default('Default'),
        secretFile,
      }),
    ]),
    region: z.string().min(1).optional(),
    interface: z.enum(['public', 'internal', 'admin']).default('public'),
    /** Which of Nova's two names of the host is the one of the settings. */
    hostAttribute: z.enum(['host', 'hypervisor_hostname']).default('host'),
    tls: tlsSettings.optional(),
  },
  ({ authUrl, login, region, interface: endpointInterface, hostAttribute, tls }, { name }) => {
    const client = httpClient(tls);
    const secret = secretIn(login.secretFile);
    let session: Promise<KeystoneSession> | undefined;
    const hidden: Resolution = {
      outcome: 'not-authorised',
      reason: `${name} shows no such server, and would not show another project's`,
      hint: blindHint,
    };

    return {
      name,
      async resolve(instanceId, limit): Promise<Resolution> {
        if (!uuidForm.test(instanceId)) {
          return { outcome: 'not-known', reason: 'not the uuid of a server' };
        }
        const { status, text, asAdmin } = await ask(`/servers/${instanceId}`, limit);
        if (status === 200) {
          const { server: found } = readJson(text, oneServer, name);
          requireAbout({ kind: 'server', id: instanceId }, found.id, name);
          return resolutionOf(found);
        }
        if (status === 404 && saysNoSuchServer(text, instanceId)) {
          return asAdmin ? resolutionOfMissing(instanceId, limit) : hidden;
        }
        if (status === 403 && novaRefusal(text)?.kind === 'forbidden') {
          return { outcome: 'not-authorised', reason: `${name} answered with status 403`, hint: adminHint };
        }
        throw new CloudUnavailable(`${name}: Nova answered with status ${status}`, {
          ...((status === 404 || status === 403) && {
            hint: 'it is not in the words of Nova: does the catalog lead to a proxy or another service?',
          }),
        });
      },
      async list(limit) {
        const listed: ListedInstance[] = [];
        let query = '?all_tenants=1';
        for (let page = 0; page < maxPages; page += 1) {
          const { status, text } = await ask(`/servers/detail${query}`, limit);
          if (status !== 200) {
            throw new CloudUnavailable(`${name}: Nova answered with status ${status}`, status === 403 ? { hint: adminHint } : {});
          }
          const { rows, rest } = await readJsonRows(text, { key: 'servers', row: server, speaker: name });
          const { servers_links: links = [] } = requireShape(rest, pageLinks, name);
          listed.push(...rows.flatMap(listedInstance));
          const next = links.find(({ rel }) => rel === 'next');
          if (next === undefined) {
            return listedOnce(listed, name);
          }
          // Only the query: the address that Nova calls its own may be one that is not reachable from here.
          query = new URL(next.href, authUrl).search;
        }
        throw new CloudUnavailable(`${name}: Nova lists servers without end`);
      },
    };

    /**
     * Nova says of a server that is gone and, to all but administrators, of another project's that there is none. So its word counts only when
     * the user is an administrator by Keystone, by Nova's policy too, and when Nova's list of all projects has no such server either: a role that
     * was taken away, or a policy that gives a role the list and not the servers, must not look like the end of everybody's servers.
     */
    async function resolutionOfMissing(instanceId: InstanceId, limit: TimeLimit): Promise<Resolution> {
      const { status, text, asAdmin } = await ask(`/servers/detail?all_tenants=1&uuid=${instanceId}`, limit);
      if (!asAdmin || (status === 403 && novaRefusal(text)?.kind === 'forbidden')) {
        return hidden;
      }
      if (status !== 200) {
        throw new CloudUnavailable(`${name}: Nova answered with status ${status}`);
      }
      // An old Nova may not know the filter, and list others besides.
      const { rows } = await readJsonRows(text, { key: 'servers', row: server, speaker: name });
      if (rows.some(({ id }) => id === instanceId)) {
        throw new CloudUnavailable(`${name} says that there is no server ${instanceId}, and lists the server all the same`);
      }
      return { outcome: 'not-known', ended: 'forgotten' };
    }

    /** With a token that is good; one that Nova no longer takes is exchanged once. */
    async function ask(path: string, limit: TimeLimit): Promise<NovaAnswer> {
      const answer = await askWith(await currentSession(limit), path, limit);
      if (answer.status !== 401) {
        return answer;
      }
      session = undefined;
      return askWith(await currentSession(limit), path, limit);
    }

    async function askWith({ token, computeUrl, isAdmin }: KeystoneSession, path: string, limit: TimeLimit): Promise<NovaAnswer> {
      const headers = { accept: 'application/json', 'x-auth-token': token };
      return { ...(await client.ask({ method: 'GET', url: `${computeUrl}${path}`, headers }, limit)), asAdmin: isAdmin };
    }

    /** Requests that come together share one login; one that fails is forgotten. */
    async function currentSession(limit: TimeLimit): Promise<KeystoneSession> {
      const shared = session;
      if (shared !== undefined) {
        const current = await shared;
        if (current.endsAtMs - tokenMarginMs > Date.now()) {
          return current;
        }
        if (session === shared) session = undefined;
      }
      session ??= startSession(limit);
      return session;
    }

    function startSession(limit: TimeLimit): Promise<KeystoneSession> {
      const started = Promise.resolve().then(() =>
        logIn(client, { name, authUrl, identity: identity(), scope: scope(), region, endpointInterface }, limit),
      );
      started.catch(() => {
        if (session === started) session = undefined;
      });
      return started;
    }

    function identity(): object {
      return login.by === 'password'
        ? { methods: ['password'], password: { user: { name: login.user, domain: { name: login.userDomain }, password: secret() } } }
        : { methods: ['application_credential'], application_credential: { id: login.id, secret: secret() } };
    }

    /** An application credential has its project in it. */
    function scope(): object | undefined {
      return login.by === 'password' ? { project: { name: login.project, domain: { name: login.projectDomain } } } : undefined;
    }

    function resolutionOf(found: Server): Resolution {
      if (goneStates.has(found.status ?? '')) {
        // One that is deleted softly may be brought back.
        const ended = found.status === 'DELETED' ? ({ ended: 'reported' } as const) : {};
        return { outcome: 'not-known', reason: `${name} has it as ${found.status}`, ...ended };
      }
      const { vmmHost, domain } = attributesOf(found);
      if (vmmHost === undefined || domain === undefined) {
        return { outcome: 'not-authorised', reason: `${name} shows the server without its host and instance name`, hint: adminHint };
      }
      return vmmHost === null || domain === null
        ? { outcome: 'not-placed', reason: `${name} has the server on no host`, ...ownerOf(found) }
        : { outcome: 'resolved', placement: { vmmHost, domain }, ...ownerOf(found) };
    }

    function ownerOf({ tenant_id }: Server): InstanceOwner {
      return tenant_id === undefined ? {} : { owner: tenant_id };
    }

    /** `undefined`: not shown to us. `null`: shown, and there is none. */
    function attributesOf(found: Server) {
      return { vmmHost: found[`OS-EXT-SRV-ATTR:${hostAttribute}`], domain: found['OS-EXT-SRV-ATTR:instance_name'] };
    }

    function listedInstance(found: Server): ListedInstance[] {
      const { vmmHost, domain } = attributesOf(found);
      if (typeof vmmHost !== 'string' || typeof domain !== 'string' || goneStates.has(found.status ?? '')) {
        return [];
      }
      const addresses = Object.values(found.addresses ?? {}).flat();
      const privateAddress = addresses.find((address) => address['OS-EXT-IPS:type'] === 'fixed')?.addr;
      const publicAddress = addresses.find((address) => address['OS-EXT-IPS:type'] === 'floating')?.addr;
      return [
        {
          id: found.id as InstanceId,
          placement: { vmmHost, domain },
          ...ownerOf(found),
          ...(found.name !== undefined && { name: found.name }),
          ...(privateAddress !== undefined && { privateIpAddress: privateAddress }),
          ...(publicAddress !== undefined && { publicIpAddress: publicAddress }),
        },
      ];
    }
  },
);
