import type { InstanceId } from './ids.ts';
import type { Placement } from './placement.ts';

/** A VM as a resolver lists it. */
export interface Instance {
  readonly id: InstanceId;
  readonly placement: Placement;
  /** `unknown` when the VMM host did not answer. */
  readonly state: 'running' | 'stopped' | 'unknown';
  readonly privateIpAddress?: string;
  readonly publicIpAddress?: string;
  readonly name?: string;
}
