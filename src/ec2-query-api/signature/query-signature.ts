import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../errors.ts';
import type { FormParams } from '../wire/parse-form.ts';
import { compareTexts, joinSorted } from './join-sorted.ts';
import { percentEncode } from './percent-encode.ts';

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

/** Its body is read as a form, and sorted, before it is proved; clients of these versions write a tenth of this. */
export const mostQuerySignedBytes = 65_536;

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

/** What signatures of these versions cover: the parameters of a query and of a form count alike. */
export interface QuerySignableRequest {
  readonly method: string;
  /** As it came, still percent-encoded. */
  readonly pathname: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: FormParams;
}

/**
 * The signatures that the holder of the secret could have made of this request, in base64. There are two for version 2 on a port of its
 * own: its clients do not agree on whether the port belongs to the host that is signed.
 */
export function expectedQuerySignatures(
  request: QuerySignableRequest,
  { version, method }: QuerySignature,
  secretAccessKey: string,
): string[] {
  const signed = request.params.filter(([name]) => name !== 'Signature');
  const sign = (...pieces: readonly string[]) =>
    pieces.reduce((hmac, piece) => hmac.update(piece), createHmac(method, secretAccessKey)).digest('base64');
  if (version === 1) return [sign(textOfVersion1(signed))];
  const path = request.pathname === '' ? '/' : request.pathname;
  // Once for both hosts: it is as long as the request.
  const query = joinSorted(signed.map(([name, value]) => [percentEncode(name), percentEncode(value)]));
  return hostsOf(request).map((host) => sign(`${request.method}\n${host}\n${path}\n`, query));
}

function hostsOf({ headers: { host = '' } }: QuerySignableRequest): string[] {
  const lowerCase = host.toLowerCase();
  const withoutPort = lowerCase.replace(/:\d+$/, '');
  return lowerCase === withoutPort ? [lowerCase] : [lowerCase, withoutPort];
}

/** Names and values one after another, by the names in small letters. What ends where is not told, which is why the version is off by default. */
function textOfVersion1(params: FormParams): string {
  return params
    .map(([name, value]) => [name.toLowerCase(), `${name}${value}`] as const)
    .sort(([a, aText], [b, bText]) => compareTexts(a, b) || compareTexts(aText, bText))
    .map(([, text]) => text)
    .join('');
}

function incomplete(message: string): ApiError {
  return new ApiError('IncompleteSignature', message);
}
