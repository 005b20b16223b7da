import type { Host } from '../../drivers/command/host.ts';
import type { Placement } from '../../model/placement.ts';
import type { HttpClient } from '../asking/http-client.ts';
import { soleOf } from '../asking/sole-of.ts';
import { CloudUnavailable, type InstanceOwner, type Resolution } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';
import { adminList } from './admin-list.ts';
import { type CurrentWorkspace, currentWorkspaces } from './current-workspaces.ts';
import { askForProperties, type PropertyQuestion, placementByProperty, placementInNetworking } from './workspace-property.ts';

export interface PlacedWorkspace extends InstanceOwner {
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
  /** The name that Nimbus knows the one who asks by; `undefined` where it is not known. */
  readonly caller: () => string | undefined;
}

/** `rp-query`: what the patched Nimbus of the paper writes into the networking. Only who made a workspace may query it, so what is told is the caller's. */
export function workspacesByProperty(services: NimbusServices, question: PropertyQuestion, pattern: RegExp): Workspaces {
  const { client, url, speaker } = services;
  return {
    async find(workspaceId, limit) {
      return ownedBy(services.caller(), await placementByProperty(client, { url, speaker, question, pattern }, workspaceId, limit));
    },
    async list(limit) {
      const current = await currentWorkspaces(client, services, limit);
      const owner = ownerNamed(services.caller());
      return current.flatMap(({ workspaceId, networking, addresses }) => {
        const placement = networking === undefined ? undefined : placementInNetworking(networking, { workspaceId, pattern, speaker });
        return placement === undefined || placement === 'nowhere' ? [] : [{ workspaceId, placement, addresses, ...owner }];
      });
    },
  };
}

/** `status`: what an unpatched Nimbus tells the owner from 2.9 on, who is told of nobody else's. */
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
      const found = soleOf(withId(current, workspaceId), `workspace ${workspaceId}`, speaker);
      return found === undefined ? resolutionOfMissing(services, workspaceId, limit) : ownedBy(services.caller(), resolutionOf(found));
    },
    async list(limit) {
      const current = await currentWorkspaces(client, services, limit);
      const owner = ownerNamed(services.caller());
      return current.flatMap((workspace) => {
        const resolution = resolutionOf(workspace);
        const { workspaceId, addresses } = workspace;
        return resolution.outcome === 'resolved' ? [{ workspaceId, placement: resolution.placement, addresses, ...owner }] : [];
      });
    },
  };
}

/** `admin`: what the administrator's tool tells of all owners' workspaces. With `services` Nimbus itself is asked for those that it does not list. */
export function workspacesByAdmin(
  host: Host,
  { command, speaker, services }: { readonly command: readonly string[]; readonly speaker: string; readonly services?: NimbusServices },
): Workspaces {
  return {
    async find(workspaceId, limit) {
      const all = await adminList(host, command, limit);
      const found = soleOf(withId(all, workspaceId), `workspace ${workspaceId}`, speaker);
      if (found === undefined) {
        if (services === undefined) {
          return { outcome: 'not-known', reason: `${speaker} lists no such workspace` };
        }
        const resolution = await resolutionOfMissing(services, workspaceId, limit);
        return resolution.outcome === 'not-authorised' ? refuseHidden(speaker, workspaceId) : resolution;
      }
      const { vmmHost, owner } = found;
      return ownedBy(
        owner,
        vmmHost === undefined
          ? { outcome: 'not-placed', reason: `${speaker} has put workspace ${workspaceId} on no host` }
          : { outcome: 'resolved', placement: { vmmHost, domain: domainOf(workspaceId) } },
      );
    },
    async list(limit) {
      return (await adminList(host, command, limit)).flatMap(({ workspaceId, vmmHost, owner }) =>
        vmmHost === undefined
          ? []
          : [{ workspaceId, placement: { vmmHost, domain: domainOf(workspaceId) }, addresses: [], ...ownerNamed(owner) }],
      );
    },
  };
}

/**
 * A list that lacks a workspace may be another caller's, or not be whole, and says nothing of an end. The workspace's own service does: it tells
 * whoever asks that there is no such workspace, and of another's that the caller may not know.
 */
async function resolutionOfMissing({ client, url, speaker }: NimbusServices, workspaceId: string, limit: TimeLimit): Promise<Resolution> {
  const answer = await askForProperties(client, { url, question: 'property', speaker }, workspaceId, limit);
  return answer.outcome === 'answered' ? refuseHidden(speaker, workspaceId) : answer;
}

function refuseHidden(speaker: string, workspaceId: string): never {
  throw new CloudUnavailable(`${speaker} lists no workspace ${workspaceId}, which Nimbus has`);
}

function withId<Workspace extends { readonly workspaceId: string }>(all: readonly Workspace[], workspaceId: string): readonly Workspace[] {
  return all.filter((workspace) => workspace.workspaceId === workspaceId);
}

function ownedBy(owner: string | undefined, resolution: Resolution): Resolution {
  return resolution.outcome === 'resolved' || resolution.outcome === 'not-placed' ? { ...resolution, ...ownerNamed(owner) } : resolution;
}

function ownerNamed(owner: string | undefined): InstanceOwner {
  return owner === undefined ? {} : { owner };
}

/** What Nimbus calls the Xen domain of a workspace. */
function domainOf(workspaceId: string): string {
  return `wrksp-${workspaceId}`;
}
