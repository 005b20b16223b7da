import { DriverError } from '../driver-error.ts';
import type { CopySpec, SnapshotSpec, StoredFacts, VolumeServer, VolumeSpec } from '../volume-server.ts';
import { type Machinery, simulatedThing } from './machinery.ts';
import { simulatedRemains } from './simulated-remains.ts';
import { keyOf, type StoredSnapshot } from './world-state.ts';

/** Where the simulated volume server says that it keeps a volume or snapshot. */
export function simulatedPathOf(id: string): string {
  return `/dev/simulated/${id}`;
}

export function simulatedVolumeServer(
  machinery: Machinery,
  host: string,
  { capacityBytes, wipesLater }: { readonly capacityBytes: number; readonly wipesLater: boolean },
): VolumeServer {
  const { state, clock, commit, latencyMs } = machinery;
  /** When each copy under way was begun, by snapshot and volume; both a snapshot's `make` and a `copy` name the two. */
  const underWay = new Map<string, { readonly startedAtMs: number; readonly wholeMs: number }>();

  const usedBytes = () => state.volumes.bytes + state.snapshots.bytes + state.remains.bytes;
  /** A name that nothing else has which waits. */
  const nameAside = (id: string): string => {
    let name = `del-${id}`;
    for (let number = 2; state.remains.has(name); number += 1) name = `del-${id}.${number}`;
    return name;
  };
  const requireSpace = (bytes: number) => {
    const free = capacityBytes - usedBytes();
    if (bytes > free) throw new DriverError('refused', `insufficient free space: ${free} bytes, ${bytes} required`);
  };
  const requireClosed = (volumeId: string) => {
    for (const [target, { path }] of state.exports) {
      if (path === simulatedPathOf(volumeId)) throw new DriverError('refused', `${volumeId} is in use: exported as ${target}`);
    }
  };

  const volume = simulatedThing<VolumeSpec, StoredFacts>(machinery, {
    host,
    kind: 'volume',
    nameOf: ({ volumeId }) => [volumeId],
    look({ volumeId, bytes }) {
      const found = state.volumes.get(volumeId);
      if (found === undefined) return { state: 'absent' };
      if (found.bytes !== bytes) return { state: 'different', difference: `${volumeId} has ${found.bytes} bytes, not ${bytes}` };
      return { state: 'present', facts: { path: simulatedPathOf(volumeId), bytes } };
    },
    make({ volumeId, bytes }) {
      const found = state.volumes.get(volumeId);
      if (found?.bytes === bytes) return;
      if (found !== undefined) throw new DriverError('conflict', `${volumeId} already exists with ${found.bytes} bytes`);
      requireSpace(bytes);
      commit({ change: 'volume-made', volumeId, bytes });
    },
    unmake({ volumeId }) {
      if (!state.volumes.has(volumeId)) return;
      requireClosed(volumeId);
      commit(wipesLater ? { change: 'volume-put-aside', volumeId, name: nameAside(volumeId) } : { change: 'volume-unmade', volumeId });
    },
    list: () => [...state.volumes.keys()],
  });

  /** The snapshots that this process is copying: another one under the same id, or none, means that it was removed meanwhile. */
  const beingMade = new Map<string, StoredSnapshot>();
  const snapshot = simulatedThing<SnapshotSpec, StoredFacts>(machinery, {
    host,
    kind: 'snapshot',
    nameOf: ({ snapshotId, volumeId }) => [snapshotId, volumeId],
    look({ snapshotId, volumeId, bytes }) {
      const found = state.snapshots.get(snapshotId);
      if (found === undefined) return { state: 'absent' };
      if (found.volumeId !== volumeId || found.bytes !== bytes) {
        return { state: 'different', difference: `${snapshotId} is of ${found.volumeId} with ${found.bytes} bytes` };
      }
      if (!found.complete) return { state: 'partial', missing: `the copy of ${volumeId} was not finished` };
      return { state: 'present', facts: { path: simulatedPathOf(snapshotId), bytes } };
    },
    // The contents are those of the moment at which the work starts, as with a copy-on-write snapshot that is then copied.
    begin({ snapshotId, volumeId, bytes }) {
      const found = state.snapshots.get(snapshotId);
      if (found?.complete) return;
      if (found !== undefined && found.volumeId !== volumeId) throw new DriverError('conflict', `${snapshotId} is of ${found.volumeId}`);
      const source = state.volumes.get(volumeId);
      if (source === undefined) throw new DriverError('refused', `failed to find ${volumeId}`);
      if (source.bytes !== bytes) throw new DriverError('conflict', `${volumeId} has ${source.bytes} bytes, not ${bytes}`);
      if (found === undefined) requireSpace(bytes);
      commit({ change: 'snapshot-begun', snapshotId, volumeId, bytes });
      const begun = state.snapshots.get(snapshotId);
      if (begun !== undefined) beingMade.set(snapshotId, begun);
      underWay.set(keyOf(snapshotId, volumeId), { startedAtMs: clock(), wholeMs: latencyMs('snapshot.make') });
    },
    make({ snapshotId, volumeId, bytes }) {
      const found = state.snapshots.get(snapshotId);
      const begun = beingMade.get(snapshotId);
      underWay.delete(keyOf(snapshotId, volumeId));
      beingMade.delete(snapshotId);
      if (found?.complete && (found.volumeId !== volumeId || found.bytes !== bytes)) {
        throw new DriverError('conflict', `${snapshotId} already exists, of ${found.volumeId} with ${found.bytes} bytes`);
      }
      if (found?.complete) return;
      if (found === undefined || found !== begun) throw new DriverError('refused', `${snapshotId} was removed while it was copied`);
      commit({ change: 'snapshot-completed', snapshotId });
    },
    unmake({ snapshotId }) {
      if (!state.snapshots.has(snapshotId)) return;
      commit(
        wipesLater ? { change: 'snapshot-put-aside', snapshotId, name: nameAside(snapshotId) } : { change: 'snapshot-unmade', snapshotId },
      );
    },
    list: () => [...state.snapshots.keys()],
  });

  return {
    volume,
    snapshot,
    ...(wipesLater && { remains: simulatedRemains(machinery, host) }),
    async copy({ snapshotId, volumeId, bytes }: CopySpec) {
      const key = keyOf(snapshotId, volumeId);
      const check = () => {
        const source = state.snapshots.get(snapshotId);
        const destination = state.volumes.get(volumeId);
        if (!source?.complete) throw new DriverError('refused', `failed to find ${snapshotId}`);
        if (destination === undefined) throw new DriverError('refused', `failed to find ${volumeId}`);
        if (destination.bytes !== bytes) throw new DriverError('conflict', `${volumeId} has ${destination.bytes} bytes, not ${bytes}`);
        if (destination.bytes < source.bytes) throw new DriverError('refused', `${volumeId} is smaller than ${snapshotId}`);
        requireClosed(volumeId);
      };
      try {
        const { commands } = await machinery.perform({
          host,
          verb: 'volume.copy',
          subject: [snapshotId, volumeId],
          begin() {
            check();
            underWay.set(key, { startedAtMs: clock(), wholeMs: latencyMs('volume.copy') });
          },
          act() {
            check();
            commit({ change: 'volume-filled', volumeId, snapshotId });
          },
        });
        return commands;
      } finally {
        underWay.delete(key);
      }
    },
    async grow({ volumeId, bytes }) {
      const { commands } = await machinery.perform({
        host,
        verb: 'volume.grow',
        subject: [volumeId],
        act() {
          const found = state.volumes.get(volumeId);
          if (found === undefined) throw new DriverError('refused', `failed to find ${volumeId}`);
          if (found.bytes >= bytes) return;
          requireSpace(bytes - found.bytes);
          commit({ change: 'volume-grown', volumeId, bytes });
        },
      });
      return commands;
    },
    async progress({ snapshotId, volumeId }) {
      const begun = underWay.get(keyOf(snapshotId, volumeId));
      if (begun === undefined) return { value: undefined, commands: [] };
      const done = begun.wholeMs > 0 ? (clock() - begun.startedAtMs) / begun.wholeMs : 1;
      return { value: Math.min(1, done), commands: [] };
    },
    freeBytes: () => machinery.perform({ host, verb: 'volume.free', subject: [], act: () => Math.max(0, capacityBytes - usedBytes()) }),
  };
}
