import { describe, expect, it } from 'vitest';
import { remedyOfFailure, sideOfFailure } from '../../../src/blockstore/failed-step-remedy.ts';
import { allSagas } from '../../../src/blockstore/sagas/all-sagas.ts';
import type { SagaDependencies } from '../../../src/blockstore/sagas/saga-dependencies.ts';
import { nextAction } from '../../../src/blockstore/volume-report.ts';
import type { Volume } from '../../../src/model/volume.ts';
import type { Operation } from '../../../src/saga/operation.ts';

// Definitions only: no step is run.
const steps = allSagas({} as SagaDependencies).flatMap(({ kind, steps: all }) => all.map(({ name }) => [kind, name] as const));

const reasons = [
  'it said no',
  'srv1 cannot be reached at root@10.0.0.1 port 22: REMOTE HOST IDENTIFICATION HAS CHANGED! Host key verification failed.',
  'srv1 cannot be reached at root@10.0.0.1 port 22: Connection refused',
  'the guest of tiny still holds the disk of vol-1 after 30000 ms',
  '/dev/sdb of iqn.x is still used by /mnt',
];
const foreign = {
  'volume server': /\bVM\b|VMM host|hypervisor|unmount/,
  'initiator of the VMM host': /volume server|let go|end the VM\b|unmount/,
  VM: /volume server/,
  service: /\bVM\b|VMM host|volume server|hypervisor|unmount/,
} as const;
const sideOfStep: Readonly<Record<string, keyof typeof foreign>> = {
  disk: 'VM',
  session: 'initiator of the VMM host',
  record: 'service',
  compare: 'service',
};

const operation = (kind: string, failure: string, state: Operation['state'] = 'halted') =>
  ({ id: 'op-1', kind, state, failure }) as Operation;
const volume = (attachment: string, state = 'in-use') =>
  ({ id: 'vol-1', state, attachments: [{ state: attachment }] }) as unknown as Volume;

describe('the next action after a failure', () => {
  it.each(steps)('of %s at its step "%s" tells nothing that belongs to another machine', (kind, step) => {
    const side = sideOfStep[step] ?? 'volume server';
    expect(sideOfFailure(`${step}: x`)).toBe(side);
    for (const reason of reasons) {
      const failed = operation(kind, `${step}: ${reason}`);
      const said = [
        remedyOfFailure(failed),
        nextAction(volume('busy'), undefined, [failed]),
        nextAction(volume('attached'), undefined, [failed]),
        nextAction(volume('attached', 'error'), undefined, [failed]),
        nextAction(volume('attached'), undefined, [{ ...failed, state: 'stuck' }]),
      ];
      for (const text of said) expect(text).not.toMatch(foreign[side]);
    }
  });

  it.each([
    [
      'access: srv1 cannot be reached at root@10.0.0.1 port 22: Host key verification failed.',
      /volume server is the one that it was.*knownHostsFile/,
    ],
    ['export: srv1 cannot be reached at root@10.0.0.1 port 22: Connection refused', /^make the volume server answer/],
    ['session: vmm1 cannot be reached at root@10.0.0.2 port 22: Host key verification failed.', /VMM host is the one that it was/],
    ['session: /dev/sdb of iqn.x is still used by /mnt', /^end what uses the disk on the VMM host/],
    ['disk: cannot reach the monitor /run/vbs/tiny.qmp: EACCES', /^make the VMM host and its hypervisor answer/],
    ['disk: the guest of tiny still holds the disk of vol-1 after 30000 ms', /^let the VM let go/],
    ['disk: it said no', /^mend what the hypervisor of the VM says/],
  ])('of a detach that halted with "%s" is its own', (failure, expected) => {
    const next = nextAction(volume('busy'), undefined, [operation('detach-volume', failure)]);
    expect(next).toMatch(expected);
    expect(next).toMatch(/, then detach the volume again$/);
  });

  it('is that of the detach, though another operation of the volume came after it', () => {
    const later = operation('restore-attachment', '', 'done');
    expect(nextAction(volume('busy'), undefined, [later, operation('detach-volume', 'access: it said no')])).toMatch(
      /^mend what the volume server says/,
    );
  });
});
