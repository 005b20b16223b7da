import type { AccountId } from './ids.ts';

/** Who may make volumes of a snapshot besides its owner: an account, or everyone. */
export type Grantee = AccountId | 'all';

/** What an account lets be done with snapshots that are shared with everyone; its own setting. */
export type PublicAccess = 'unblocked' | 'block-new-sharing' | 'block-all-sharing';
