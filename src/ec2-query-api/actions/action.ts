import type { Blockstore } from '../../blockstore/blockstore.ts';
import type { Caller } from '../../model/caller.ts';
import { Failure, type FailureReason } from '../../model/failure.ts';
import type { Requests, Responses } from '../api-model/operations.ts';

/** The actions that are served. */
export type ActionName = keyof Requests;

/** What an action may use besides its request. */
export interface ActionContext {
  readonly caller: Caller;
  readonly blockstore: Blockstore;
  readonly region: string;
  readonly zones: readonly string[];
  /** Host and port under which clients reach the service. */
  readonly endpoint: string;
}

/**
 * What becomes of a member of the request: the action heeds it, or it is refused with a reason.
 * A member is never dropped silently, since a client would believe that it has what it asked for.
 */
export type MemberRule = 'honoured' | Refusal;

export interface Refusal {
  readonly refuse: FailureReason;
  /** The value that asks for nothing which is not so anyway, and may be given. */
  readonly unless?: boolean | string;
}

export interface Action<Name extends ActionName> {
  /** Every member that the model has, so that a member new in the model does not compile until it is decided about. */
  readonly members: { readonly [Member in keyof Required<Requests[Name]>]: MemberRule };
  /** The request is well formed and asks only for honoured members. Throws Failure, or ApiError for a value that is malformed. */
  perform(request: Requests[Name], context: ActionContext): Promise<Responses[Name]>;
}

export function unsupported(reason: string): Refusal {
  return { refuse: { kind: 'unsupported', reason } };
}

export function unsupportedUnless(value: boolean | string, reason: string): Refusal {
  return { refuse: { kind: 'unsupported', reason }, unless: value };
}

/** Throws for the first member that was given and is not honoured. */
export function refuseUnhonoured(members: Readonly<Record<string, MemberRule>>, request: object): void {
  const given = new Map<string, unknown>(Object.entries(request));
  for (const [member, rule] of Object.entries(members)) {
    if (rule === 'honoured' || !given.has(member) || given.get(member) === rule.unless) continue;
    throw new Failure(rule.refuse);
  }
}

/** Reading changes nothing, so a dry run of it ends where the request was found good. */
export function stopDryRun(dryRun: boolean | undefined): void {
  if (dryRun === true) throw new Failure({ kind: 'dry-run' });
}
