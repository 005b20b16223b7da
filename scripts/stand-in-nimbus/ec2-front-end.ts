import { createHmac } from 'node:crypto';
import { element } from './element.ts';
import type { NimbusWorkspace } from './nimbus-workspace.ts';

export interface FrontEndKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Whose workspaces it shows. */
  readonly owner: string;
}

export interface FrontEndReply {
  readonly status: number;
  readonly text: string;
}

/** Answers DescribeInstances of the EC2 Query API of 2009, signed by Version 2; an id that it does not know is left out. */
export function answerEc2(
  { host, path, body }: { readonly host: string; readonly path: string; readonly body: string },
  workspaces: readonly NimbusWorkspace[],
  keys: readonly FrontEndKey[],
): FrontEndReply {
  const parameters = new URLSearchParams(body);
  const key = keys.find(({ accessKeyId }) => accessKeyId === parameters.get('AWSAccessKeyId'));
  if (key === undefined || parameters.get('Signature') !== signatureOf(body, host, path, key)) {
    return { status: 403, text: refusal('SignatureDoesNotMatch', 'The request signature does not match.') };
  }
  if (parameters.get('Action') !== 'DescribeInstances') {
    return { status: 400, text: refusal('InvalidAction', 'This stand-in answers DescribeInstances only.') };
  }
  const wanted = [...parameters].filter(([name]) => name.startsWith('InstanceId.')).map(([, value]) => value);
  const shown = workspaces.filter(({ owner, elasticId }) => owner === key.owner && (wanted.length === 0 || wanted.includes(elasticId)));
  const version = parameters.get('Version') ?? '2009-08-15';
  const reservations = shown.map((workspace) => reservation(workspace, key));
  const xmlns = `http://ec2.amazonaws.com/doc/${version}/`;
  return { status: 200, text: declared(element('DescribeInstancesResponse', { xmlns }, element('reservationSet', {}, reservations)).xml) };
}

/** The body is signed as it came: its parameters are in the order that Version 2 wants, and the signature is the last. */
function signatureOf(body: string, host: string, path: string, { secretAccessKey }: FrontEndKey): string {
  const query = body.replace(/&Signature=.*$/, '');
  const text = ['POST', host.toLowerCase(), path, query].join('\n');
  return createHmac('sha256', secretAccessKey).update(text).digest('base64');
}

function reservation({ id, reservationId, elasticId, state, nics, startsAt }: NimbusWorkspace, { accessKeyId }: FrontEndKey) {
  const open = nics.find(({ association }) => association === 'public');
  const closed = nics.find(({ association }) => association === 'private');
  const instance = element(
    'item',
    {},
    element('instanceId', {}, elasticId),
    element('imageId', {}, id === 1 ? '' : 'base.gz'),
    element(
      'instanceState',
      {},
      element('code', {}, state === 'Running' ? 16 : 0),
      element('name', {}, state === 'Running' ? 'running' : 'pending'),
    ),
    element('privateDnsName', {}, closed?.hostname ?? '[unknown]'),
    element('dnsName', {}, open?.hostname),
    element('keyName', {}, '[no key]'),
    element('amiLaunchIndex', {}, 0),
    element('productCodes', {}),
    element('instanceType', {}, closed === undefined ? '[unknown]' : 'm1.small'),
    element('launchTime', {}, startsAt),
    element('placement', {}, element('availabilityZone', {}, 'default')),
    element('kernelId', {}, 'default'),
    element('monitoring', {}, element('state', {}, 'disabled')),
    closed === undefined ? undefined : element('privateIpAddress', {}, closed.ipAddress),
    open === undefined ? undefined : element('ipAddress', {}, open.ipAddress),
  );
  return element(
    'item',
    {},
    element('reservationId', {}, reservationId),
    element('ownerId', {}, accessKeyId),
    element('groupSet', {}, element('item', {}, element('groupId', {}, 'default'))),
    element('instancesSet', {}, instance),
  );
}

function refusal(code: string, message: string): string {
  const error = element('Error', {}, element('Code', {}, code), element('Message', {}, message));
  return declared(element('Response', {}, element('Errors', {}, error), element('RequestID', {}, crypto.randomUUID())).xml);
}

function declared(xml: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`;
}
