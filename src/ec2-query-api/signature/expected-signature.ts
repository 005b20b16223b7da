import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FormParams } from '../wire/parse-form.ts';
import type { Signature } from './read-signature.ts';

/** The parts of a request that a signature covers. */
export interface SignableRequest {
  readonly method: string;
  /** As it came, still percent-encoded. */
  readonly pathname: string;
  readonly queryParams: FormParams;
  /** The body read as a form, which it is whatever type it claims to have. */
  readonly bodyParams: FormParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * The signature of Version 4 that the holder of the secret would have made of this request, in hex; `undefined` when none can be, since the path is no
 * valid text. Written down from "Create a signed AWS API request" of the IAM user guide.
 */
export function expectedSignature(request: SignableRequest, signature: Signature, secretAccessKey: string): string | undefined {
  const path = canonicalPath(request.pathname);
  if (path === undefined) return undefined;
  const { dateTime, scope } = signature;
  const names = [...new Set(signature.signedHeaders)].sort();
  const headers = names.map((name) => `${name}:${headerText(request.headers[name])}\n`).join('');
  const stated = names.includes(bodyHashHeader) ? request.headers[bodyHashHeader] : undefined;
  const bodyHash = stated === undefined || stated === '' ? hash('sha256', request.body) : String(stated);
  const canonical = `${request.method}\n${path}\n${canonicalQuery(request.queryParams)}\n${headers}\n${names.join(';')}\n${bodyHash}`;
  const date = dateTime.slice(0, 8);
  const text = `AWS4-HMAC-SHA256\n${dateTime}\n${date}/${scope.region}/${scope.service}/aws4_request\n${hash('sha256', canonical)}`;
  return createHmac('sha256', signingKey(secretAccessKey, date, scope))
    .update(text)
    .digest('hex');
}

const bodyHashHeader = 'x-amz-content-sha256';

function headerText(value: string | readonly string[] | undefined): string {
  const text = typeof value === 'string' ? value : (value?.join(',') ?? '');
  return text.trim().replace(/\s+/g, ' ');
}

/** What may stand in a path as it is. A client that sent anything else has signed what it is when encoded. */
const plainPath = /^[0-9A-Za-z;,/?:@&=+$\-_.!~*'()#%]*$/;

/** Without `.`, `..` and empty pieces, and encoded once more than it was sent, which is so for every service but S3. */
function canonicalPath(pathname: string): string | undefined {
  if (pathname === '/') return '/';
  const sent = plainPath.test(pathname) ? pathname : encodedPath(pathname);
  if (sent === undefined) return undefined;
  const pieces: string[] = [];
  for (const piece of sent.replace(/\/{2,}/g, '/').split('/')) {
    if (piece === '..') pieces.pop();
    else if (piece !== '.') pieces.push(encode(piece));
  }
  const path = pieces.join('/');
  return path.startsWith('/') ? path : `/${path}`;
}

function encodedPath(pathname: string): string | undefined {
  try {
    return encodeURI(decodeURI(pathname));
  } catch {
    return undefined;
  }
}

/** Encoded anew from what was decoded, so that the text that is verified and the parameters that are acted on cannot differ. */
function canonicalQuery(params: FormParams): string {
  if (params.length === 0) return '';
  return params
    .filter(([name]) => name !== 'X-Amz-Signature' && name !== '')
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** As RFC 3986 has it: what `encodeURIComponent` leaves as it is besides letters, digits, `-`, `_`, `.` and `~` is encoded too. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A key is of one day, one scope and one secret, and derived by four steps; it is kept, since most requests are signed with the same few. */
const signingKeys = new Map<string, KeyObject>();
const mostSigningKeys = 1_000;

function signingKey(secretAccessKey: string, date: string, { region, service }: Signature['scope']): KeyObject {
  const name = JSON.stringify([secretAccessKey, date, region, service]);
  const known = signingKeys.get(name);
  if (known !== undefined) return known;
  let key: Buffer = Buffer.from(`AWS4${secretAccessKey}`);
  for (const step of [date, region, service, 'aws4_request']) {
    key = createHmac('sha256', key).update(step).digest();
  }
  const derived = createSecretKey(key);
  if (signingKeys.size >= mostSigningKeys) signingKeys.clear();
  signingKeys.set(name, derived);
  return derived;
}
