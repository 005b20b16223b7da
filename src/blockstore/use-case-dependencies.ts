import type { AccountId } from '../model/ids.ts';
import type { Retention } from '../model/recycled.ts';
import type { InstanceResolver } from '../resolvers/cloud-resolver.ts';
import type { Operation } from '../saga/operation.ts';
import type { Store } from '../store/store.ts';
import type { Site } from './site.ts';

export interface UseCaseDependencies {
  readonly store: Store;
  readonly site: Site;
  readonly resolver: InstanceResolver;
  /** Has the instances that nobody else has, and may name VMs directly. */
  readonly operatorAccount: AccountId;
  readonly retention: Retention;
  /** How many operations of an account may be open at a time; a request that would begin one more is refused. */
  readonly mostOpenOperations: number;
  /** Names this server process; the owner of the operations that it begins. */
  readonly owner: string;
  readonly clock: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Sixteen URL-safe characters, unguessable. */
  readonly newSecret: () => string;
  /** Runs an operation in the background. */
  startOperation(operation: Operation): void;
}
