import type { Caller } from '../model/caller.ts';
import { isControlDomain } from '../model/control-domain.ts';
import { Failure } from '../model/failure.ts';
import type { IdRange } from '../model/id-range.ts';
import type { AccountId, InstanceId } from '../model/ids.ts';
import {
  type Asker,
  type InstanceOwner,
  type InstanceResolver,
  type ListedInstance,
  ownsInstance,
  type Resolution,
} from '../resolvers/cloud-resolver.ts';
import { firstBehind } from '../sharing/first-behind.ts';
import { sortedInTurns } from '../sharing/sorted-in-turns.ts';
import { pickInTurns } from '../sharing/turn.ts';
import type { AccountInstance } from './blockstore.ts';

/**
 * The instances as one account sees them: the one place where it is decided whose an instance is. Another account's is answered as one that does not
 * exist is, in the same words and after the same questions.
 */
export interface VisibleInstances {
  /** Where the instance is; throws the failure that says why that is not known. `fresh`: asked anew, for what is done there now. */
  find(caller: Caller, instanceId: InstanceId, options?: { readonly fresh: boolean }): Promise<AccountInstance>;
  /**
   * Throws for an instance that is another account's, and without volumes of the caller's in it also for one of which it is not known that the
   * caller has it. For what is done with these volumes alone, which needs neither a place nor a cloud that answers.
   */
  refuseForeign(caller: Caller, instanceId: InstanceId, hasVolumes: boolean): Promise<void>;
  /** Those that the resolvers list, ordered by id, or a part of them. Throws CloudUnavailable. */
  list(caller: Caller, range?: IdRange): Promise<readonly AccountInstance[]>;
  /** Those among these ids that the resolvers list. Throws CloudUnavailable. */
  listed(caller: Caller, instanceIds: readonly InstanceId[]): Promise<readonly AccountInstance[]>;
}

interface VisibleInstancesDependencies {
  readonly resolver: InstanceResolver;
  readonly operatorAccount: AccountId;
}

export function createVisibleInstances({ resolver, operatorAccount }: VisibleInstancesDependencies): VisibleInstances {
  const askerOf = ({ accountId }: Caller): Asker => ({ accountId, isOperator: accountId === operatorAccount });
  // Resolvers give the same list as long as they remember it, and a long one takes a while to be put in order.
  const ordered = new WeakMap<readonly ListedInstance[], Promise<readonly ListedInstance[]>>();

  return {
    async find(caller, instanceId, { fresh } = { fresh: false }) {
      const asker = askerOf(caller);
      const resolution = await resolver.resolve(instanceId, { fresh, asker });
      const { placement } = placed(resolution, { asker, instanceId, resolver });
      if (isControlDomain(placement.domain)) {
        throw new Failure({
          kind: 'unsupported',
          reason: `${instanceId} is the VMM host itself, which is no instance and is given no volumes.`,
        });
      }
      return { id: instanceId, placement, accountId: caller.accountId };
    },

    async refuseForeign(caller, instanceId, hasVolumes) {
      const asker = askerOf(caller);
      const resolution = await resolver.resolve(instanceId, { asker });
      const isUnknown = resolution.outcome === 'not-known' || resolution.outcome === 'unavailable';
      if (isUnknown ? !hasVolumes : !ownsInstance(asker, ownerOf(resolution))) {
        placed(resolution, { asker, instanceId, resolver });
      }
    },

    async list(caller, { afterId, count } = { afterId: undefined, count: Number.POSITIVE_INFINITY }) {
      const inOrder = await listInOrder();
      const from = afterId === undefined ? 0 : firstBehind(afterId, inOrder, idOf);
      return pickInTurns(inOrder, { from, most: count }, seenBy(caller));
    },

    async listed(caller, instanceIds) {
      const inOrder = await listInOrder();
      const seen = seenBy(caller);
      const pick = (id: InstanceId): AccountInstance | undefined => {
        const instance = inOrder[firstBehind(id, inOrder, idOf) - 1];
        return instance?.id === id ? seen(instance) : undefined;
      };
      return pickInTurns(instanceIds, { from: 0, most: instanceIds.length }, pick);
    },
  };

  /** One order for all accounts; each is shown of it what it has. */
  async function listInOrder(): Promise<readonly ListedInstance[]> {
    const listed = await resolver.list();
    const inOrder = ordered.get(listed) ?? sortedInTurns(listed, (one, other) => one.id < other.id, 'all');
    ordered.set(listed, inOrder);
    return inOrder;
  }

  /** An instance of the list as its account sees it; `undefined` for one of another's, and for a VMM host itself. */
  function seenBy(caller: Caller): (instance: ListedInstance) => AccountInstance | undefined {
    const asker = askerOf(caller);
    return (instance) => {
      if (!ownsInstance(asker, instance) || isControlDomain(instance.placement.domain)) {
        return undefined;
      }
      const { owner: _owner, ...shown } = instance;
      return { ...shown, accountId: caller.accountId };
    };
  }
}

const idOf = ({ id }: ListedInstance): string => id;

interface Question {
  readonly asker: Asker;
  readonly instanceId: InstanceId;
  readonly resolver: InstanceResolver;
}

/** The resolution of an instance that has a place and is the asker's. Throws for any other. */
function placed(resolution: Resolution, { asker, instanceId, resolver }: Question): Extract<Resolution, { outcome: 'resolved' }> {
  const notFound = (cause?: string) => new Failure({ kind: 'instance-not-found', instanceIds: [instanceId] }, { cause });
  const unavailable = (cause: string) => new Failure({ kind: 'resolver-unavailable', instanceId, resolver: resolver.name }, { cause });
  if (resolution.outcome === 'not-known') {
    throw notFound();
  }
  if (resolution.outcome === 'unavailable') {
    throw unavailable(resolution.reason);
  }
  if (!ownsInstance(asker, ownerOf(resolution))) {
    const cause = "the instance is another account's";
    throw 'unheard' in resolution ? unavailable(cause) : notFound(cause);
  }
  switch (resolution.outcome) {
    case 'resolved':
      return resolution;
    case 'not-placed':
      throw new Failure({ kind: 'instance-not-running', instanceId }, { cause: resolution.reason });
    case 'not-authorised':
      throw new Failure({ kind: 'instance-not-authorised', instanceId }, { cause: resolution.reason });
    case 'contradicted':
      throw new Failure(
        { kind: 'instance-contradicted', instanceId, resolvers: resolution.claims.map((claim) => claim.resolver) },
        { cause: resolution.claims },
      );
  }
}

/** Nobody's, and so the operator's, is also what several are said to have. */
function ownerOf(resolution: Exclude<Resolution, { outcome: 'not-known' | 'unavailable' }>): InstanceOwner {
  if (resolution.outcome !== 'contradicted') {
    return resolution;
  }
  const [accountId, ...others] = new Set(resolution.claims.flatMap((claim) => claim.accountId ?? []));
  return accountId === undefined || others.length > 0 ? {} : { accountId };
}
