import aws4 from 'aws4';
import { httpClient } from '../asking/http-client.ts';
import { requireAbout } from '../asking/require-about.ts';
import { secretIn } from '../asking/secret-file.ts';
import { soleOf } from '../asking/sole-of.ts';
import type { TlsSettings } from '../asking/tls-settings.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';
import { childrenOf, find, readXml, textAt, textOfSole, type XmlElement } from '../xml/read-xml.ts';
import { type Ec2Key, signV2 } from './sign-v2.ts';

/** An instance as an EC2 endpoint describes it. */
export interface Ec2Instance {
  readonly id: string;
  readonly state: string;
  /** The account of its reservation. */
  readonly ownerId?: string;
  readonly privateAddress?: string;
  readonly publicAddress?: string;
  readonly tags: ReadonlyMap<string, string>;
}

export type Ec2Answer =
  | { readonly outcome: 'described'; readonly instances: readonly Ec2Instance[] }
  /** `isGone`: the endpoint says that there is no such instance, and not only that the id is none of its ids. */
  | { readonly outcome: 'not-known'; readonly isGone: boolean }
  | { readonly outcome: 'not-authorised'; readonly reason: string };

export interface Ec2Client {
  /** All instances, or the one with the id, which is at most one. Throws CloudUnavailable, also for an answer about another one. */
  describeInstances(limit: TimeLimit, instanceId?: string): Promise<Ec2Answer>;
}

export interface Ec2Endpoint {
  /** How messages name it. */
  readonly name: string;
  readonly url: string;
  readonly accessKeyId: string;
  readonly secretKeyFile: string;
  readonly signature: 'v2' | 'v4';
  readonly region: string;
  readonly version: string;
  readonly tls?: TlsSettings | undefined;
}

/** A cloud that pages gives up to a thousand instances at a time. */
const maxPages = 100;
/** Amazon's code, that of those who write before it who is to blame, and that of Nova's old front end. */
const goneCodes = new Set(['InvalidInstanceID.NotFound', 'Client.InvalidInstanceID.NotFound', 'InstanceNotFound']);
const malformedCodes = new Set(['InvalidInstanceID.Malformed', 'Client.InvalidInstanceID.Malformed']);
const keyCodes = new Set([
  'AuthFailure',
  'SignatureDoesNotMatch',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
]);

export function ec2Client(endpoint: Ec2Endpoint): Ec2Client {
  const client = httpClient(endpoint.tls);
  const secret = secretIn(endpoint.secretKeyFile);
  const ask = async (parameters: Readonly<Record<string, string>>, limit: TimeLimit): Promise<{ status: number; root: XmlElement }> => {
    const key = { accessKeyId: endpoint.accessKeyId, secretAccessKey: secret() };
    const { status, text } = await client.ask(signedQuestion(endpoint, parameters, key), limit);
    return { status, root: readXml(text, endpoint.name) };
  };

  return {
    async describeInstances(limit, instanceId) {
      const instances: Ec2Instance[] = [];
      let nextToken: string | undefined;
      for (let page = 0; page < maxPages; page += 1) {
        const { status, root } = await ask(
          {
            Action: 'DescribeInstances',
            Version: endpoint.version,
            ...(instanceId !== undefined && { 'InstanceId.1': instanceId }),
            ...(nextToken !== undefined && { NextToken: nextToken }),
          },
          limit,
        );
        // Some refuse with status 200.
        if (status !== 200 || root.name === 'Response') {
          return refusalOf(endpoint.name, status, root, instanceId);
        }
        if (root.name !== 'DescribeInstancesResponse') {
          throw new CloudUnavailable(`${endpoint.name} answered DescribeInstances with <${root.name}>`);
        }
        for (const reservation of childrenOf(find(root, 'reservationSet'), 'item')) {
          instances.push(...instancesOf(reservation, endpoint.name));
        }
        nextToken = textAt(root, 'nextToken');
        if (nextToken === undefined) {
          refuseOthers(instances, instanceId, endpoint.name);
          return { outcome: 'described', instances };
        }
      }
      throw new CloudUnavailable(`${endpoint.name} lists instances without end`);
    },
  };
}

function signedQuestion({ url, signature, region }: Ec2Endpoint, parameters: Readonly<Record<string, string>>, key: Ec2Key) {
  const address = new URL(url);
  const contentType = 'application/x-www-form-urlencoded; charset=utf-8';
  if (signature === 'v2') {
    const body = signV2({ method: 'POST', url, parameters }, key, Date.now());
    return { method: 'POST' as const, url: address.href, headers: { 'content-type': contentType }, body };
  }
  const body = new URLSearchParams(parameters).toString();
  const signed = aws4.sign(
    { service: 'ec2', region, method: 'POST', host: address.host, path: address.pathname, headers: { 'content-type': contentType }, body },
    key,
  );
  const headers = Object.fromEntries(Object.entries(signed.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]));
  return { method: 'POST' as const, url: address.href, headers, body };
}

/** Asked for one instance, an endpoint tells of that one, once, or of none. */
function refuseOthers(instances: readonly Ec2Instance[], instanceId: string | undefined, name: string): void {
  if (instanceId !== undefined) {
    for (const { id } of instances) requireAbout({ kind: 'instance', id: instanceId }, id, name);
    soleOf(instances, instanceId, name);
  }
}

/** What EC2 and those who speak like it refuse with, and an old Query API of Amazon's; any other document is somebody else's. */
const refusalRoots = new Set(['Response', 'ErrorResponse']);

function refusalOf(name: string, status: number, root: XmlElement, instanceId: string | undefined): Ec2Answer {
  const [error, ...others] = refusalRoots.has(root.name)
    ? [...childrenOf(find(root, 'Errors'), 'Error'), ...childrenOf(root, 'Error')]
    : [];
  const code = others.length > 0 ? '' : (textAt(error, 'Code') ?? '');
  const message = textAt(error, 'Message') ?? 'no message';
  const reason = `${name} refused DescribeInstances with ${code || `status ${status}`}: ${message}`;
  if (goneCodes.has(code) && isAbout(message, instanceId)) {
    return { outcome: 'not-known', isGone: true };
  }
  if (malformedCodes.has(code)) {
    return { outcome: 'not-known', isGone: false };
  }
  if (code === 'UnauthorizedOperation') {
    return { outcome: 'not-authorised', reason };
  }
  throw new CloudUnavailable(
    reason,
    keyCodes.has(code) ? { hint: 'look at accessKeyId, at the secret in its file, and at the clock' } : {},
  );
}

/** A message names the instance or none: "The instance ID 'i-…' does not exist". */
function isAbout(message: string, instanceId: string | undefined): boolean {
  const named = message.match(/\bi-(?:[0-9a-f]{17}|[0-9a-f]{8})\b/gi) ?? [];
  return named.length === 0 || named.some((id) => id === instanceId);
}

function instancesOf(reservation: XmlElement, name: string): readonly Ec2Instance[] {
  // Of the reservation itself: tags and user data of an instance are its users'.
  const ownerId = textOfSole(reservation, 'ownerId', name);
  return childrenOf(find(reservation, 'instancesSet'), 'item').map((item) => ({
    ...instanceOf(item, name),
    ...(ownerId !== undefined && { ownerId }),
  }));
}

function instanceOf(item: XmlElement, name: string): Ec2Instance {
  const id = textOfSole(item, 'instanceId', name);
  if (id === undefined) {
    throw new CloudUnavailable(`${name} described an instance without an id`);
  }
  const privateAddress = textAt(item, 'privateIpAddress');
  const publicAddress = textAt(item, 'ipAddress');
  const tags = childrenOf(find(item, 'tagSet'), 'item').map((tag) => [textAt(tag, 'key') ?? '', textAt(tag, 'value') ?? ''] as const);
  return {
    id,
    state: textAt(item, 'instanceState', 'name') ?? 'unknown',
    ...(privateAddress !== undefined && { privateAddress }),
    ...(publicAddress !== undefined && { publicAddress }),
    tags: new Map(tags),
  };
}
