import { DriverError } from '../driver-error.ts';
import type { Initiator, SessionFacts, SessionSpec } from '../initiator.ts';
import { type Machinery, simulatedThing } from './machinery.ts';
import { logIn } from './simulated-export-server.ts';
import { keyOf, type LiveSession } from './world-state.ts';

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
      if (found.volumeId !== volumeId || found.bytes < bytes) {
        return { state: 'different', difference: differenceOf(found) };
      }
      return { state: 'present', facts: { devicePath: simulatedDevicePathOf(target) } };
    },
    make(spec) {
      const found = state.sessions.get(keyOf(host, spec.target));
      if (found !== undefined && (found.volumeId !== spec.volumeId || found.bytes < spec.bytes)) {
        throw new DriverError('conflict', differenceOf(found));
      }
      if (found !== undefined) return;
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
  return {
    session,
    async grow({ target, bytes }) {
      const { commands } = await machinery.perform({
        host,
        verb: 'session.grow',
        subject: [target],
        act() {
          const size = state.sessions.get(keyOf(host, target))?.bytes ?? 0;
          if (size < bytes) throw new DriverError('refused', `the device of ${target} has ${size} bytes, not ${bytes}`);
        },
      });
      return commands;
    },
  };
}

function differenceOf({ target, volumeId, bytes }: LiveSession): string {
  return `the device of ${target} is ${volumeId} with ${bytes} bytes`;
}
