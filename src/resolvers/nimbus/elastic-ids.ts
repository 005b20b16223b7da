import type { Host } from '../../drivers/command/host.ts';
import { askCommand } from '../asking/ask-command.ts';
import type { HttpClient } from '../asking/http-client.ts';
import { soleOf } from '../asking/sole-of.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import type { Ec2Client, Ec2Instance } from '../ec2/ec2-client.ts';
import type { TimeLimit } from '../time-limit.ts';
import { currentWorkspaces } from './current-workspaces.ts';

/** The ids that Nimbus' EC2 front end gives to workspaces. */
export interface ElasticIds {
  /** The workspace that an `i-…` id means; `undefined` when there is none. Throws CloudUnavailable. */
  workspaceOf(elasticId: string, limit: TimeLimit): Promise<string | undefined>;
  /** The `i-…` ids by workspace id. */
  all(limit: TimeLimit): Promise<ReadonlyMap<string, string>>;
}

type ElasticRow = readonly [elasticId: string, workspaceId: string];

/** Throws CloudUnavailable where two ids mean one workspace, or one id two. */
function byWorkspace(rows: readonly ElasticRow[], speaker: string): ReadonlyMap<string, string> {
  const elasticIds = new Set<string>();
  const byId = new Map<string, string>();
  for (const [elasticId, workspaceId] of rows) {
    if (elasticIds.has(elasticId) || byId.has(workspaceId)) {
      throw new CloudUnavailable(`${speaker} tells of ${elasticId} or of workspace ${workspaceId} more than once`);
    }
    elasticIds.add(elasticId);
    byId.set(workspaceId, elasticId);
  }
  return byId;
}

/** By the front end's own database, read on the host where it is by SQLite's command, for SQLite locks files by host. */
export function elasticIdsInDatabase(host: Host, { file, command }: { readonly file: string; readonly command: string }): ElasticIds {
  const speaker = `${command} on ${host.name}`;
  const rows = async (limit: TimeLimit): Promise<readonly ElasticRow[]> => {
    // Whatever ~/.sqliterc says.
    const form = ['-batch', '-init', '/dev/null', '-list', '-noheader', '-separator', '|'];
    const argv = [command, '-readonly', ...form, file, 'SELECT elastic_id, manager_id FROM instances'];
    const { stdout } = await askCommand(host, argv, limit);
    return stdout
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [, elasticId, workspaceId] = /^(i-[0-9a-f]+)\|(\d+)$/.exec(line.trim()) ?? [];
        if (elasticId === undefined || workspaceId === undefined) {
          throw new CloudUnavailable(`${speaker} printed a line that is no instance id and workspace id: ${line.slice(0, 200)}`);
        }
        return [elasticId, workspaceId];
      });
  };
  return {
    async workspaceOf(elasticId, limit) {
      const all = await rows(limit);
      const [, workspaceId] =
        soleOf(
          all.filter(([id]) => id === elasticId),
          elasticId,
          speaker,
        ) ?? [];
      // The number may have been given anew, to somebody else, by a Nimbus whose own database began anew.
      soleOf(
        all.filter(([, id]) => id === workspaceId),
        `workspace ${workspaceId}`,
        speaker,
      );
      return workspaceId;
    },
    async all(limit) {
      return byWorkspace(await rows(limit), speaker);
    },
  };
}

/** Without the database: the front end tells the address of an instance, and the status service that of a workspace. */
export function elasticIdsByAddress(
  ec2: Ec2Client,
  { client, url, speaker }: { readonly client: HttpClient; readonly url: string; readonly speaker: string },
): ElasticIds {
  const instances = async (limit: TimeLimit, elasticId?: string): Promise<readonly Ec2Instance[]> => {
    const answer = await ec2.describeInstances(limit, elasticId);
    if (answer.outcome === 'not-authorised') {
      throw new CloudUnavailable(answer.reason, { hint: 'look at the key of ec2' });
    }
    return answer.outcome === 'described' ? answer.instances : [];
  };
  /** An address that two workspaces have says nothing. */
  const workspaceByAddress = async (limit: TimeLimit) => {
    const byAddress = new Map<string, string | undefined>();
    for (const { workspaceId, addresses } of await currentWorkspaces(client, { url, speaker }, limit)) {
      for (const address of addresses) {
        byAddress.set(address, byAddress.has(address) ? undefined : workspaceId);
      }
    }
    return ({ id, publicAddress, privateAddress }: Ec2Instance) => {
      const meant = new Set([publicAddress, privateAddress].flatMap((address) => byAddress.get(address ?? '') ?? []));
      if (meant.size > 1) {
        throw new CloudUnavailable(`${speaker} has the addresses of ${id} as the addresses of several workspaces`);
      }
      const [workspaceId] = meant;
      return workspaceId;
    };
  };
  return {
    async workspaceOf(elasticId, limit) {
      const [instance] = await instances(limit, elasticId);
      if (instance === undefined) {
        return undefined;
      }
      const workspaceId = (await workspaceByAddress(limit))(instance);
      if (workspaceId === undefined) {
        throw new CloudUnavailable(`${speaker} has no workspace with the address of ${elasticId}`, {
          hint: 'the key of ec2 and the certificate of tls must be of the same owner',
        });
      }
      return workspaceId;
    },
    async all(limit) {
      const [workspaceOf, described] = await Promise.all([workspaceByAddress(limit), instances(limit)]);
      return byWorkspace(
        described.flatMap((instance): ElasticRow[] => {
          const workspaceId = workspaceOf(instance);
          return workspaceId === undefined ? [] : [[instance.id, workspaceId]];
        }),
        speaker,
      );
    },
  };
}
