import { createHmac } from 'node:crypto';
import { ApiError } from '../errors.ts';
import type { FormParams } from '../wire/parse-form.ts';
import type { SignableRequest } from './expected-signature.ts';

/** What a request says of a signature of the older versions, which stands among its parameters. Nothing of it is proved yet. */
export interface QuerySignature {
  readonly version: 1 | 2;
  readonly accessKeyId: string;
  readonly method: 'sha1' | 'sha256';
  /** In base64, as it came. */
  readonly signature: string;
  /** Exactly one of the two is given: when it was signed, or until when it may be used. */
  readonly signedAtMs?: number;
  readonly expiresAtMs?: number;
  /** Of a temporary key. The signature covers it. */
  readonly sessionToken?: string;
}

/** The parameters that belong to a signature of the versions 1 and 2 and not to the action. */
const querySignatureParams: ReadonlySet<string> = new Set([
  'AWSAccessKeyId',
  'Expires',
  'SecurityToken',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'Timestamp',
]);

const methods: ReadonlyMap<string, QuerySignature['method']> = new Map([
  ['HmacSHA1', 'sha1'],
  ['HmacSHA256', 'sha256'],
]);

/** ISO 8601. Clients of these versions write it with and without a zone, which is then UTC. */
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?$/;

export function isQuerySignatureParam(name: string): boolean {
  return querySignatureParams.has(name);
}

/** Reads the signature among the parameters, or `undefined` when there is none of these versions. Throws ApiError for one that is not whole. */
export function readQuerySignature(params: FormParams): QuerySignature | undefined {
  const given = new Map<string, string>();
  for (const [name, value] of params) {
    if (!isQuerySignatureParam(name)) continue;
    if (given.has(name)) throw incomplete(`The request has ${name} more than once.`);
    given.set(name, value);
  }
  const accessKeyId = given.get('AWSAccessKeyId');
  const signature = given.get('Signature');
  if (accessKeyId === undefined && signature === undefined) return undefined;
  if (!accessKeyId || !signature) throw incomplete('The request must have both AWSAccessKeyId and Signature.');
  const sessionToken = given.get('SecurityToken');
  return { accessKeyId, signature, ...readVersion(given), ...readTimes(given), ...(sessionToken === undefined ? {} : { sessionToken }) };
}

function readVersion(given: ReadonlyMap<string, string>): Pick<QuerySignature, 'version' | 'method'> {
  const version = given.get('SignatureVersion');
  if (version !== '1' && version !== '2') throw incomplete('SignatureVersion must be 1 or 2, or the request signed with version 4.');
  // Version 1 has no other method, and its clients do not name it.
  const method = methods.get(given.get('SignatureMethod') ?? 'HmacSHA1');
  if (method === undefined) throw incomplete('SignatureMethod must be HmacSHA256 or HmacSHA1.');
  return version === '1' ? { version: 1, method: 'sha1' } : { version: 2, method };
}

function readTimes(given: ReadonlyMap<string, string>): Pick<QuerySignature, 'signedAtMs' | 'expiresAtMs'> {
  const timestamp = given.get('Timestamp');
  const expires = given.get('Expires');
  if (timestamp !== undefined && expires !== undefined) throw incomplete('Only one of Timestamp and Expires can be given.');
  if (timestamp !== undefined) return { signedAtMs: readTime('Timestamp', timestamp) };
  if (expires !== undefined) return { expiresAtMs: readTime('Expires', expires) };
  throw incomplete('The request must have a Timestamp or Expires.');
}

function readTime(name: string, text: string): number {
  const [, zone] = timeForm.exec(text) ?? [];
  const atMs = Date.parse(zone === undefined ? `${text}Z` : text);
  if (!timeForm.test(text) || Number.isNaN(atMs)) throw incomplete(`${name} must be a time of the form YYYY-MM-DDTHH:MM:SSZ.`);
  return atMs;
}

/**
 * The signatures that the holder of the secret could have made of this request, in base64. There are two for version 2 on a port of its
 * own: its clients do not agree on whether the port belongs to the host that is signed.
 */
export function expectedQuerySignatures(request: SignableRequest, { version, method }: QuerySignature, secretAccessKey: string): string[] {
  const signed = [...request.queryParams, ...request.bodyParams].filter(([name]) => name !== 'Signature');
  const texts = version === 1 ? [textOfVersion1(signed)] : hostsOf(request).map((host) => textOfVersion2(request, host, signed));
  return texts.map((text) => createHmac(method, secretAccessKey).update(text).digest('base64'));
}

function hostsOf({ headers: { host = '' } }: SignableRequest): string[] {
  const lowerCase = host.toLowerCase();
  const withoutPort = lowerCase.replace(/:\d+$/, '');
  return lowerCase === withoutPort ? [lowerCase] : [lowerCase, withoutPort];
}

/** The parameters of a query and of a form count alike, in the order of the bytes of their names. */
function textOfVersion2({ method, pathname }: SignableRequest, host: string, params: FormParams): string {
  const query = sorted(params.map(([name, value]) => [encode(name), encode(value)] as const))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  return [method, host, pathname === '' ? '/' : pathname, query].join('\n');
}

/** Names and values one after another, by the names in small letters. What ends where is not told, which is why the version is off by default. */
function textOfVersion1(params: FormParams): string {
  return sorted(params.map(([name, value]) => [name.toLowerCase(), `${name}${value}`] as const))
    .map(([, text]) => text)
    .join('');
}

function sorted(pairs: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return [...pairs].sort(([a, aValue], [b, bValue]) => compare(a, b) || compare(aValue, bValue));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** RFC 3986: `encodeURIComponent` leaves five characters alone that have to be escaped. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function incomplete(message: string): ApiError {
  return new ApiError('IncompleteSignature', message);
}
