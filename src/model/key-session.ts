import { createHash } from 'node:crypto';

/** What makes an access key temporary: it holds together with its session token alone, of which only the hash is kept, and not for ever. */
export interface KeySession {
  readonly tokenSha256: string;
  readonly expiresAtMs: number;
}

/** In hex. The token is random and long, so that its hash tells nobody of it. */
export function hashSessionToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
