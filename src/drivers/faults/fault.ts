import type { ThingKind } from '../thing.ts';

/** Everything that a driver can be asked, and that can therefore go wrong. */
export type DriverVerb =
  | `${ThingKind}.${'look' | 'make' | 'unmake' | 'list'}`
  | 'volume.copy'
  | 'remains.zero'
  | `${'volume' | 'export' | 'session' | 'disk'}.grow`
  | 'volume.progress'
  | 'volume.free'
  | 'domain.look'
  /** A whole command on a host, whatever it is for. */
  | 'command';

/**
 * What can go wrong with a call.
 * - `error`: refused, and nothing was done. `error-after`: done, and answered as refused.
 * - `hang`: nothing was done, and no answer came before the time limit. `hang-after`: done, and no answer came.
 * - `delay`: it takes longer than it should, and is then as it should be.
 * - `lie`: a success that did nothing. A look right after a deed finds what was there before it; a listing is the one before.
 * - `conflict`: something else stands in the place of what is looked for.
 * - `unavailable`: the host answers nothing for a while, whatever it is asked.
 */
export const faultKinds = ['error', 'error-after', 'hang', 'hang-after', 'delay', 'lie', 'conflict', 'unavailable'] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** How long a `delay` takes, in milliseconds. */
  readonly delayMs?: number;
}

export interface DriverCall {
  readonly host: string;
  readonly verb: DriverVerb;
}

/** Decides which calls go wrong, and how. Asked once for every call, in the moment before it. */
export interface FaultSource {
  meet(call: DriverCall): Fault | undefined | Promise<Fault | undefined>;
}

/** What a driver with faults in it works with. */
export interface FaultInjection {
  readonly source: FaultSource;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** After which a call that hangs is given up, as a driver gives up a command. */
  readonly timeLimitMs: number;
}
