import aws4 from 'aws4';
import { httpClient } from '../asking/http-client.ts';
import { secretIn } from '../asking/secret-file.ts';
import type { TlsSettings } from '../asking/tls-settings.ts';
import { CloudUnavailable } from '../cloud-resolver.ts';
import type { TimeLimit } from '../time-limit.ts';
import { childrenOf, find, readXml, textAt, type XmlElement } from '../xml/read-xml.ts';
import { type Ec2Key, signV2 } from './sign-v2.ts';

/** An instance as an EC2 endpoint describes it. */
export interface Ec2Instance {
  readonly id: string;
  readonly state: string;
  readonly privateAddress?: string;
  readonly publicAddress?: string;
  readonly tags: ReadonlyMap<string, string>;
}

export type Ec2Answer =
  | { readonly outcome: 'described'; readonly instances: readonly Ec2Instance[] }
  | { readonly outcome: 'not-known' }
  | { readonly outcome: 'not-authorised'; readonly reason: string };

export interface Ec2Client {
  /** All instances, or the one with the id. Throws CloudUnavailable. */
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
const notKnownCodes = new Set(['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed']);
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
        if (status !== 200) {
          return refusalOf(endpoint.name, status, root);
        }
        if (root.name !== 'DescribeInstancesResponse') {
          throw new CloudUnavailable(`${endpoint.name} answered DescribeInstances with <${root.name}>`);
        }
        for (const reservation of childrenOf(find(root, 'reservationSet'), 'item')) {
          instances.push(...childrenOf(find(reservation, 'instancesSet'), 'item').map((item) => instanceOf(item, endpoint.name)));
        }
        nextToken = textAt(root, 'nextToken');
        if (nextToken === undefined) {
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

function refusalOf(name: string, status: number, root: XmlElement): Ec2Answer {
  const error = find(root, 'Errors', 'Error') ?? find(root, 'Error');
  const code = textAt(error, 'Code') ?? '';
  const reason = `${name} refused DescribeInstances with ${code || `status ${status}`}: ${textAt(error, 'Message') ?? 'no message'}`;
  if (notKnownCodes.has(code)) {
    return { outcome: 'not-known' };
  }
  if (code === 'UnauthorizedOperation') {
    return { outcome: 'not-authorised', reason };
  }
  throw new CloudUnavailable(
    reason,
    keyCodes.has(code) ? { hint: 'look at accessKeyId, at the secret in its file, and at the clock' } : {},
  );
}

function instanceOf(item: XmlElement, name: string): Ec2Instance {
  const id = textAt(item, 'instanceId');
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
