import type { LabInUse } from '../../test/lab/lab-in-use.ts';
import { until } from '../support/until.ts';
import { domU, node } from './bench-lab.ts';

const waiting = { everyMs: 500, timeoutMs: 300_000 };

/** Plugs a block device of the node into the DomU by hand, and answers when the guest has it. */
export async function plugIn(lab: LabInUse, device: string, guestDevice: string, access: 'ro' | 'rw'): Promise<void> {
  await lab.run(node, `xl block-attach ${domU} format=raw,vdev=${guestDevice},access=${access},target=${device}`);
  await untilGuest(lab, guestDevice, true);
}

export async function unplug(lab: LabInUse, guestDevice: string): Promise<void> {
  await lab.run(node, `xl block-detach ${domU} ${guestDevice}`);
  await untilGuest(lab, guestDevice, false);
}

async function untilGuest(lab: LabInUse, guestDevice: string, hasIt: boolean): Promise<void> {
  const look = async () => {
    const { exitCode } = await lab.domU(domU).run(`test -b /dev/${guestDevice}`);
    return (exitCode === 0) === hasIt ? true : undefined;
  };
  await until(look, { ...waiting, describe: () => `${domU} ${hasIt ? 'did not get' : 'still has'} ${guestDevice}` });
}
