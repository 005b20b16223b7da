import type { AccountId } from './ids.ts';

/** Who sent a request, as its signature proved. */
export interface Caller {
  readonly accountId: AccountId;
  readonly accessKeyId: string;
}
