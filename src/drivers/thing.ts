import type { CommandRecord } from '../model/command-record.ts';

export type { CommandRecord };

/** Everything that drivers manage. */
export type ThingKind = 'volume' | 'snapshot' | 'remains' | 'export' | 'access' | 'session' | 'disk';

/** What a verb answers, and the commands that it took. Plain values, so that a driver can be served by a process on another machine. */
export interface Answer<Value> {
  readonly value: Value;
  readonly commands: readonly CommandRecord[];
}

/** What a look at a thing found. `Facts` are what only the backend knows (a path, a tid). */
export type Look<Facts> =
  | { readonly state: 'absent' }
  | { readonly state: 'present'; readonly facts: Facts }
  /** Ours, half made (a crash in the middle of `make`): nothing contradicts what is wanted, something is missing. May be unmade and made again. */
  | { readonly state: 'partial'; readonly missing: string }
  /** Something stands under the name which is not what is wanted. Never overwritten and never removed. */
  | { readonly state: 'different'; readonly difference: string }
  /** The host could not be asked. */
  | { readonly state: 'unknown'; readonly reason: string };

/** A thing of ours found on a host. */
export interface Listed {
  /** The name that identifies it there: a volume id, an IQN, `DOMAIN:VOLUME-ID` for a disk. */
  readonly name: string;
  /** It is there and does not do what it is for, as a session that has lost its target. `make` mends it. */
  readonly isBroken?: boolean;
  /** What an operator has to know of it when nobody knows it: where it stands, and what to do about it. */
  readonly remark?: string;
  /** Whose an access is, where the backend can tell; without it, the name stands for whoever has leave to use that target. */
  readonly initiatorName?: string;
}

/**
 * The one vocabulary of all drivers: whatever a backend manages is a thing with these four verbs.
 * `make` and `unmake` may be called twice and at any state; neither answers for the result, which is settled by looking again (see engine.ts).
 * `make` looks first, within whatever lock keeps two changes of the thing apart, so that nothing can come between its look and its deed:
 * `present`: does nothing. `absent`: makes it. `partial`: takes it away and makes it anew, since only a whole make is known to give the whole thing.
 * `different`: throws DriverError `conflict`. When it cannot tell it throws `unknown` or `unavailable`. In neither of these two has anything been changed.
 * `unmake` looks first in the same way, and takes away what is `present` or `partial`.
 * All verbs throw DriverError when the host refuses or cannot be reached, except `look`, which answers `unknown` when it cannot tell.
 */
export interface Thing<Spec, Facts> {
  look(spec: Spec): Promise<Answer<Look<Facts>>>;
  make(spec: Spec): Promise<readonly CommandRecord[]>;
  /** `make`, and a look after it, where one conversation with the host can do both. The look reads anew what is there and takes nothing from the make. */
  makeAndLook?(spec: Spec): Promise<Answer<Look<Facts>>>;
  unmake(spec: Spec): Promise<readonly CommandRecord[]>;
  /** Likewise `unmake`, and a look after it. */
  unmakeAndLook?(spec: Spec): Promise<Answer<Look<Facts>>>;
  /** Everything of ours of this kind. Throws when the listing is not certainly whole. */
  list(): Promise<Answer<readonly Listed[]>>;
}
