import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../../model/caller.ts';
import type { AccountId } from '../../model/ids.ts';
import { hashSessionToken, type KeySession } from '../../model/key-session.ts';
import { ApiError } from '../errors.ts';
import type { FormParams } from '../wire/parse-form.ts';
import { expectedSignature, type SignableRequest } from './expected-signature.ts';
import { expectedQuerySignatures, isQuerySignatureParam, type QuerySignature, readQuerySignature } from './query-signature.ts';
import { isSignatureParam, readSignature, type Signature } from './read-signature.ts';

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

export interface AuthenticationContext {
  readonly lookUpAccessKey: LookUpAccessKey;
  readonly nowMs: number;
  readonly region: string;
  readonly rules: SignatureRules;
}

export interface Authenticated {
  readonly caller: Caller;
  /** The parameters that were signed and belong to the action. */
  readonly members: FormParams;
}

const minuteMs = 60 * 1_000;
const maxClockSkewMs = 15 * minuteMs;
/** As far ahead as a Version 4 signature may expire. */
const maxExpiresMs = 7 * 24 * 60 * minuteMs;

/** Proves who sent a request: its signature is right, it is fresh, and its parameters and body are those that were signed. Throws ApiError. */
export async function authenticate(request: SignableRequest, context: AuthenticationContext): Promise<Authenticated> {
  const params = [...request.queryParams, ...request.bodyParams];
  const hasHeader = request.headers.authorization !== undefined;
  const querySignature = hasHeader ? undefined : readQuerySignature(params);
  if (querySignature === undefined) {
    return { caller: await proveVersion4(request, context), members: params.filter(([name]) => !isSignatureParam(name)) };
  }
  return {
    caller: await proveQuerySignature(request, querySignature, context),
    members: params.filter(([name]) => !isQuerySignatureParam(name)),
  };
}

async function proveVersion4(request: SignableRequest, context: AuthenticationContext): Promise<Caller> {
  const signature = readSignature(request.headers, request.queryParams);
  refuseOtherScope(signature, context);
  refuseStale(signature, context.nowMs);
  return prove(signature, context, (secretAccessKey) => {
    const expected = expectedSignature(request, signature, secretAccessKey);
    return expected !== undefined && isSame(expected, signature.signature) && hasSignedBody(request, signature);
  });
}

async function proveQuerySignature(request: SignableRequest, signature: QuerySignature, context: AuthenticationContext): Promise<Caller> {
  if (signature.version === 1 && !context.rules.acceptsVersion1) {
    throw new ApiError('AuthFailure', 'Signature Version 1 is not accepted by this service: sign with Version 4 or 2.');
  }
  refuseStaleQuery(signature, context.nowMs);
  return prove(signature, context, (secretAccessKey) => {
    const matches = expectedQuerySignatures(request, signature, secretAccessKey).map((expected) => isSame(expected, signature.signature));
    return matches.includes(true);
  });
}

async function prove(
  { accessKeyId, sessionToken }: { readonly accessKeyId: string; readonly sessionToken?: string },
  { lookUpAccessKey, nowMs }: AuthenticationContext,
  isRightWith: (secretAccessKey: string) => boolean,
): Promise<Caller> {
  const accessKey = await lookUpAccessKey(accessKeyId);
  // An unknown key takes the same way as a wrong secret, so that the time taken does not tell which keys exist.
  const isRight = isRightWith(accessKey?.secretAccessKey ?? 'unknown');
  if (accessKey === undefined || !isRight || !hasRightToken(accessKey, sessionToken)) {
    throw new ApiError('AuthFailure', 'AWS was not able to validate the provided access credentials');
  }
  if (accessKey.session !== undefined && nowMs >= accessKey.session.expiresAtMs) {
    throw new ApiError('RequestExpired', 'The session token of this access key has expired.');
  }
  return { accountId: accessKey.accountId, accessKeyId };
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

/** Where the client states a hash of the body, the signature holds for what it states; so that has to be the hash of what came. */
function hasSignedBody({ body }: SignableRequest, { bodyHash }: Signature): boolean {
  return bodyHash === undefined || bodyHash.toLowerCase() === createHash('sha256').update(body).digest('hex');
}
