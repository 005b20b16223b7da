import type { AccountId, InstanceId } from '../model/ids.ts';
import type { Instance } from '../model/instance.ts';
import type { Placement } from '../model/placement.ts';
import type { TimeLimit } from './time-limit.ts';

/** Whose an instance is. Neither is given where nobody says so: then it is the operator's. */
export interface InstanceOwner {
  /** As its cloud names the owner: an OpenStack project, an OpenNebula user, a Nimbus caller's DN. Told by a `CloudResolver`. */
  readonly owner?: string;
  /** The account that the settings name for this owner. Told by an `InstanceResolver`, and by the settings' own list. */
  readonly accountId?: AccountId;
}

/** Whom a question is asked for. */
export interface Asker {
  readonly accountId: AccountId;
  /** The operator's account has the instances that nobody else has. */
  readonly isOperator: boolean;
}

/** Whether an instance is the asker's: the one rule by which instances are shown and used. */
export function ownsInstance(asker: Asker, { accountId }: InstanceOwner): boolean {
  return accountId === undefined ? asker.isOperator : accountId === asker.accountId;
}

/** What a resolver says of one instance id. Reasons and hints are for the operator (log, `vbs resolve`), never for a client. */
export type Resolution =
  | ({ readonly outcome: 'resolved'; readonly placement: Placement } & InstanceOwner & Unheard)
  /** It is sure that the cloud has no such instance, or that the id is none of its cloud's. */
  | {
      readonly outcome: 'not-known';
      readonly reason?: string;
      /**
       * `reported`: the cloud says that it had the instance, which has ended for good. `forgotten`: the cloud has no such instance, and would
       * have it if it were merely stopped. Without it the answer says nothing of an end: the id may be another cloud's, or only running ones are known.
       */
      readonly ended?: InstanceEnd;
    }
  /** The cloud knows the instance, which has no host: not started yet, or stopped. */
  | ({ readonly outcome: 'not-placed'; readonly reason: string } & InstanceOwner)
  /** The cloud knows the instance, or may know it, and tells nothing of it to the one that VBS asks as. */
  | ({ readonly outcome: 'not-authorised'; readonly reason: string; readonly hint?: string } & InstanceOwner)
  /** It could not find out: the cloud is down, or not set up for this. Says nothing of the instance. */
  | { readonly outcome: 'unavailable'; readonly reason: string; readonly hint?: string }
  /** The instance is said to be in several places, or to have several owners, so nothing may be done with it. */
  | ({ readonly outcome: 'contradicted'; readonly claims: readonly PlacementClaim[] } & Unheard);

interface Unheard {
  /** Another resolver could not be asked: of an id that this one does not know, the answer would be `unavailable`. Told by a chain. */
  readonly unheard?: true;
}

/** How sure a cloud is that an instance has ended. */
export type InstanceEnd = 'reported' | 'forgotten';

export interface PlacementClaim extends InstanceOwner {
  /** The resolver that says so. */
  readonly resolver: string;
  readonly placement: Placement;
}

/** An instance as a cloud knows it; whether it runs is for its VMM host to say. */
export type ListedInstance = Omit<Instance, 'state'> & InstanceOwner;

/**
 * One cloud: what a folder below `src/resolvers` implements. It keeps nothing of what it was told; remembering, time limits and
 * patience with a dead cloud are `guardResolver`'s.
 * Both may be called at any time and as often as one likes, and change nothing in the cloud. Both throw CloudUnavailable when the cloud
 * cannot be asked, and end soon after `limit.signal` is aborted.
 */
export interface CloudResolver {
  /** Its name in the settings, for messages. */
  readonly name: string;
  /** `fresh`: what was found out for an earlier question is not good enough. Only those heed it that share what they find out among questions. */
  resolve(instanceId: InstanceId, limit: TimeLimit, options?: { readonly fresh: boolean }): Promise<Resolution>;
  /** The instances that it knows and that have a place, without state; none when the cloud cannot list. */
  list(limit: TimeLimit): Promise<readonly ListedInstance[]>;
}

/** How a resolver is doing. `open`: it failed and is left alone for a while. `trying`: after that while, one request asks it again. */
export interface ResolverHealth {
  readonly name: string;
  readonly circuit: 'closed' | 'open' | 'trying';
  /** How often it was asked since the start, and how often in vain. */
  readonly asked: number;
  readonly failed: number;
  readonly lastFailure?: { readonly atMs: number; readonly reason: string };
}

export interface ResolveOptions {
  /** Nothing remembered is good enough, for something is going to be done there. */
  readonly fresh?: boolean;
  /** Whose questions take turns with those of others, and whose failures keep nobody else from asking. Without it the service asks for itself. */
  readonly asker?: Asker;
}

/** What the use cases ask: one cloud within its bounds, or a chain of them. */
export interface InstanceResolver {
  readonly name: string;
  /** Never throws for a cloud that misbehaves: that is `unavailable`. */
  resolve(instanceId: InstanceId, options?: ResolveOptions): Promise<Resolution>;
  /**
   * The instances it knows that have a place, without state; throws CloudUnavailable when the cloud cannot be asked. A chain lists what those
   * of its clouds know that can be asked: that an instance is not listed never means that it is gone.
   */
  list(): Promise<readonly ListedInstance[]>;
  /** Of each cloud in it; those that need no asking have none. */
  health?(): readonly ResolverHealth[];
}

/** The cloud cannot be asked. The message is for the operator; `hint` says what to look at. */
export class CloudUnavailable extends Error {
  readonly hint: string | undefined;

  constructor(message: string, { hint, cause }: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CloudUnavailable';
    this.hint = hint;
  }
}
