import { createHash } from 'node:crypto';
import { DriverError } from '../driver-error.ts';
import type { AccessSpec, ExportFacts, ExportServer, ExportSpec } from '../export-server.ts';
import { type Machinery, simulatedThing } from './machinery.ts';
import { simulatedPathOf } from './simulated-volume-server.ts';
import { type GrantedAccess, keyOf, type LiveExport, type WorldState } from './world-state.ts';

/** An address that RFC 5737 keeps for documentation: nothing will ever answer there. */
export const simulatedPortal = '192.0.2.10:3260';
/** tgt's first free LUN; 0 is its controller. */
export const simulatedLun = 1;

export function simulatedExportServer(machinery: Machinery, host: string): ExportServer {
  const { state, commit } = machinery;

  const exportThing = simulatedThing<ExportSpec, ExportFacts>(machinery, {
    host,
    kind: 'export',
    nameOf: ({ target, path }) => [target, path],
    look(spec) {
      const found = state.exports.get(spec.target);
      if (found === undefined) return { state: 'absent' };
      if (!isSame(found, spec)) return { state: 'different', difference: `${spec.target} exports ${found.path} with ${found.bytes} bytes` };
      return { state: 'present', facts: { portal: simulatedPortal, lun: simulatedLun } };
    },
    make(spec) {
      const found = state.exports.get(spec.target);
      if (found !== undefined && isSame(found, spec)) return;
      if (found !== undefined) throw new DriverError('conflict', `this target already exists: ${spec.target}`);
      const volume = state.volumes.get(spec.volumeId);
      if (volume === undefined || spec.path !== simulatedPathOf(spec.volumeId)) {
        throw new DriverError('refused', `no such backing store: ${spec.path}`);
      }
      if (volume.bytes !== spec.bytes) throw new DriverError('conflict', `${spec.path} has ${volume.bytes} bytes, not ${spec.bytes}`);
      for (const [target, { path }] of state.exports) {
        if (path === spec.path) throw new DriverError('conflict', `${path} is already exported as ${target}`);
      }
      const { target, volumeId, path, bytes, readOnly = false } = spec;
      commit({ change: 'export-made', target, volumeId, path, bytes, readOnly });
    },
    unmake({ target }) {
      if (!state.exports.has(target)) return;
      const user = loggedIn(state, target);
      // tgt's own words when a session is open; its `delete` without force refuses.
      if (user !== undefined) throw new DriverError('refused', `this target is still active: ${target}, used by ${user}`);
      commit({ change: 'export-unmade', target });
    },
    list: () => [...state.exports.keys()],
  });

  const access = simulatedThing<AccessSpec, Record<string, never>>(machinery, {
    host,
    kind: 'access',
    nameOf: ({ target, initiatorName, chapUser }) => [target, initiatorName, chapUser],
    look(spec) {
      const stranger = strangerOf(state, spec);
      if (stranger !== undefined) return { state: 'different', difference: `${stranger} has access to ${spec.target} too` };
      const found = state.accesses.get(keyOf(spec.target, spec.initiatorName));
      if (found === undefined) return { state: 'absent' };
      if (!isGranted(found, spec)) return { state: 'different', difference: `${spec.initiatorName} has another user or secret` };
      // tgt's accounts are not part of a target and stay when it goes.
      if (!state.exports.has(spec.target)) return { state: 'partial', missing: `the export ${spec.target}` };
      return { state: 'present', facts: {} };
    },
    make(spec) {
      const { target, initiatorName, chapUser, chapSecret } = spec;
      const found = state.accesses.get(keyOf(target, initiatorName));
      if (found !== undefined && !isGranted(found, spec)) {
        throw new DriverError('conflict', `${initiatorName} already has access to ${target} as ${found.chapUser}`);
      }
      if (!state.exports.has(target)) {
        if (found !== undefined) commit({ change: 'access-unmade', target, initiatorName });
        throw new DriverError('refused', `can't find the target: ${target}`);
      }
      if (found !== undefined) return;
      const stranger = strangerOf(state, spec);
      if (stranger !== undefined) throw new DriverError('conflict', `${stranger} has access to ${target} already`);
      commit({ change: 'access-made', target, initiatorName, chapUser, secretSha256: sha256(chapSecret) });
    },
    // Sessions that are open stay so: only the next login is refused, as with tgt.
    unmake({ target, initiatorName }) {
      if (state.accesses.has(keyOf(target, initiatorName))) commit({ change: 'access-unmade', target, initiatorName });
    },
    // By the target that it is for, as a real export server lists it.
    list: () => [...state.accesses.values()].map(({ target, initiatorName }) => ({ name: target, initiatorName })),
  });

  return {
    exportsReadOnly: true,
    sharesExports: true,
    export: exportThing,
    access,
    async grow({ target, volumeId, bytes }) {
      const { commands } = await machinery.perform({
        host,
        verb: 'export.grow',
        subject: [target],
        act() {
          const found = state.exports.get(target);
          if (found === undefined) throw new DriverError('refused', `can't find the target: ${target}`);
          const size = state.volumes.get(volumeId)?.bytes ?? 0;
          if (size < bytes) throw new DriverError('refused', `${found.path} has ${size} bytes, not ${bytes}`);
          if (found.bytes < size) commit({ change: 'growth-seen', target, bytes: size });
        },
      });
      return commands;
    },
  };
}

export interface Login {
  readonly portal: string;
  readonly target: string;
  readonly lun: number;
  readonly initiatorName: string;
  readonly chapUser: string;
  readonly chapSecret: string;
}

/** What an initiator, a host's or a hypervisor's, meets when it logs in. */
export function logIn(state: WorldState, login: Login): LiveExport {
  if (login.portal !== simulatedPortal) throw new DriverError('refused', `cannot connect to ${login.portal}: connection refused`);
  const found = state.exports.get(login.target);
  const granted = state.accesses.get(keyOf(login.target, login.initiatorName));
  // A target hides itself from an initiator that it does not know: login status 515 for both (tgt 1.0.85).
  if (found === undefined || granted === undefined) throw new DriverError('refused', `Target not found(515): ${login.target}`);
  if (!isGranted(granted, login)) throw new DriverError('refused', `Authentication failure(513): ${login.target}`);
  if (login.lun !== simulatedLun) throw new DriverError('refused', `${login.target} has no LUN ${login.lun}`);
  return found;
}

/** Somebody with access to the target who is not accounted for. */
function strangerOf(state: WorldState, { target, initiatorName, besides = [] }: AccessSpec): string | undefined {
  const known = new Set([initiatorName, ...besides.map((other) => other.initiatorName)]);
  return [...state.accesses.values()].find((access) => access.target === target && !known.has(access.initiatorName))?.initiatorName;
}

/** Who has a session with a target: a host's initiator, or a disk that a hypervisor logged in for. */
function loggedIn(state: WorldState, target: string): string | undefined {
  for (const session of state.sessions.values()) {
    if (session.target === target) return session.host;
  }
  for (const disk of state.disks.values()) {
    if (disk.source === target) return `${disk.host}/${disk.domain}`;
  }
  return undefined;
}

function isSame(found: LiveExport, wanted: ExportSpec): boolean {
  return (
    found.volumeId === wanted.volumeId &&
    found.path === wanted.path &&
    // Smaller than its volume it is while that grows.
    found.bytes <= wanted.bytes &&
    found.readOnly === (wanted.readOnly === true)
  );
}

function isGranted(found: GrantedAccess, wanted: { readonly chapUser: string; readonly chapSecret: string }): boolean {
  return found.chapUser === wanted.chapUser && found.secretSha256 === sha256(wanted.chapSecret);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
