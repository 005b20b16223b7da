import { DriverError } from '../driver-error.ts';
import type { Initiator, SessionFacts, SessionSpec } from '../initiator.ts';
import { type Machinery, simulatedThing } from './machinery.ts';
import { logIn } from './simulated-export-server.ts';
import { keyOf } from './world-state.ts';

/** The block device that a session gives on its host. */
export function simulatedDevicePathOf(target: string): string {
  return `/dev/disk/by-path/${target}`;
}

export function simulatedInitiator(machinery: Machinery, host: string): Initiator {
  const { state, commit } = machinery;
  const session = simulatedThing<SessionSpec, SessionFacts>(machinery, {
    host,
    kind: 'session',
    nameOf: ({ target, volumeId }) => [target, volumeId],
    look({ target, volumeId, bytes }) {
      const found = state.sessions.get(keyOf(host, target));
      if (found === undefined) return { state: 'absent' };
      if (found.volumeId !== volumeId || found.bytes !== bytes) {
        return { state: 'different', difference: `the device of ${target} is ${found.volumeId} with ${found.bytes} bytes` };
      }
      return { state: 'present', facts: { devicePath: simulatedDevicePathOf(target) } };
    },
    make(spec) {
      if (state.sessions.has(keyOf(host, spec.target))) return;
      const { volumeId, bytes } = logIn(state, spec);
      commit({ change: 'session-made', host, target: spec.target, volumeId, bytes });
    },
    unmake({ target }) {
      if (!state.sessions.has(keyOf(host, target))) return;
      const devicePath = simulatedDevicePathOf(target);
      for (const disk of state.disks.values()) {
        // open-iscsi's answer with iscsid.safe_logout=Yes. Without it the logout succeeds and the VM's disk is dead.
        if (disk.host === host && disk.source === devicePath) throw new DriverError('refused', `${devicePath} is in use by ${disk.domain}`);
      }
      commit({ change: 'session-unmade', host, target });
    },
    list: () => [...state.sessions.values()].filter((found) => found.host === host).map((found) => found.target),
  });
  return { session };
}
