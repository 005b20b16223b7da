import type { Placement } from '../../model/placement.ts';
import type { HttpClient } from '../asking/http-client.ts';
import { CloudUnavailable, type Resolution } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';
import { leafTexts, type XmlElement } from '../xml/read-xml.ts';
import { callSoap, workspaceNamespace } from './soap.ts';

const propertiesNamespace = 'http://docs.oasis-open.org/wsrf/2004/06/wsrf-WS-ResourceProperties-1.2-draft-01.xsd';
const actionPrefix = 'http://docs.oasis-open.org/wsrf/2004/06/wsrf-WS-ResourceProperties';
const logisticsNamespace = `${workspaceNamespace}/metadata/logistics`;

/** `networking` is no property by itself; `logistics` holds it, and an XPath may reach into the properties. */
const questions = {
  property: {
    action: `${actionPrefix}/GetResourceProperty`,
    body: `<GetResourceProperty xmlns="${propertiesNamespace}" xmlns:l="${logisticsNamespace}">l:logistics</GetResourceProperty>`,
  },
  xpath: {
    action: `${actionPrefix}/QueryResourceProperties`,
    body:
      `<QueryResourceProperties xmlns="${propertiesNamespace}">` +
      `<QueryExpression Dialect="http://www.w3.org/TR/1999/REC-xpath-19991116">/</QueryExpression></QueryResourceProperties>`,
  },
} as const;

export type PropertyQuestion = keyof typeof questions;

/** The paper's way: the workspace's networking carries domain and host, put there by a change of one line in Nimbus. */
export async function placementByProperty(
  client: HttpClient,
  {
    url,
    question,
    pattern,
    speaker,
  }: { readonly url: string; readonly question: PropertyQuestion; readonly pattern: RegExp; readonly speaker: string },
  workspaceId: string,
  limit: TimeLimit,
): Promise<Resolution> {
  const answer = await callSoap(client, { url: `${url}/WorkspaceService`, workspaceId, ...questions[question] }, speaker, limit);
  if (answer.outcome !== 'answered') {
    // Nimbus says so to whoever asks, and of a workspace that is there something else.
    return answer.outcome === 'not-known' ? { ...answer, ended: 'forgotten' } : answer;
  }
  const networking = descendant(answer.body, 'networking');
  if (networking === undefined) {
    throw new CloudUnavailable(`${speaker} describes workspace ${workspaceId} without its networking`);
  }
  const placement = placementInNetworking(networking, pattern, speaker);
  if (placement === undefined) {
    throw new CloudUnavailable(`${speaker} does not say in the networking of workspace ${workspaceId} where it runs`, {
      hint: 'Nimbus lacks the change that puts domain and host there, or pattern does not fit what it puts; mode status needs no change',
    });
  }
  return placement === 'nowhere'
    ? { outcome: 'not-placed', reason: `${speaker} has put workspace ${workspaceId} on no host yet` }
    : { outcome: 'resolved', placement };
}

/**
 * Where the texts of a workspace's networking say that it is; `undefined` when they say nothing. Every NIC says it, so all are compared.
 * `nowhere`: Nimbus writes Java's `null` for the host of a workspace that has none yet.
 */
export function placementInNetworking(networking: XmlElement, pattern: RegExp, speaker: string): Placement | 'nowhere' | undefined {
  const placements = leafTexts(networking).flatMap((text) => {
    const { domain, host } = pattern.exec(text)?.groups ?? {};
    return domain === undefined || host === undefined ? [] : [{ vmmHost: host, domain }];
  });
  const [first] = placements;
  if (first !== undefined && placements.some(({ vmmHost, domain }) => vmmHost !== first.vmmHost || domain !== first.domain)) {
    throw new CloudUnavailable(`${speaker} says different things of where a workspace is, in the same answer`);
  }
  return first?.vmmHost === 'null' ? 'nowhere' : first;
}

function descendant(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of element.children) {
    const found = child.name === name ? child : descendant(child, name);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}
