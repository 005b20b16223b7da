import * as z from 'zod';
import type { InstanceId } from '../../model/ids.ts';
import { absolutePath } from '../asking/absolute-path.ts';
import { httpClient } from '../asking/http-client.ts';
import { listedOnce } from '../asking/listed-once.ts';
import { secretFile } from '../asking/secret-file.ts';
import { tlsSettings } from '../asking/tls-settings.ts';
import { ec2Client } from '../ec2/ec2-client.ts';
import { baseUrl, pattern, ResolverSettingRefused, requireHost, resolverKind } from '../resolver-kind.ts';
import { callerName } from './caller-name.ts';
import { type ElasticIds, elasticIdsByAddress, elasticIdsInDatabase } from './elastic-ids.ts';
import { type NimbusServices, type Workspaces, workspacesByAdmin, workspacesByProperty, workspacesByStatus } from './workspaces.ts';

/** With zeros before it a number would be another id of the same workspace. */
const workspaceForm = /^(0|[1-9]\d{0,8})$/;
const elasticForm = /^i-[0-9a-f]{8}$/;

/** Nimbus. An instance id is a workspace's number, or an `i-…` of its EC2 front end. A site that combines modes has one resolver for each. */
export const nimbusResolver = resolverKind(
  {
    mode: z.enum(['rp-query', 'status', 'admin']),
    /** Of the container's services, as https://HOST:8443/wsrf/services. For `admin` only to learn that a workspace has ended. */
    url: baseUrl.optional(),
    /** The credential of the workspaces' owner, whom alone Nimbus tells about them. */
    tls: tlsSettings.optional(),
    /** The name that Nimbus knows the one who asks by, who owns what is shown in `status` and `rp-query`. Default: the subject of tls.cert. */
    caller: z.string().min(1).optional(),
    /** For `rp-query`: whether to ask for the property, or for all of them by XPath. */
    query: z.enum(['property', 'xpath']).default('property'),
    /** For `rp-query`: what the texts below `networking` look like, with the groups `domain` and `host`. */
    pattern: pattern
      .refine(
        ({ source }) => source.includes('(?<domain>') && source.includes('(?<host>'),
        'must have the groups (?<domain>…) and (?<host>…)',
      )
      .default(/(?<domain>wrksp-\d+)[\s;,:|@]+(?<host>[A-Za-z0-9.-]+)/),
    /** For `admin`: the command, and the VMM host to run it on in place of the machine of the service. */
    admin: z
      .strictObject({ command: z.array(z.string().min(1)).min(1).default(['nimbus-admin']), host: z.string().optional() })
      .prefault({}),
    /** For `i-…` ids: the front end's database, and the VMM host that it is on in place of the machine of the service. */
    elasticDb: z
      .strictObject({ file: absolutePath, host: z.string().optional(), command: z.string().min(1).default('sqlite3') })
      .optional(),
    /** For `i-…` ids without that file: the front end itself. */
    ec2: z
      .strictObject({ url: baseUrl, accessKeyId: z.string().min(1), secretKeyFile: secretFile, tls: tlsSettings.optional() })
      .optional(),
  },
  (settings, surroundings) => {
    const { name } = surroundings;
    const { mode, url, tls } = settings;
    const services: NimbusServices | undefined =
      url === undefined ? undefined : { client: httpClient(tls), url, speaker: name, caller: callerOf(url) };
    const workspaces = workspacesOf();
    const elasticIds = elasticIdsOf();
    return {
      name,
      async resolve(instanceId, limit) {
        if (workspaceForm.test(instanceId)) {
          return workspaces.find(instanceId, limit);
        }
        if (!elasticForm.test(instanceId)) {
          return { outcome: 'not-known', reason: 'neither the number of a workspace nor an id of the EC2 front end' };
        }
        if (elasticIds === undefined) {
          return { outcome: 'not-known', reason: 'the settings name neither elasticDb nor ec2, so i-… ids mean nothing here' };
        }
        const workspaceId = await elasticIds.workspaceOf(instanceId, limit);
        return workspaceId === undefined
          ? { outcome: 'not-known', reason: 'the EC2 front end shows no such instance' }
          : workspaces.find(workspaceId, limit);
      },
      async list(limit) {
        const [placed, elastic] = await Promise.all([workspaces.list(limit), elasticIds?.all(limit)]);
        return listedOnce(
          placed.map(({ workspaceId, placement, owner, addresses: [address] }) => ({
            id: (elastic?.get(workspaceId) ?? workspaceId) as InstanceId,
            placement,
            ...(owner !== undefined && { owner }),
            name: placement.domain,
            ...(address !== undefined && { privateIpAddress: address }),
          })),
          name,
        );
      },
    };

    function workspacesOf(): Workspaces {
      switch (mode) {
        case 'rp-query':
          return workspacesByProperty(requireServices(['mode'], 'the mode rp-query'), settings.query, settings.pattern);
        case 'status':
          return workspacesByStatus(requireServices(['mode'], 'the mode status'));
        case 'admin':
          return workspacesByAdmin(requireHost(surroundings, settings.admin.host, ['admin', 'host']), {
            command: settings.admin.command,
            speaker: name,
            ...(services !== undefined && { services }),
          });
      }
    }

    /** The certificate is shown over TLS alone. */
    function callerOf(address: string): () => string | undefined {
      const { caller } = settings;
      return caller !== undefined || tls?.cert === undefined || !address.startsWith('https:') ? () => caller : callerName(tls.cert);
    }

    function elasticIdsOf(): ElasticIds | undefined {
      const { elasticDb, ec2 } = settings;
      if (elasticDb !== undefined && ec2 !== undefined) {
        throw new ResolverSettingRefused(['ec2'], 'elasticDb and ec2 are two ways to the same; name one of them');
      }
      if (elasticDb !== undefined) {
        return elasticIdsInDatabase(requireHost(surroundings, elasticDb.host, ['elasticDb', 'host']), elasticDb);
      }
      if (ec2 !== undefined) {
        // The front end signs by Version 2, and echoes whatever version of the API it is asked for.
        const endpoint = { ...ec2, name: `${name} (EC2 front end)`, signature: 'v2', region: 'us-east-1', version: '2009-08-15' } as const;
        return elasticIdsByAddress(ec2Client(endpoint), requireServices(['ec2'], 'ec2'));
      }
      return undefined;
    }

    function requireServices(path: readonly PropertyKey[], what: string): NimbusServices {
      if (services === undefined) {
        throw new ResolverSettingRefused(path, `${what} needs url, the address of the services of Nimbus`);
      }
      return services;
    }
  },
);
