import type { ExportServer } from '../export-server.ts';
import type { Initiator } from '../initiator.ts';
import type { Vmm } from '../vmm.ts';
import type { VolumeServer } from '../volume-server.ts';
import { readContents } from './contents.ts';
import { type SimulatedInstance, simulatedInstances, simulatedVmmHosts } from './instances.ts';
import type { SimulatedVerb } from './latency.ts';
import { simulatedMachinery } from './machinery.ts';
import { simulatedExportServer } from './simulated-export-server.ts';
import { simulatedDevicePathOf, simulatedInitiator } from './simulated-initiator.ts';
import { simulatedVmm } from './simulated-vmm.ts';
import { simulatedVolumeServer } from './simulated-volume-server.ts';
import { openWorldJournal } from './world-journal.ts';
import { applyMutation, emptyWorldState, keyOf, type Mutation, type PluggedDisk, writtenMutation } from './world-state.ts';

/** The hosts of the simulated site that can be lost. */
export type SimulatedHost = 'volume-server' | 'export-server' | keyof typeof simulatedVmmHosts;

export interface SimulatedWorldOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** How long each verb takes: `(verb) => realisticLatencyMs[verb]`, or `() => 0`. Asked at every call. */
  readonly latencyMs: (verb: SimulatedVerb) => number;
  /** What volumes and snapshots may take together; 1 PiB when missing. */
  readonly capacityBytes?: number;
  /** Whether what is unmade keeps its space until it was wiped, as on thick LVM; otherwise it is gone at once. */
  readonly wipesLater?: boolean;
  /** Where the world is kept over the end of the process; without it, it goes with the process. */
  readonly journalFile?: string;
  readonly instances?: readonly SimulatedInstance[];
}

/** A whole small site in memory: one volume server, one export server, two VMM hosts and their VMs. */
export interface SimulatedWorld {
  readonly volumeServer: VolumeServer;
  readonly exportServer: ExportServer;
  initiator(host: string): Initiator;
  vmm(host: string): Vmm;
  readonly instances: readonly SimulatedInstance[];
  /** What the VM itself can do. */
  guest(domain: string): SimulatedGuest;
  /** Stopping a VM takes its disks out of it; sessions of its host stay. */
  stopDomain(domain: string): void;
  startDomain(domain: string): void;
  /** From now on the host does not answer; what it has stays there. */
  loseHost(host: SimulatedHost): void;
  findHost(host: SimulatedHost): void;
  /** What pulling a VMM host's power does: it does not answer, and its sessions and the disks of its VMs are gone. */
  fenceHost(host: keyof typeof simulatedVmmHosts): void;
  /** What a restart of tgtd does: exports and accesses are gone, while the VMM hosts go on trying to reach them. */
  loseExports(): void;
  /** Everything that is there, one line a thing, sorted; for tests that nothing is left behind. */
  inventory(): readonly string[];
  close(): void;
}

/** A VM from the inside. Reading and writing throw what the guest would see as an I/O error when any link of the chain to the data is missing. */
export interface SimulatedGuest {
  disks(): readonly { readonly volumeId: string; readonly device: string; readonly bytes: number }[];
  write(volumeId: string, offset: number, data: Uint8Array): void;
  read(volumeId: string, offset: number, length: number): Buffer;
  /** From now on the guest does not let go of its disk; an unplug that was asked for meanwhile happens when it releases it. */
  hold(volumeId: string): void;
  release(volumeId: string): void;
}

const petabyteBytes = 1024 ** 5;

export function createSimulatedWorld(options: SimulatedWorldOptions): SimulatedWorld {
  const {
    clock,
    sleep,
    latencyMs,
    capacityBytes = petabyteBytes,
    wipesLater = false,
    journalFile,
    instances = simulatedInstances,
  } = options;
  const state = emptyWorldState();
  const apply = (mutation: Mutation) => applyMutation(state, mutation);
  const journal = journalFile === undefined ? undefined : openWorldJournal(journalFile, apply);
  const commit = (mutation: Mutation) => {
    journal?.append(mutation);
    apply(mutation);
  };
  const machinery = simulatedMachinery({ state, clock, sleep, latencyMs, commit });

  const placementOf = (domain: string) => {
    const found = instances.find(({ placement }) => placement.domain === domain);
    if (found === undefined) throw new Error(`the simulated site has no domain ${domain}`);
    return found.placement;
  };
  const vmms = new Map(
    Object.entries(simulatedVmmHosts).map(([host, takes]) => {
      const placed = instances.filter(({ placement }) => placement.vmmHost === host);
      const domains = new Set(placed.map(({ placement }) => placement.domain));
      return [host, { vmm: simulatedVmm(machinery, host, takes, domains), initiator: simulatedInitiator(machinery, host) }];
    }),
  );
  const vmmHost = (host: string) => {
    const found = vmms.get(host);
    if (found === undefined) throw new Error(`the simulated site has no VMM host ${host}`);
    return found;
  };

  return {
    volumeServer: simulatedVolumeServer(machinery, 'volume-server', { capacityBytes, wipesLater }),
    exportServer: simulatedExportServer(machinery, 'export-server'),
    initiator: (host) => vmmHost(host).initiator,
    vmm: (host) => vmmHost(host).vmm,
    instances,
    guest(domain) {
      const { vmmHost: host } = placementOf(domain);
      const diskOf = (volumeId: string) => {
        const disk = state.disks.get(keyOf(host, domain, volumeId));
        if (disk === undefined) throw new Error(`${domain} has no disk of ${volumeId}`);
        return disk;
      };
      return {
        disks: () => [...state.disks.values()].filter((disk) => disk.host === host && disk.domain === domain),
        write(volumeId, offset, data) {
          requireChain(diskOf(volumeId));
          requireInside(diskOf(volumeId), offset, data.length);
          requireWritable(volumeId);
          commit(writtenMutation(volumeId, offset, data));
        },
        read(volumeId, offset, length) {
          requireInside(diskOf(volumeId), offset, length);
          return readContents(requireChain(diskOf(volumeId)).contents, offset, length);
        },
        hold: (volumeId) => commit({ change: 'disk-held', host, domain: diskOf(volumeId).domain, volumeId }),
        release: (volumeId) => commit({ change: 'disk-released', host, domain: diskOf(volumeId).domain, volumeId }),
      };
    },
    stopDomain: (domain) => commit({ change: 'domain-stopped', host: placementOf(domain).vmmHost, domain }),
    startDomain: (domain) => commit({ change: 'domain-started', host: placementOf(domain).vmmHost, domain }),
    loseHost: (host) => commit({ change: 'host-lost', host }),
    fenceHost: (host) => commit({ change: 'host-fenced', host }),
    findHost: (host) => commit({ change: 'host-found', host }),
    loseExports: () => commit({ change: 'exports-lost' }),
    inventory() {
      const lines = [
        ...[...state.volumes.keys()].map((volumeId) => `volume ${volumeId}`),
        ...[...state.snapshots.keys()].map((snapshotId) => `snapshot ${snapshotId}`),
        ...[...state.remains.keys()].map((name) => `remains ${name}`),
        ...[...state.exports.keys()].map((target) => `export ${target}`),
        ...[...state.accesses.keys()].map((key) => `access ${key}`),
        ...[...state.sessions.keys()].map((key) => `session ${key}`),
        ...[...state.disks.keys()].map((key) => `disk ${key}`),
      ];
      return lines.sort();
    },
    close: () => journal?.close(),
  };

  /** The volume behind a disk, by way of all that must stand between them. */
  function requireChain(disk: PluggedDisk) {
    const session = [...state.sessions.values()].find(
      (found) => found.host === disk.host && simulatedDevicePathOf(found.target) === disk.source,
    );
    const target = session?.target ?? disk.source;
    const exported = state.exports.get(target);
    const volume = exported === undefined ? undefined : state.volumes.get(exported.volumeId);
    if (volume === undefined) throw new Error(`I/O error on ${disk.volumeId} in ${disk.domain}: ${target} is not reachable`);
    return volume;
  }

  function requireWritable(volumeId: string) {
    const isReadOnly = [...state.exports.values()].some((found) => found.volumeId === volumeId && found.readOnly);
    if (isReadOnly) throw new Error(`I/O error on ${volumeId}: its export is read-only`);
  }

  function requireInside(disk: PluggedDisk, offset: number, length: number) {
    if (offset < 0 || offset + length > disk.bytes) throw new Error(`I/O error on ${disk.volumeId}: beyond its ${disk.bytes} bytes`);
  }
}
