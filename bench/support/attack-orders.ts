import type { AccessKey } from './query-client.ts';

/** What a process of the attacker's is told to do until it is ended. */
export type AttackOrder = RequestsOrder | ConnectionsOrder;

/** Requests at a rate, over connections that are kept. */
export interface RequestsOrder {
  readonly kind: 'requests';
  /** Sent in turns. */
  readonly bodies: readonly string[];
  readonly proof: RequestProof;
  readonly connections: number;
  readonly perSecond: number;
  /** Ends after so many, where the attack is in what they leave behind. */
  readonly count?: number;
}

/**
 * Version 4 with the key; the same with the secret of nobody; none at all; or Version 2 with a key that nobody has, after which the body is
 * filled up to a size.
 */
export type RequestProof =
  | { readonly version: 4; readonly key: AccessKey }
  | { readonly version: 2; readonly bytes: number }
  | { readonly version: 'none' };

/** Connections that are held. */
export interface ConnectionsOrder {
  readonly kind: 'connections';
  readonly count: number;
  /** Sent once, when it is open: as it stands, or requests signed by the key, one behind the other. */
  readonly opening: { readonly text: string } | { readonly body: string; readonly times: number; readonly key: AccessKey };
  /** One more piece now and then. */
  readonly trickle?: { readonly text: string; readonly everyMs: number };
  readonly reads: boolean;
}

export interface AttackTarget {
  readonly host: string;
  readonly port: number;
  /** The address that the attacker comes from: another one than the victim's, as it would be anywhere but on one machine. */
  readonly localAddress: string;
}

/** What such a process has to tell. */
export interface AttackToll {
  /** Answers by status; `failed` were not answered; `opened` and `closed` are connections. */
  readonly counts: Readonly<Record<string, number>>;
}
