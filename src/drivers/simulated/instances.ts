import type { Placement } from '../../model/placement.ts';
import type { DiskSource } from '../vmm.ts';

/** The VMM hosts of the simulated site. One hypervisor takes devices (as Xen does) and the other exports (as QEMU does), so that both ways are always exercised. */
export const simulatedVmmHosts = { vmm1: 'device', vmm2: 'export' } as const satisfies Record<string, DiskSource['kind']>;

export interface SimulatedInstance {
  readonly instanceId: string;
  readonly placement: Placement;
}

/** The VMs of the simulated site: `i-00000001` to `i-00000008`, the odd ones on vmm1 and the even ones on vmm2. */
export const simulatedInstances: readonly SimulatedInstance[] = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => ({
  instanceId: `i-${String(number).padStart(8, '0')}`,
  placement: { vmmHost: number % 2 === 1 ? 'vmm1' : 'vmm2', domain: `dom${number}` },
}));
