import { createHash } from 'node:crypto';
import { DriverError } from '../driver-error.ts';
import type { DiskSource, DiskSpec, Vmm } from '../vmm.ts';
import { type Machinery, simulatedThing } from './machinery.ts';
import { logIn } from './simulated-export-server.ts';
import { simulatedDevicePathOf } from './simulated-initiator.ts';
import { keyOf, type PluggedDisk } from './world-state.ts';

/** One simulated hypervisor with the domains that it has. */
export function simulatedVmm(machinery: Machinery, host: string, takes: DiskSource['kind'], domains: ReadonlySet<string>): Vmm {
  const { state, commit } = machinery;
  const isRunning = (domain: string) => domains.has(domain) && !state.stoppedDomains.has(keyOf(host, domain));

  /** The volume behind a source, as the hypervisor finds it when it opens it. */
  const open = (source: DiskSource) => {
    if (source.kind !== takes) throw new DriverError('refused', `${host} takes no ${source.kind}`);
    if (source.kind === 'export') return logIn(state, source);
    for (const session of state.sessions.values()) {
      if (session.host === host && simulatedDevicePathOf(session.target) === source.path) return session;
    }
    throw new DriverError('refused', `${source.path}: no such device`);
  };

  const disk = simulatedThing<DiskSpec, Record<string, never>>(machinery, {
    host,
    kind: 'disk',
    nameOf: ({ domain, volumeId, device }) => [domain, volumeId, device],
    look(spec) {
      const found = isRunning(spec.domain) ? state.disks.get(keyOf(host, spec.domain, spec.volumeId)) : undefined;
      if (found === undefined) return { state: 'absent' };
      const difference = differenceOf(found, spec, takes);
      return difference === undefined ? { state: 'present', facts: {} } : { state: 'different', difference };
    },
    make(spec) {
      const { domain, volumeId, device, bytes } = spec;
      if (!domains.has(domain)) throw new DriverError('refused', `${host} has no domain ${domain}`);
      if (!isRunning(domain)) throw new DriverError('refused', `${domain} does not run`);
      const found = state.disks.get(keyOf(host, domain, volumeId));
      const difference = found === undefined ? undefined : differenceOf(found, spec, takes);
      if (difference !== undefined) throw new DriverError('conflict', difference);
      if (found !== undefined) return;
      const opened = open(spec.source);
      if (opened.volumeId !== volumeId || opened.bytes !== bytes) {
        throw new DriverError(
          'conflict',
          `${sourceName(spec.source)} is ${opened.volumeId} with ${opened.bytes} bytes, not ${volumeId} with ${bytes}`,
        );
      }
      for (const other of state.disks.values()) {
        if (takes === 'device' && other.host === host && other.domain === domain && other.device === device) {
          throw new DriverError('conflict', `${device} already exists in ${domain}, with ${other.volumeId}`);
        }
      }
      commit({ change: 'disk-made', host, domain, volumeId, device, bytes, source: sourceName(spec.source) });
    },
    unmake({ domain, volumeId }) {
      const found = state.disks.get(keyOf(host, domain, volumeId));
      if (found === undefined) return;
      if (found.held) {
        commit({ change: 'unplug-requested', host, domain, volumeId });
        throw new DriverError('refused', `the guest ${domain} still holds ${volumeId}`);
      }
      commit({ change: 'disk-unmade', host, domain, volumeId });
    },
    list: () => [...state.disks.values()].filter((found) => found.host === host).map((found) => `${found.domain}:${found.volumeId}`),
  });

  return {
    takes,
    takesReadOnly: true,
    takesShared: true,
    disk,
    // An initiator of the hypervisor's own would have to be told, as QEMU's has.
    ...(takes === 'device' && {
      async grow({ domain, volumeId, bytes }: DiskSpec) {
        const { commands } = await machinery.perform({
          host,
          verb: 'disk.grow',
          subject: [domain, volumeId],
          act() {
            const size = state.disks.get(keyOf(host, domain, volumeId))?.bytes ?? 0;
            if (size < bytes) throw new DriverError('refused', `${domain} sees ${size} bytes of ${volumeId}, not ${bytes}`);
          },
        });
        return commands;
      },
    }),
    domain(name) {
      const act = () => {
        if (!domains.has(name)) return undefined;
        return { state: isRunning(name) ? 'running' : 'stopped', uuid: uuidOf(host, name) } as const;
      };
      return machinery.perform({ host, verb: 'domain.look', subject: [name], act });
    },
  };
}

function sourceName(source: DiskSource): string {
  return source.kind === 'device' ? source.path : source.target;
}

function differenceOf(found: PluggedDisk, wanted: DiskSpec, takes: DiskSource['kind']): string | undefined {
  if (found.source !== sourceName(wanted.source)) return `the disk of ${wanted.volumeId} is ${found.source}`;
  if (found.bytes < wanted.bytes) return `the disk of ${wanted.volumeId} has ${found.bytes} bytes, not ${wanted.bytes}`;
  // Where the guest names its disks the device is only a wish.
  if (takes === 'device' && found.device !== wanted.device) return `the disk of ${wanted.volumeId} is ${found.device}`;
  return undefined;
}

/** The same in every process, as a VM's own is. */
function uuidOf(host: string, domain: string): string {
  const hex = createHash('sha256').update(`${host}/${domain}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
