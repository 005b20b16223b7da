import { createHash, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../../model/caller.ts';
import type { AccountId } from '../../model/ids.ts';
import { ApiError } from '../errors.ts';
import { expectedSignature, type SignableRequest } from './expected-signature.ts';
import { readSignature, type Signature } from './read-signature.ts';

/** What the service knows of an access key; `undefined` for a key that it never issued or took back. */
export type LookUpAccessKey = (accessKeyId: string) => Promise<AccessKey | undefined>;

export interface AccessKey {
  readonly secretAccessKey: string;
  readonly accountId: AccountId;
}

const maxClockSkewMs = 15 * 60 * 1_000;

/** Proves who sent a request: its signature is right, it is fresh, and its body is the one that was signed. Throws ApiError. */
export async function authenticate(request: SignableRequest, lookUpAccessKey: LookUpAccessKey, nowMs: number): Promise<Caller> {
  const signature = readSignature(request.headers, request.queryParams);
  refuseStale(signature, nowMs);
  const accessKey = await lookUpAccessKey(signature.accessKeyId);
  // An unknown key takes the same way as a wrong secret, so that the time taken does not tell which keys exist.
  const expected = expectedSignature(request, signature, accessKey?.secretAccessKey ?? 'unknown');
  const isRight = expected !== undefined && timingSafeEqual(Buffer.from(expected), Buffer.from(signature.signature));
  if (accessKey === undefined || !isRight || !hasSignedBody(request, signature)) throw authFailure();
  return { accountId: accessKey.accountId, accessKeyId: signature.accessKeyId };
}

function refuseStale({ signedAtMs, expiresAfterMs }: Signature, nowMs: number): void {
  const lifetimeMs = expiresAfterMs ?? maxClockSkewMs;
  if (nowMs - signedAtMs > lifetimeMs) throw new ApiError('RequestExpired', 'Request has expired.');
  if (signedAtMs - nowMs > maxClockSkewMs) throw new ApiError('RequestExpired', 'The date of the request is in the future.');
}

/** Where the client states a hash of the body, the signature holds for what it states; so that has to be the hash of what came. */
function hasSignedBody({ body }: SignableRequest, { bodyHash }: Signature): boolean {
  return bodyHash === undefined || bodyHash.toLowerCase() === createHash('sha256').update(body).digest('hex');
}

function authFailure(): ApiError {
  return new ApiError('AuthFailure', 'AWS was not able to validate the provided access credentials');
}
