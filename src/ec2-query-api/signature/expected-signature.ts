import { createHmac, hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FormParams } from '../wire/parse-form.ts';
import { joinSorted } from './join-sorted.ts';
import { percentEncode } from './percent-encode.ts';
import type { Signature } from './read-signature.ts';

/** The parts of a request that a signature covers. */
export interface SignableRequest {
  readonly method: string;
  /** As it came, still percent-encoded. */
  readonly pathname: string;
  readonly queryParams: FormParams;
  readonly headers: IncomingHttpHeaders;
  /** In hex, of the body that came, whatever hash the client states. */
  readonly bodySha256: string;
}

/**
 * The Version 4 signature that the holder of the secret would have made of this request, in hex. Every parameter of the query is in the text that is
 * signed, whatever its name: encoded anew from what was decoded, so that what is verified and what is acted on cannot differ.
 */
export function expectedSignature(request: SignableRequest, signature: Signature, secretAccessKey: string): string {
  const { dateTime, scope, signedHeaders } = signature;
  // Clients list them in order, and each once; here as everywhere that is how they are signed.
  const names = [...new Set(signedHeaders)].sort();
  const canonical = [
    request.method,
    canonicalPath(request.pathname),
    canonicalQuery(request.queryParams),
    ...names.map((name) => `${name}:${canonicalHeader(request.headers, name)}`),
    '',
    names.join(';'),
    request.bodySha256,
  ].join('\n');
  const date = dateTime.slice(0, 8);
  const scopeText = `${date}/${scope.region}/${scope.service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${dateTime}\n${scopeText}\n${hash('sha256', canonical, 'hex')}`;
  return createHmac('sha256', signingKey(secretAccessKey, date, scope))
    .update(text)
    .digest('hex');
}

/** For all services but S3: slashes once, no dots, and what was encoded already once more. */
function canonicalPath(pathname: string): string {
  if (pathname === '' || pathname === '/') return '/';
  const pieces: string[] = [];
  for (const piece of pathname.replace(/\/{2,}/g, '/').split('/')) {
    if (piece === '..') pieces.pop();
    else if (piece !== '.') pieces.push(percentEncode(piece));
  }
  const path = pieces.join('/');
  return path.startsWith('/') ? path : `/${path}`;
}

function canonicalQuery(params: FormParams): string {
  if (params.length === 0) return '';
  const signed: (readonly [string, string])[] = [];
  for (const [name, value] of params) {
    if (name !== 'X-Amz-Signature') signed.push([percentEncode(name), percentEncode(value)]);
  }
  return joinSorted(signed);
}

function canonicalHeader(headers: IncomingHttpHeaders, name: string): string {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replace(/\s+/g, ' ');
}

/** What is derived of a secret for a day and a scope takes four rounds, and clients come again. */
const mostSigningKeys = 1_000;
const signingKeys = new Map<string, Buffer>();

function signingKey(secretAccessKey: string, date: string, { region, service }: Signature['scope']): Buffer {
  const cacheKey = `${secretAccessKey}\n${date}\n${region}\n${service}`;
  const known = signingKeys.get(cacheKey);
  if (known !== undefined) return known;
  const key = [date, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
  if (signingKeys.size >= mostSigningKeys) signingKeys.delete(signingKeys.keys().next().value ?? '');
  signingKeys.set(cacheKey, key);
  return key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
