import { createHash, createHmac } from 'node:crypto';

/** A request as its bytes are, before they are put on the wire. */
export interface WireRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Signing {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query: Pairs;
  readonly body: Pairs;
  /** Headers that are signed besides the necessary ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the client takes for the hash of the body. */
  readonly bodyHash?: string;
}

export type Pairs = readonly (readonly [name: string, value: string])[];

export const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
export const host = '127.0.0.1:8773';
const region = 'here-1';

export const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

export const formOf = (pairs: Pairs) => pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');

/** In the order of the encoded names and values, as all signatures want it. */
function canonical(pairs: Pairs): string {
  return pairs
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, aValue], [b, bValue]) => (a === b ? (aValue < bValue ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text).digest();

function version4(signing: Signing, query: Pairs, headers: Readonly<Record<string, string>>, dateTime: string): string {
  const names = Object.keys(headers).sort();
  const text = [
    signing.method,
    signing.path,
    canonical(query),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    signing.bodyHash ?? sha256(formOf(signing.body)),
  ].join('\n');
  const scope = `${dateTime.slice(0, 8)}/${region}/ec2/aws4_request`;
  const signingKey = scope.split('/').reduce(hmac, Buffer.from(`AWS4${key.secretAccessKey}`));
  return hmac(signingKey, `AWS4-HMAC-SHA256\n${dateTime}\n${scope}\n${sha256(text)}`).toString('hex');
}

const now = () => new Date().toISOString().replace(/[:-]|\.\d{3}/g, '');
const credential = (dateTime: string, accessKeyId: string) => `${accessKeyId}/${dateTime.slice(0, 8)}/${region}/ec2/aws4_request`;

/** Version 4, in the Authorization header. */
export function signedInHeader(signing: Signing, accessKeyId = key.accessKeyId): WireRequest {
  const dateTime = now();
  const headers = { host, 'x-amz-date': dateTime, ...signing.headers };
  const names = Object.keys(headers).sort().join(';');
  const signature = version4(signing, signing.query, headers, dateTime);
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential(dateTime, accessKeyId)}, SignedHeaders=${names}, Signature=${signature}`;
  return {
    ...{ method: signing.method, path: signing.path, query: formOf(signing.query), body: formOf(signing.body) },
    headers: { ...headers, authorization },
  };
}

/** Version 4, presigned. */
export function presigned(signing: Signing, accessKeyId = key.accessKeyId): WireRequest {
  const dateTime = now();
  const headers = { host, ...signing.headers };
  const query: Pairs = [
    ...signing.query,
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', credential(dateTime, accessKeyId)],
    ['X-Amz-Date', dateTime],
    ['X-Amz-Expires', '300'],
    ['X-Amz-SignedHeaders', Object.keys(headers).sort().join(';')],
  ];
  const signature = version4(signing, query, headers, dateTime);
  return {
    ...{ method: signing.method, path: signing.path, body: formOf(signing.body), headers },
    query: `${formOf(query)}&X-Amz-Signature=${signature}`,
  };
}

/** Versions 2 and 1: the signature stands at the end of the query or, in a POST, of the body. */
export function signedAmongParams(version: 1 | 2, signing: Signing, accessKeyId = key.accessKeyId): WireRequest {
  const own: Pairs = [
    ['AWSAccessKeyId', accessKeyId],
    ['SignatureVersion', String(version)],
    ...(version === 2 ? [['SignatureMethod', 'HmacSHA256'] as const] : []),
    ['Timestamp', new Date().toISOString()],
  ];
  const isPost = signing.method === 'POST';
  const query = isPost ? signing.query : [...signing.query, ...own];
  const body = isPost ? [...signing.body, ...own] : signing.body;
  const all = [...query, ...body];
  const text = version === 1 ? textOfVersion1(all) : [signing.method, host, signing.path, canonical(all)].join('\n');
  const signature = createHmac(version === 1 ? 'sha1' : 'sha256', key.secretAccessKey)
    .update(text)
    .digest('base64');
  const withSignature = (pairs: Pairs, has: boolean) => formOf(has ? [...pairs, ['Signature', signature]] : pairs);
  return {
    ...{ method: signing.method, path: signing.path, headers: { host } },
    query: withSignature(query, !isPost),
    body: withSignature(body, isPost),
  };
}

/** All that Version 1 covers. */
export function textOfVersion1(pairs: Pairs): string {
  return pairs
    .map(([name, value]) => [name.toLowerCase(), `${name}${value}`] as const)
    .sort(([a, aText], [b, bText]) => (a === b ? (aText < bText ? -1 : 1) : a < b ? -1 : 1))
    .map(([, text]) => text)
    .join('');
}
