import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller } from '../../model/caller.ts';
import type { AccountId } from '../../model/ids.ts';
import { hashSessionToken, type KeySession } from '../../model/key-session.ts';
import { ApiError } from '../errors.ts';
import { type FormParams, parseForm } from '../wire/parse-form.ts';
import { expectedSignature } from './expected-signature.ts';
import {
  expectedQuerySignatures,
  isQuerySignatureParam,
  mostQuerySignedBytes,
  type QuerySignature,
  readQuerySignature,
} from './query-signature.ts';
import { isPresigned, isSignatureParam, readSignature, type Signature } from './read-signature.ts';

/** What the service knows of an access key; `undefined` for a key that it never issued or took back. */
export type LookUpAccessKey = (accessKeyId: string) => Promise<AccessKey | undefined>;

export interface AccessKey {
  readonly secretAccessKey: string;
  readonly accountId: AccountId;
  readonly session?: KeySession;
}

/** Which signatures are taken. */
export interface SignatureRules {
  /** `strict`: the scope of a Version 4 signature names this region and `ec2`. `lenient`: whatever scope was signed, since old clients make one of the address. */
  readonly scope: 'lenient' | 'strict';
  readonly acceptsVersion1: boolean;
}

/** A request whose body is still to come. */
export interface ArrivingRequest {
  readonly method: string;
  /** As it came, still percent-encoded. */
  readonly pathname: string;
  /** The same, without its question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** The most bytes that any body may have. */
  readonly mostBodyBytes: number;
  /** Resolves with the whole body, or with `undefined` when it is longer. Called once at most, and only when nothing that came before refuses the request. */
  readonly readBody: (mostBytes: number) => Promise<Buffer | undefined>;
}

export interface AuthenticationContext {
  readonly lookUpAccessKey: LookUpAccessKey;
  readonly nowMs: number;
  readonly region: string;
  readonly rules: SignatureRules;
  /** Throws when a request that names this key is not to be looked at, because of where it comes from. */
  readonly admitKey?: (accessKeyId: string) => void;
}

export interface Authenticated {
  readonly caller: Caller;
  /** The parameters that were signed and belong to the action. */
  readonly members: FormParams;
}

/** A request whose key or signature is not right. Which of the two it was is nothing for the client. */
export class NotProved extends ApiError {
  readonly accessKeyId: string;
  readonly reason: 'key' | 'signature' | 'token';

  constructor(accessKeyId: string, reason: NotProved['reason']) {
    super('AuthFailure', 'AWS was not able to validate the provided access credentials');
    this.name = 'NotProved';
    this.accessKeyId = accessKeyId;
    this.reason = reason;
  }
}

const minuteMs = 60 * 1_000;
const maxClockSkewMs = 15 * minuteMs;
/** As far ahead as a Version 4 signature may expire. */
const maxExpiresMs = 7 * 24 * 60 * minuteMs;
/** A presigned request carries all its parameters in its query. */
const maxQueryParams = 1_000;
/** A full DescribeVolumes of a thousand ids, with its filters, has fewer. */
const maxParams = 5_000;
/** The ids that keys can have; what has another form is not looked for. */
const keyIdForm = /^\w{1,128}$/;

/**
 * Proves who sent a request: its signature is right, it is fresh, and its parameters and body are those that were signed. Throws ApiError. What it costs
 * before the key is known is little, whatever was sent: of a request whose head names the key, the body is not even read.
 */
export async function authenticate(request: ArrivingRequest, context: AuthenticationContext): Promise<Authenticated> {
  const queryParams = parseForm(request.query, maxQueryParams);
  const isVersion4 = request.headers.authorization !== undefined || isPresigned(queryParams);
  return isVersion4 ? proveVersion4(request, queryParams, context) : proveQuerySignature(request, queryParams, context);
}

async function proveVersion4(request: ArrivingRequest, queryParams: FormParams, context: AuthenticationContext): Promise<Authenticated> {
  const signature = readSignature(request.headers, queryParams);
  refuseOtherScope(signature, context);
  refuseStale(signature, context.nowMs);
  const key = await findKey(signature, context);
  const body = await request.readBody(request.mostBodyBytes);
  if (body === undefined) throw tooLarge(request.mostBodyBytes);
  const bodySha256 = hash('sha256', body, 'hex');
  const { method, pathname, headers } = request;
  const expected = expectedSignature({ method, pathname, queryParams, headers, bodySha256 }, signature, key.secretAccessKey);
  if (!isSame(expected, signature.signature) || !hasStatedBody(bodySha256, signature))
    throw new NotProved(signature.accessKeyId, 'signature');
  const params = [...queryParams, ...parseForm(body.toString('utf8'), maxParams)];
  return { caller: callerOf(signature, key), members: params.filter(([name]) => !isSignatureParam(name)) };
}

/** The older versions stand among the parameters, which may be those of the body. */
async function proveQuerySignature(
  request: ArrivingRequest,
  queryParams: FormParams,
  context: AuthenticationContext,
): Promise<Authenticated> {
  const { method, pathname, headers, mostBodyBytes } = request;
  const body = await request.readBody(Math.min(mostQuerySignedBytes, mostBodyBytes));
  if (body === undefined && mostBodyBytes <= mostQuerySignedBytes) throw tooLarge(mostBodyBytes);
  if (body === undefined) throw tooLarge(mostQuerySignedBytes, ', which is the most without a signature of Version 4');
  const params = [...queryParams, ...parseForm(body.toString('utf8'), maxParams)];
  const signature = readQuerySignature(params);
  if (signature === undefined) {
    throw new ApiError('MissingAuthenticationToken', 'The request must be signed with AWS Signature Version 4 or 2.');
  }
  if (signature.version === 1 && !context.rules.acceptsVersion1) {
    throw new ApiError('AuthFailure', 'Signature Version 1 is not accepted by this service: sign with Version 4 or 2.');
  }
  refuseStaleQuery(signature, context.nowMs);
  const key = await findKey(signature, context);
  const expected = expectedQuerySignatures({ method, pathname, headers, params }, signature, key.secretAccessKey);
  if (!expected.map((each) => isSame(each, signature.signature)).includes(true)) throw new NotProved(signature.accessKeyId, 'signature');
  return { caller: callerOf(signature, key), members: params.filter(([name]) => !isQuerySignatureParam(name)) };
}

/** The key that a request claims to have, when it is one that may be used; before anything is hashed that is as long as the request. */
async function findKey(
  { accessKeyId, sessionToken }: { readonly accessKeyId: string; readonly sessionToken?: string },
  { lookUpAccessKey, admitKey, nowMs }: AuthenticationContext,
): Promise<AccessKey> {
  admitKey?.(accessKeyId);
  const key = keyIdForm.test(accessKeyId) ? await lookUpAccessKey(accessKeyId) : undefined;
  if (key === undefined) throw new NotProved(accessKeyId, 'key');
  if (!hasRightToken(key, sessionToken)) throw new NotProved(accessKeyId, 'token');
  // Who has the token is told; he would be, too, with a signature that is right.
  if (key.session !== undefined && nowMs >= key.session.expiresAtMs) {
    throw new ApiError('RequestExpired', 'The session token of this access key has expired.');
  }
  return key;
}

function callerOf({ accessKeyId }: { readonly accessKeyId: string }, { accountId }: AccessKey): Caller {
  return { accountId, accessKeyId };
}

function refuseOtherScope({ scope }: Signature, { region, rules }: AuthenticationContext): void {
  if (rules.scope === 'strict' && (scope.region !== region || scope.service !== 'ec2')) {
    throw new ApiError('AuthFailure', `The credential must be scoped to the region ${region} and the service ec2.`);
  }
}

function refuseStale({ signedAtMs, expiresAfterMs }: Signature, nowMs: number): void {
  if (nowMs - signedAtMs > (expiresAfterMs ?? maxClockSkewMs)) throw expired();
  refuseFuture(signedAtMs, nowMs);
}

function refuseStaleQuery({ signedAtMs, expiresAtMs }: QuerySignature, nowMs: number): void {
  if (signedAtMs !== undefined) {
    if (nowMs - signedAtMs > maxClockSkewMs) throw expired();
    refuseFuture(signedAtMs, nowMs);
  }
  if (expiresAtMs !== undefined) {
    if (nowMs > expiresAtMs) throw expired();
    if (expiresAtMs - nowMs > maxExpiresMs) throw new ApiError('IncompleteSignature', 'Expires must be at most seven days ahead.');
  }
}

function refuseFuture(signedAtMs: number, nowMs: number): void {
  if (signedAtMs - nowMs > maxClockSkewMs) throw new ApiError('RequestExpired', 'The date of the request is in the future.');
}

function expired(): ApiError {
  return new ApiError('RequestExpired', 'Request has expired.');
}

function tooLarge(mostBytes: number, of = ''): ApiError {
  return new ApiError('RequestEntityTooLarge', `The request body is larger than ${mostBytes} bytes${of}.`);
}

/** In constant time for texts of the same length; the length of a signature is no secret. */
function isSame(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** A temporary key holds with its token, and a lasting one without any. */
function hasRightToken({ session }: AccessKey, token: string | undefined): boolean {
  if (session === undefined || token === undefined) return session === undefined && token === undefined;
  return isSame(session.tokenSha256, hashSessionToken(token));
}

/** Where the client states a hash of the body, it has to be the hash of what came. */
function hasStatedBody(bodySha256: string, { bodyHashes }: Signature): boolean {
  return bodyHashes.every((stated) => stated.toLowerCase() === bodySha256);
}
