import type { Operation } from '../saga/operation.ts';

/** The side that a step works on, and so the side that its failure is mended on. */
export type StepSide = 'volume server' | 'initiator of the VMM host' | 'VM' | 'service';

/** By the names of the sagas' steps, which journals keep: what is done at `disk` concerns a VM, whichever operation does it. */
const sides: Readonly<Record<string, StepSide>> = {
  volume: 'volume server',
  snapshot: 'volume server',
  contents: 'volume server',
  tidy: 'volume server',
  export: 'volume server',
  access: 'volume server',
  session: 'initiator of the VMM host',
  disk: 'VM',
  record: 'service',
  check: 'volume server',
  compare: 'service',
};

/** Where the failure of an operation is mended; `undefined` when it names no step that is known here. */
export function sideOfFailure(failure: string | undefined): StepSide | undefined {
  const step = /^([a-z-]+): /.exec(failure ?? '')?.[1];
  return step !== undefined && Object.hasOwn(sides, step) ? sides[step] : undefined;
}

/** One clause for an operator: what to do about the failure of an operation, told of the machine that failed and of no other. */
export function remedyOfFailure({ id, failure = '' }: Pick<Operation, 'id' | 'failure'>): string {
  const side = sideOfFailure(failure);
  const details = `vbs operations show ${id}`;
  const machine = side === 'volume server' ? 'the volume server' : 'the VMM host';
  if (side === undefined || side === 'service') return `mend the cause (${details})`;
  if (/host key|host identification/i.test(failure)) {
    return `make sure that ${machine} is the one that it was, and correct its key in "knownHostsFile" (${details})`;
  }
  if (/cannot be reached|cannot reach the monitor|does not answer|connection refused|no route to host/i.test(failure)) {
    return side === 'VM' ? `make the VMM host and its hypervisor answer (${details})` : `make ${machine} answer (${details})`;
  }
  if (side === 'VM' && /still holds|let go/i.test(failure)) return 'let the VM let go of its disk (unmount it, or end the VM)';
  if (side === 'initiator of the VMM host' && /still used by/i.test(failure)) return `end what uses the disk on the VMM host (${details})`;
  return side === 'VM' ? `mend what the hypervisor of the VM says (${details})` : `mend what ${machine} says (${details})`;
}
