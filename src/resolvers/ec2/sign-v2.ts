import { createHmac } from 'node:crypto';

export interface Ec2Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * The parameters of a query with those of Signature Version 2 added, as a body or a query. What is signed holds the host with its port
 * as the Host header has it, in lower case, and the path.
 */
export function signV2(
  {
    method,
    url,
    parameters,
  }: { readonly method: 'GET' | 'POST'; readonly url: string; readonly parameters: Readonly<Record<string, string>> },
  key: Ec2Key,
  nowMs: number,
): string {
  const { host, pathname } = new URL(url);
  const signed = {
    ...parameters,
    AWSAccessKeyId: key.accessKeyId,
    SignatureVersion: '2',
    SignatureMethod: 'HmacSHA256',
    Timestamp: new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  const query = Object.entries(signed)
    // By the bytes of the names, not by anybody's alphabet.
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const text = [method, host.toLowerCase(), pathname, query].join('\n');
  const signature = createHmac('sha256', key.secretAccessKey).update(text).digest('base64');
  return `${query}&Signature=${encode(signature)}`;
}

/** RFC 3986, which leaves fewer characters as they are than encodeURIComponent. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
