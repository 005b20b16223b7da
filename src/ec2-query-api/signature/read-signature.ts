import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../errors.ts';
import type { FormParams } from '../wire/parse-form.ts';
import { formatSignatureDate, parseSignatureDate } from './signature-date.ts';

/** What a request says of its own signature. Nothing of it is proved yet. */
export interface Signature {
  readonly accessKeyId: string;
  /** As the client wrote it: boto2 signs for a region `0` and a service `127` when it is pointed at an IP address. */
  readonly scope: { readonly region: string; readonly service: string };
  /** `YYYYMMDDTHHMMSSZ`, as it was signed. */
  readonly dateTime: string;
  readonly signedAtMs: number;
  /** Lower case, as they were listed. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** How long a presigned request may be used. Missing in the header form, which is for at once. */
  readonly expiresAfterMs?: number;
  /** Hashes of the body that the client states, in a header or in the query: each has to be that of the body that came. */
  readonly bodyHashes: readonly string[];
  /** Of a temporary key. The signature covers it. */
  readonly sessionToken?: string;
}

const algorithm = 'AWS4-HMAC-SHA256';
const scopeEnd = 'aws4_request';
const maxExpiresSeconds = 7 * 24 * 60 * 60;
const defaultExpiresSeconds = 15 * 60;

/** Nothing is proved when this is read, so that it may cost little. What clients write is a tenth of this. */
const longestAuthorization = 8_192;
const mostSignedHeaders = 100;
/** A signing key is kept for each scope of a secret. */
const longestScopePart = 64;

/** The query parameters that belong to the signature and not to the action. */
const signatureParams: ReadonlySet<string> = new Set([
  'X-Amz-Algorithm',
  'X-Amz-Content-Sha256',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-Security-Token',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-User-Agent',
]);

export function isSignatureParam(name: string): boolean {
  return signatureParams.has(name);
}

/** Whether the query claims to hold a Version 4 signature. */
export function isPresigned(queryParams: FormParams): boolean {
  return queryParams.some(([name]) => name === 'X-Amz-Algorithm' || name === 'X-Amz-Signature');
}

/** Reads the Signature Version 4 of a request from its `Authorization` header or, presigned, from its query. */
export function readSignature(headers: IncomingHttpHeaders, queryParams: FormParams): Signature {
  const presigned = readPresignedParams(queryParams);
  if (headers.authorization !== undefined) {
    if (isPresigned(queryParams)) throw incomplete('The request is signed both in the Authorization header and in the query.');
    return readHeaderForm(headers.authorization, headers);
  }
  return readPresignedForm(headers, presigned);
}

function readPresignedParams(queryParams: FormParams): ReadonlyMap<string, string> {
  const presigned = new Map<string, string>();
  for (const [name, value] of queryParams) {
    if (!isSignatureParam(name)) continue;
    if (presigned.has(name)) throw incomplete(`The query has ${name} more than once.`);
    presigned.set(name, value);
  }
  return presigned;
}

function readHeaderForm(authorization: string, headers: IncomingHttpHeaders): Signature {
  if (authorization.length > longestAuthorization) throw incomplete('The Authorization header is too long.');
  const [scheme = '', fieldsText = ''] = splitOnce(authorization.trim(), ' ');
  if (scheme !== algorithm) throw incomplete(`The Authorization header must use the algorithm ${algorithm}.`);
  const fields = new Map<string, string>();
  // SDKs write a space after each comma, boto2 none.
  for (const field of fieldsText.split(',')) {
    const [name = '', value = ''] = splitOnce(field.trim(), '=');
    fields.set(name, value);
  }
  const dateTime = singleHeader(headers['x-amz-date']) ?? dateTimeOfDateHeader(headers.date);
  const sessionToken = singleHeader(headers['x-amz-security-token']);
  const signature = readFields({
    credential: fields.get('Credential'),
    signedHeaders: fields.get('SignedHeaders'),
    signature: fields.get('Signature'),
    dateTime,
    bodyHashes: statedHashes(headers, undefined),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  if (sessionToken !== undefined && !signature.signedHeaders.includes('x-amz-security-token')) {
    throw incomplete('The signature must cover the header X-Amz-Security-Token.');
  }
  return signature;
}

function readPresignedForm(headers: IncomingHttpHeaders, presigned: ReadonlyMap<string, string>): Signature {
  if (presigned.get('X-Amz-Algorithm') !== algorithm) throw incomplete(`X-Amz-Algorithm must be ${algorithm}.`);
  const sessionToken = presigned.get('X-Amz-Security-Token');
  const signature = readFields({
    credential: presigned.get('X-Amz-Credential'),
    signedHeaders: presigned.get('X-Amz-SignedHeaders'),
    signature: presigned.get('X-Amz-Signature'),
    dateTime: presigned.get('X-Amz-Date'),
    bodyHashes: statedHashes(headers, presigned.get('X-Amz-Content-Sha256')),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  });
  return { ...signature, expiresAfterMs: readExpires(presigned.get('X-Amz-Expires')) * 1_000 };
}

function readExpires(text: string | undefined): number {
  if (text === undefined) return defaultExpiresSeconds;
  const seconds = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > maxExpiresSeconds) throw incomplete(`X-Amz-Expires must be from 1 to ${maxExpiresSeconds} seconds.`);
  return seconds;
}

interface SignatureFields {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly dateTime: string | undefined;
  readonly bodyHashes: readonly string[];
  readonly sessionToken?: string;
}

function readFields({ credential, signedHeaders, signature, dateTime, bodyHashes, sessionToken }: SignatureFields): Signature {
  if (credential === undefined) throw incomplete('The signature has no Credential.');
  if (signature === undefined || !/^[0-9a-f]{64}$/.test(signature)) throw incomplete('The signature has no Signature of 64 hex digits.');
  const signedAtMs = dateTime === undefined ? undefined : parseSignatureDate(dateTime);
  if (dateTime === undefined || signedAtMs === undefined) throw incomplete('The request has no date of the form YYYYMMDDTHHMMSSZ.');
  const headerNames = (signedHeaders ?? '').split(';', mostSignedHeaders + 1).map((name) => name.trim().toLowerCase());
  if (headerNames.length > mostSignedHeaders) throw incomplete(`The signature covers more than ${mostSignedHeaders} headers.`);
  // Without the host a signature would hold for every service that knows the same key.
  if (!headerNames.includes('host')) throw incomplete('The signature must cover the Host header.');
  return {
    dateTime,
    signedAtMs,
    signedHeaders: headerNames,
    signature,
    bodyHashes,
    // Last: V8 adds a member behind a spread in a microsecond, and there are as many requests as anyone likes.
    ...readCredential(credential, dateTime),
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

function readCredential(credential: string, dateTime: string): Pick<Signature, 'accessKeyId' | 'scope'> {
  if (credential.length > longestAuthorization) throw incomplete('The Credential is too long.');
  const parts = credential.split('/');
  const [date, region, service, end] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (accessKeyId === '' || date === undefined || region === undefined || service === undefined || end !== scopeEnd) {
    throw incomplete(`The Credential must have the form KEY/DATE/REGION/SERVICE/${scopeEnd}.`);
  }
  if (date !== dateTime.slice(0, 8)) throw incomplete('The date of the Credential is not the date of the request.');
  if (region.length > longestScopePart || service.length > longestScopePart) throw incomplete('The scope of the Credential is too long.');
  return { accessKeyId, scope: { region, service } };
}

/** A header counts in a presigned request too: were it heeded by whoever signs and not by us, the body would be bound to nothing. */
function statedHashes(headers: IncomingHttpHeaders, inQuery: string | undefined): readonly string[] {
  const inHeader = singleHeader(headers['x-amz-content-sha256']);
  return [inHeader, inQuery].filter((stated) => stated !== undefined);
}

function dateTimeOfDateHeader(date: string | undefined): string | undefined {
  const atMs = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(atMs) ? undefined : formatSignatureDate(atMs);
}

function singleHeader(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function incomplete(message: string): ApiError {
  return new ApiError('IncompleteSignature', message);
}
