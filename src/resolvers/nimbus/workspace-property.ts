import type { Placement } from '../../model/placement.ts';
import type { HttpClient } from '../asking/http-client.ts';
import { requireAbout } from '../asking/require-about.ts';
import { soleOf } from '../asking/sole-of.ts';
import { CloudUnavailable, type Resolution } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';
import { descendantsOf, leafTexts, type XmlElement } from '../xml/read-xml.ts';
import { callSoap, type SoapAnswer, workspaceNamespace } from './soap.ts';

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
  const answer = await askForProperties(client, { url, question, speaker }, workspaceId, limit);
  if (answer.outcome !== 'answered') {
    return answer;
  }
  const networking = soleOf(descendantsOf(answer.body, 'networking'), `the networking of workspace ${workspaceId}`, speaker);
  if (networking === undefined) {
    throw new CloudUnavailable(`${speaker} describes workspace ${workspaceId} without its networking`);
  }
  const placement = placementInNetworking(networking, { workspaceId, pattern, speaker });
  if (placement === undefined) {
    throw new CloudUnavailable(`${speaker} does not say in the networking of workspace ${workspaceId} where it runs`, {
      hint: 'Nimbus lacks the change that puts domain and host there, or pattern does not fit what it puts; mode status needs no change',
    });
  }
  return placement === 'nowhere'
    ? { outcome: 'not-placed', reason: `${speaker} has put workspace ${workspaceId} on no host yet` }
    : { outcome: 'resolved', placement };
}

/** The properties of a workspace, or why there are none. That there is no such workspace Nimbus says to whoever asks, and of another's something else. */
export async function askForProperties(
  client: HttpClient,
  { url, question, speaker }: { readonly url: string; readonly question: PropertyQuestion; readonly speaker: string },
  workspaceId: string,
  limit: TimeLimit,
): Promise<Resolution | Extract<SoapAnswer, { outcome: 'answered' }>> {
  const answer = await callSoap(client, { url: `${url}/WorkspaceService`, workspaceId, ...questions[question] }, speaker, limit);
  return answer.outcome === 'not-known' ? { ...answer, ended: 'forgotten' } : answer;
}

/**
 * Where the texts of a workspace's networking say that it is; `undefined` when they say nothing. Every NIC says it, so all are compared.
 * `nowhere`: Nimbus writes Java's `null` for the host of a workspace that has none yet.
 */
export function placementInNetworking(
  networking: XmlElement,
  { workspaceId, pattern, speaker }: { readonly workspaceId: string; readonly pattern: RegExp; readonly speaker: string },
): Placement | 'nowhere' | undefined {
  const placements = leafTexts(networking).flatMap((text) => {
    const { domain, host } = pattern.exec(text)?.groups ?? {};
    return domain === undefined || host === undefined ? [] : [{ vmmHost: host, domain }];
  });
  for (const { domain } of placements) {
    // A site that writes other names than Nimbus' own says nothing by them of whose they are.
    const [, named = workspaceId] = /^wrksp-(\d+)$/.exec(domain) ?? [];
    requireAbout({ kind: 'workspace', id: workspaceId }, named, speaker);
  }
  const [first] = placements;
  if (first !== undefined && placements.some(({ vmmHost, domain }) => vmmHost !== first.vmmHost || domain !== first.domain)) {
    throw new CloudUnavailable(`${speaker} says different things of where a workspace is, in the same answer`);
  }
  return first?.vmmHost === 'null' ? 'nowhere' : first;
}
