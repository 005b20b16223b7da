import type { Host } from '../../drivers/command/host.ts';
import type { Placement } from '../../model/placement.ts';
import type { HttpClient } from '../asking/http-client.ts';
import { CloudUnavailable, type Resolution } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';
import { adminList } from './admin-list.ts';
import { type CurrentWorkspace, currentWorkspaces } from './current-workspaces.ts';
import { type PropertyQuestion, placementByProperty, placementInNetworking } from './workspace-property.ts';

export interface PlacedWorkspace {
  readonly workspaceId: string;
  readonly placement: Placement;
  readonly addresses: readonly string[];
}

/** One of the ways to learn where Nimbus runs its workspaces. Both throw CloudUnavailable. */
export interface Workspaces {
  find(workspaceId: string, limit: TimeLimit): Promise<Resolution>;
  /** Those that have a place. */
  list(limit: TimeLimit): Promise<readonly PlacedWorkspace[]>;
}

export interface NimbusServices {
  readonly client: HttpClient;
  readonly url: string;
  readonly speaker: string;
}

/** `rp-query`: what the patched Nimbus of the paper writes into the networking. */
export function workspacesByProperty(services: NimbusServices, question: PropertyQuestion, pattern: RegExp): Workspaces {
  const { client, url, speaker } = services;
  return {
    find: (workspaceId, limit) => placementByProperty(client, { url, speaker, question, pattern }, workspaceId, limit),
    async list(limit) {
      return (await currentWorkspaces(client, services, limit)).flatMap(({ workspaceId, networking, addresses }) => {
        const placement = networking === undefined ? undefined : placementInNetworking(networking, pattern, speaker);
        return placement === undefined || placement === 'nowhere' ? [] : [{ workspaceId, placement, addresses }];
      });
    },
  };
}

/** `status`: what an unpatched Nimbus tells the owner from 2.9 on. */
export function workspacesByStatus(services: NimbusServices): Workspaces {
  const { client, speaker } = services;
  const notYet = new Set(['Unstaged', 'Unpropagated']);
  const resolutionOf = ({ workspaceId, state, vmmHost }: CurrentWorkspace): Resolution => {
    if (vmmHost !== undefined) {
      return { outcome: 'resolved', placement: { vmmHost, domain: domainOf(workspaceId) } };
    }
    if (notYet.has(state)) {
      return { outcome: 'not-placed', reason: `${speaker} has workspace ${workspaceId} in the state ${state}` };
    }
    throw new CloudUnavailable(`${speaker} does not tell the host of workspace ${workspaceId}`, {
      hint: 'Nimbus tells it from 2.9 on, and with details.hostname=true in the settings of the service',
    });
  };
  return {
    async find(workspaceId, limit) {
      const current = await currentWorkspaces(client, services, limit);
      const found = current.find((workspace) => workspace.workspaceId === workspaceId);
      return found === undefined
        ? missingFrom(current, 'the owner of the credential has no such workspace; others are not shown to it')
        : resolutionOf(found);
    },
    async list(limit) {
      return (await currentWorkspaces(client, services, limit)).flatMap((workspace) => {
        const resolution = resolutionOf(workspace);
        const { workspaceId, addresses } = workspace;
        return resolution.outcome === 'resolved' ? [{ workspaceId, placement: resolution.placement, addresses }] : [];
      });
    },
  };
}

/** `admin`: what the administrator's tool tells of all owners' workspaces. */
export function workspacesByAdmin(host: Host, command: readonly string[], speaker: string): Workspaces {
  return {
    async find(workspaceId, limit) {
      const all = await adminList(host, command, limit);
      const found = all.find((workspace) => workspace.workspaceId === workspaceId);
      if (found === undefined) {
        return missingFrom(all, `${speaker} lists no such workspace`);
      }
      return found.vmmHost === undefined
        ? { outcome: 'not-placed', reason: `${speaker} has put workspace ${workspaceId} on no host` }
        : { outcome: 'resolved', placement: { vmmHost: found.vmmHost, domain: domainOf(workspaceId) } };
    },
    async list(limit) {
      return (await adminList(host, command, limit)).flatMap(({ workspaceId, vmmHost }) =>
        vmmHost === undefined ? [] : [{ workspaceId, placement: { vmmHost, domain: domainOf(workspaceId) }, addresses: [] }],
      );
    },
  };
}

/** An empty list is also what the wrong credential is shown, and says nothing of an end. */
function missingFrom(listed: readonly unknown[], reason: string): Resolution {
  return { outcome: 'not-known', reason, ...(listed.length > 0 && { ended: 'forgotten' }) };
}

/** What Nimbus calls the Xen domain of a workspace. */
function domainOf(workspaceId: string): string {
  return `wrksp-${workspaceId}`;
}
