import { randomUUID } from 'node:crypto';
import type { HttpClient } from '../asking/http-client.ts';
import { requireAbout } from '../asking/require-about.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';
import { escapeXml } from '../xml/escape-xml.ts';
import { descendantsOf, find, leafTexts, readXml, textAt, type XmlElement } from '../xml/read-xml.ts';

export const workspaceNamespace = 'http://www.globus.org/2008/06/workspace';
const addressingNamespace = 'http://schemas.xmlsoap.org/ws/2004/03/addressing';
const envelopeNamespace = 'http://schemas.xmlsoap.org/soap/envelope/';

const unknownWorkspace = /^unknown workspace: '([^']*)'$/;

export interface SoapCall {
  /** Of the service, as …/wsrf/services/WorkspaceService. */
  readonly url: string;
  readonly action: string;
  /** The workspace that it is about. A service of resources takes the key from the header, not from the body. */
  readonly workspaceId?: string;
  /** XML, with every text in it escaped. */
  readonly body: string;
}

export type SoapAnswer =
  | { readonly outcome: 'answered'; readonly body: XmlElement }
  | { readonly outcome: 'not-known' }
  | { readonly outcome: 'not-authorised'; readonly reason: string; readonly hint: string };

/** Asks a service of the Globus container. Throws CloudUnavailable for every fault that says nothing of the workspace, and for an answer about another one. */
export async function callSoap(client: HttpClient, call: SoapCall, speaker: string, limit: TimeLimit): Promise<SoapAnswer> {
  const { status, text } = await client.ask(
    {
      method: 'POST',
      url: call.url,
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${call.action}"` },
      body: envelope(call),
    },
    limit,
  );
  if (status !== 200 && status !== 500) {
    throw new CloudUnavailable(`${speaker} answered with status ${status}`, {
      hint: 'url must lead to the services of the container, as https://HOST:8443/wsrf/services',
    });
  }
  const root = readXml(text, speaker);
  const body = find(root, 'Body');
  if (root.name !== 'Envelope' || body === undefined) {
    throw new CloudUnavailable(`${speaker} answered XML that is no SOAP envelope, but <${root.name}>`);
  }
  if (call.workspaceId !== undefined) {
    // The header says from which resource an answer comes, and the detail of a fault too.
    for (const { text: key } of descendantsOf(root, 'WorkspaceKey')) {
      requireAbout({ kind: 'workspace', id: call.workspaceId }, key, speaker);
    }
  }
  const fault = find(body, 'Fault');
  return fault === undefined ? { outcome: 'answered', body } : readFault(fault, call.workspaceId, speaker);
}

function envelope({ url, action, workspaceId, body }: SoapCall): string {
  const key = workspaceId === undefined ? '' : `<w:WorkspaceKey xmlns:w="${workspaceNamespace}">${escapeXml(workspaceId)}</w:WorkspaceKey>`;
  const header = [
    `<wsa:MessageID>uuid:${randomUUID()}</wsa:MessageID>`,
    `<wsa:To>${escapeXml(url)}</wsa:To>`,
    `<wsa:Action>${escapeXml(action)}</wsa:Action>`,
    `<wsa:From><wsa:Address>${addressingNamespace}/role/anonymous</wsa:Address></wsa:From>`,
    key,
  ].join('');
  return (
    `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="${envelopeNamespace}" xmlns:wsa="${addressingNamespace}">` +
    `<soapenv:Header>${header}</soapenv:Header><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`
  );
}

/**
 * All faults come with status 500 and a code that means nothing, and some with an empty faultstring, so they are told apart by the local
 * names in the detail and by words in the text.
 */
function readFault(fault: XmlElement, workspaceId: string | undefined, speaker: string): SoapAnswer {
  const detailNames = find(fault, 'detail')?.children.map(({ name }) => name) ?? [];
  const text = textAt(fault, 'faultstring') ?? '';
  if (workspaceId !== undefined && detailNames.some((name) => name.endsWith('ResourceUnknownFaultType'))) {
    // Nimbus says which one it does not know; the container says the same of resources that are no workspaces.
    const unknown = descendantsOf(fault, 'Description').flatMap((described) => unknownWorkspace.exec(described.text)?.[1] ?? []);
    for (const id of unknown) {
      requireAbout({ kind: 'workspace', id: workspaceId }, id, speaker);
    }
    if (unknown.length > 0) {
      return { outcome: 'not-known' };
    }
  }
  if (text.includes('AuthorizationException') || text.includes('is not authorized to use operation')) {
    const [, distinguishedName = 'the certificate'] = /"([^"]+)" is not authorized/.exec(text) ?? [];
    return {
      outcome: 'not-authorised',
      reason: `${speaker} does not let ${distinguishedName} see the workspace`,
      hint: 'only its owner sees a workspace: use the credential of the owner, or the mode admin',
    };
  }
  if (text.includes('authentication required')) {
    throw new CloudUnavailable(`${speaker} wants to know who asks`, {
      hint: 'name a client certificate with tls.cert and tls.key, and map its name in the grid-mapfile of the container',
    });
  }
  if (text.includes('resource key is missing')) {
    throw new CloudUnavailable(`${speaker} did not get the key of the workspace`, {
      hint: 'something between VBS and the container takes the SOAP header away',
    });
  }
  if (detailNames.some((name) => name.endsWith('InvalidResourcePropertyQNameFaultType'))) {
    throw new CloudUnavailable(`${speaker} has no property "logistics"`, {
      hint: 'url must lead to the services of Nimbus of tp2.2 or later; query: xpath may do better',
    });
  }
  const [first = ''] = (text === '' ? leafTexts(fault).join(' ') : text).split('\n');
  throw new CloudUnavailable(`${speaker} answered with a fault: ${first.slice(0, 500)}`);
}
