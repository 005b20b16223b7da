import type { InstanceId } from '../model/ids.ts';
import type { Instance } from '../model/instance.ts';
import type { Placement } from '../model/placement.ts';

/** `not-known`: this resolver is sure that the cloud has no such instance. `unavailable`: it could not find out. */
export type Resolution =
  | { readonly outcome: 'resolved'; readonly placement: Placement }
  | { readonly outcome: 'not-known' }
  | { readonly outcome: 'unavailable'; readonly reason: string };

/** An instance as a cloud knows it; whether it runs is for its VMM host to say. */
export type ListedInstance = Omit<Instance, 'state'>;

/** Turns a cloud's instance id into the place where that VM runs. */
export interface CloudResolver {
  /** Its name in the settings, for messages. */
  readonly name: string;
  /** Never throws for a cloud that misbehaves: that is `unavailable`. */
  resolve(instanceId: InstanceId): Promise<Resolution>;
  /** Every instance it knows, without state; throws when the cloud cannot be asked. */
  list(): Promise<readonly ListedInstance[]>;
}
