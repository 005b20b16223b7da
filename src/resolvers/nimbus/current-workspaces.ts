import type { HttpClient } from '../asking/http-client.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';
import { childrenOf, find, textAt, textOfSole, type XmlElement } from '../xml/read-xml.ts';
import { callSoap, workspaceNamespace } from './soap.ts';

/** A workspace of the one who asks, as the status service tells it. */
export interface CurrentWorkspace {
  readonly workspaceId: string;
  readonly state: string;
  /** Of `VMM=`, which Nimbus tells from 2.9 on. */
  readonly vmmHost?: string;
  readonly networking?: XmlElement;
  readonly addresses: readonly string[];
}

const statusNamespace = `${workspaceNamespace}/status`;

/** All workspaces of the owner of the credential. Throws CloudUnavailable. */
export async function currentWorkspaces(
  client: HttpClient,
  { url, speaker }: { readonly url: string; readonly speaker: string },
  limit: TimeLimit,
): Promise<readonly CurrentWorkspace[]> {
  const answer = await callSoap(
    client,
    {
      url: `${url}/WorkspaceStatusService`,
      action: `${statusNamespace}/WorkspaceStatusPortType/queryCurrentWorkspacesRequest`,
      body: `<queryCurrentWorkspaces xmlns="${statusNamespace}"/>`,
    },
    speaker,
    limit,
  );
  if (answer.outcome !== 'answered') {
    throw new CloudUnavailable(
      `${speaker} does not list workspaces`,
      answer.outcome === 'not-authorised' ? { hint: answer.hint, cause: answer.reason } : {},
    );
  }
  const current = find(answer.body, 'currentWorkspaces');
  if (current === undefined) {
    throw new CloudUnavailable(`${speaker} answered queryCurrentWorkspaces with something else`);
  }
  return childrenOf(current, 'oneCurrentWorkspace').map((workspace) => readWorkspace(workspace, speaker));
}

function readWorkspace(workspace: XmlElement, speaker: string): CurrentWorkspace {
  const workspaceId = textOfSole(find(workspace, 'epr', 'ReferenceProperties'), 'WorkspaceKey', speaker);
  if (workspaceId === undefined || !/^\d{1,9}$/.test(workspaceId)) {
    throw new CloudUnavailable(`${speaker} lists a workspace without its key`);
  }
  const networking = find(workspace, 'logistics', 'networking');
  const [, vmmHost] = /(?:^|\s)VMM=(\S+)/.exec(textAt(workspace, 'details') ?? '') ?? [];
  return {
    workspaceId,
    state: textAt(workspace, 'currentState', 'state') ?? 'unknown',
    ...(vmmHost !== undefined && vmmHost !== 'null' && { vmmHost }),
    ...(networking !== undefined && { networking }),
    addresses: childrenOf(networking, 'nic').flatMap((nic) => textAt(nic, 'ipConfig', 'ipAddress') ?? []),
  };
}
