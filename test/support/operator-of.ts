import { createOperator, type Operator, type OperatorDependencies } from '../../src/blockstore/operator.ts';
import type { Store } from '../../src/store/store.ts';

export const root = { by: 'root' } as const;
export const fenced = { by: 'root', statement: 'pulled the power of the host' } as const;

/** What the operator does beside a service of a rig. */
export function operatorOf(
  store: Store,
  holdState: OperatorDependencies['holdState'] = () => undefined,
  clock: () => number = () => 0,
  hostNames: OperatorDependencies['hostNames'] = () => ({ volumeServers: new Set(['simulated']), vmmHosts: new Set(['vmm1', 'vmm2']) }),
): Operator {
  return createOperator({ store, clock, randomText: (length) => 'x'.repeat(length), holdState, hostNames });
}
