import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import { type Contents, copyContents, writeContents } from './contents.ts';

/** Every change that the simulated world can undergo. These are also the lines of its journal, so a form once released stays readable. */
export const mutationSchema = z.discriminatedUnion('change', [
  z.object({ change: z.literal('volume-made'), volumeId: z.string(), bytes: z.number() }),
  z.object({ change: z.literal('volume-unmade'), volumeId: z.string() }),
  z.object({ change: z.literal('volume-put-aside'), volumeId: z.string(), name: z.string() }),
  z.object({ change: z.literal('volume-grown'), volumeId: z.string(), bytes: z.number() }),
  z.object({ change: z.literal('volume-filled'), volumeId: z.string(), snapshotId: z.string() }),
  z.object({ change: z.literal('volume-written'), volumeId: z.string(), offset: z.number(), deflated: z.string() }),
  z.object({ change: z.literal('snapshot-begun'), snapshotId: z.string(), volumeId: z.string(), bytes: z.number() }),
  z.object({ change: z.literal('snapshot-completed'), snapshotId: z.string() }),
  z.object({ change: z.literal('snapshot-unmade'), snapshotId: z.string() }),
  z.object({ change: z.literal('snapshot-put-aside'), snapshotId: z.string(), name: z.string() }),
  z.object({ change: z.literal('remains-zeroed'), name: z.string(), offset: z.number(), length: z.number() }),
  z.object({ change: z.literal('remains-unmade'), name: z.string() }),
  z.object({
    change: z.literal('export-made'),
    target: z.string(),
    volumeId: z.string(),
    path: z.string(),
    bytes: z.number(),
    readOnly: z.boolean().default(false),
  }),
  z.object({ change: z.literal('export-unmade'), target: z.string() }),
  z.object({
    change: z.literal('access-made'),
    target: z.string(),
    initiatorName: z.string(),
    chapUser: z.string(),
    secretSha256: z.string(),
  }),
  z.object({ change: z.literal('access-unmade'), target: z.string(), initiatorName: z.string() }),
  z.object({ change: z.literal('growth-seen'), target: z.string(), bytes: z.number() }),
  z.object({ change: z.literal('exports-lost') }),
  z.object({ change: z.literal('session-made'), host: z.string(), target: z.string(), volumeId: z.string(), bytes: z.number() }),
  z.object({ change: z.literal('session-unmade'), host: z.string(), target: z.string() }),
  z.object({
    change: z.literal('disk-made'),
    host: z.string(),
    domain: z.string(),
    volumeId: z.string(),
    device: z.string(),
    bytes: z.number(),
    /** The device on the host, or the target that the hypervisor logged in to. */
    source: z.string(),
  }),
  z.object({ change: z.literal('disk-unmade'), host: z.string(), domain: z.string(), volumeId: z.string() }),
  z.object({ change: z.literal('disk-held'), host: z.string(), domain: z.string(), volumeId: z.string() }),
  z.object({ change: z.literal('disk-released'), host: z.string(), domain: z.string(), volumeId: z.string() }),
  z.object({ change: z.literal('unplug-requested'), host: z.string(), domain: z.string(), volumeId: z.string() }),
  z.object({ change: z.literal('domain-stopped'), host: z.string(), domain: z.string() }),
  z.object({ change: z.literal('domain-started'), host: z.string(), domain: z.string() }),
  z.object({ change: z.literal('host-lost'), host: z.string() }),
  z.object({ change: z.literal('host-found'), host: z.string() }),
  z.object({ change: z.literal('host-fenced'), host: z.string() }),
]);

export type Mutation = z.infer<typeof mutationSchema>;

export interface StoredVolume {
  readonly bytes: number;
  contents: Contents | undefined;
}

export interface StoredSnapshot {
  readonly volumeId: string;
  readonly bytes: number;
  readonly contents: Contents | undefined;
  /** False while it is being copied, and after a crash in the middle of that. */
  complete: boolean;
}

/** What waits to be wiped. */
export interface StoredRemains {
  readonly was: string;
  readonly bytes: number;
  /** What zeros were not written over yet: from the first byte of each stretch to the one behind its last. */
  readonly dirty: readonly (readonly [from: number, to: number])[];
}

export interface LiveExport {
  readonly volumeId: string;
  readonly path: string;
  readonly bytes: number;
  readonly readOnly: boolean;
}

export interface GrantedAccess {
  readonly target: string;
  readonly initiatorName: string;
  readonly chapUser: string;
  /** The world keeps no secret, not even a simulated one: its journal is a plain file. */
  readonly secretSha256: string;
}

export interface LiveSession {
  readonly host: string;
  readonly target: string;
  readonly volumeId: string;
  readonly bytes: number;
}

export interface PluggedDisk {
  readonly host: string;
  readonly domain: string;
  readonly volumeId: string;
  readonly device: string;
  readonly bytes: number;
  readonly source: string;
  held: boolean;
  unplugRequested: boolean;
}

/** What takes up room, by name. It knows how much that is without adding it up, which is asked for with each thing that is made. */
class StoredByName<Stored extends { readonly bytes: number }> extends Map<string, Stored> {
  bytes = 0;

  override set(name: string, stored: Stored): this {
    this.bytes += stored.bytes - (this.get(name)?.bytes ?? 0);
    return super.set(name, stored);
  }

  override delete(name: string): boolean {
    this.bytes -= this.get(name)?.bytes ?? 0;
    return super.delete(name);
  }

  override clear(): void {
    this.bytes = 0;
    super.clear();
  }
}

/** What is there, by name. Keys of more than one part are made with `keyOf`. */
export interface WorldState {
  readonly volumes: StoredByName<StoredVolume>;
  readonly snapshots: StoredByName<StoredSnapshot>;
  readonly remains: StoredByName<StoredRemains>;
  readonly exports: Map<string, LiveExport>;
  readonly accesses: Map<string, GrantedAccess>;
  readonly sessions: Map<string, LiveSession>;
  readonly disks: Map<string, PluggedDisk>;
  readonly stoppedDomains: Set<string>;
  readonly lostHosts: Set<string>;
}

export function emptyWorldState(): WorldState {
  return {
    volumes: new StoredByName(),
    snapshots: new StoredByName(),
    remains: new StoredByName(),
    exports: new Map(),
    accesses: new Map(),
    sessions: new Map(),
    disks: new Map(),
    stoppedDomains: new Set(),
    lostHosts: new Set(),
  };
}

export function keyOf(...parts: readonly string[]): string {
  return parts.join(' ');
}

export function writtenMutation(volumeId: string, offset: number, data: Uint8Array): Mutation {
  return { change: 'volume-written', volumeId, offset, deflated: deflateRawSync(data).toString('base64') };
}

/** Carries out a change that was found to be allowed. The same changes in the same order give the same world. */
export function applyMutation(state: WorldState, mutation: Mutation): void {
  switch (mutation.change) {
    case 'volume-made':
      state.volumes.set(mutation.volumeId, { bytes: mutation.bytes, contents: undefined });
      return;
    case 'volume-unmade':
      state.volumes.delete(mutation.volumeId);
      return;
    case 'volume-grown': {
      const volume = state.volumes.get(mutation.volumeId);
      if (volume !== undefined) state.volumes.set(mutation.volumeId, { ...volume, bytes: mutation.bytes });
      return;
    }
    case 'volume-filled': {
      const volume = state.volumes.get(mutation.volumeId);
      if (volume !== undefined) volume.contents = copyContents(state.snapshots.get(mutation.snapshotId)?.contents);
      return;
    }
    case 'volume-written': {
      const volume = state.volumes.get(mutation.volumeId);
      const data = inflateRawSync(Buffer.from(mutation.deflated, 'base64'));
      if (volume !== undefined) volume.contents = writeContents(volume.contents, mutation.offset, data);
      return;
    }
    case 'snapshot-begun':
      state.snapshots.set(mutation.snapshotId, {
        volumeId: mutation.volumeId,
        bytes: mutation.bytes,
        contents: copyContents(state.volumes.get(mutation.volumeId)?.contents),
        complete: false,
      });
      return;
    case 'snapshot-completed': {
      const snapshot = state.snapshots.get(mutation.snapshotId);
      if (snapshot !== undefined) snapshot.complete = true;
      return;
    }
    case 'snapshot-unmade':
      state.snapshots.delete(mutation.snapshotId);
      return;
    case 'volume-put-aside':
    case 'snapshot-put-aside':
    case 'remains-zeroed':
    case 'remains-unmade':
      applyToRemains(state, mutation);
      return;
    case 'export-made':
      state.exports.set(mutation.target, {
        volumeId: mutation.volumeId,
        path: mutation.path,
        bytes: mutation.bytes,
        readOnly: mutation.readOnly,
      });
      return;
    case 'export-unmade':
      state.exports.delete(mutation.target);
      return;
    case 'growth-seen':
      applyGrowth(state, mutation);
      return;
    case 'exports-lost':
      state.exports.clear();
      state.accesses.clear();
      return;
    case 'access-made': {
      const { change: _, ...access } = mutation;
      state.accesses.set(keyOf(access.target, access.initiatorName), access);
      return;
    }
    case 'access-unmade':
      state.accesses.delete(keyOf(mutation.target, mutation.initiatorName));
      return;
    case 'session-made': {
      const { change: _, ...session } = mutation;
      state.sessions.set(keyOf(session.host, session.target), session);
      return;
    }
    case 'session-unmade':
      state.sessions.delete(keyOf(mutation.host, mutation.target));
      return;
    case 'disk-made': {
      const { change: _, ...disk } = mutation;
      state.disks.set(keyOf(disk.host, disk.domain, disk.volumeId), { ...disk, held: false, unplugRequested: false });
      return;
    }
    case 'disk-unmade':
    case 'disk-held':
    case 'disk-released':
    case 'unplug-requested':
      applyToDisk(state, mutation);
      return;
    case 'domain-stopped':
      state.stoppedDomains.add(keyOf(mutation.host, mutation.domain));
      // A hot-plugged disk is no part of the VM's definition and goes with the running VM.
      for (const [key, disk] of state.disks) {
        if (disk.host === mutation.host && disk.domain === mutation.domain) state.disks.delete(key);
      }
      return;
    case 'domain-started':
      state.stoppedDomains.delete(keyOf(mutation.host, mutation.domain));
      return;
    case 'host-lost':
      state.lostHosts.add(mutation.host);
      return;
    case 'host-found':
      state.lostHosts.delete(mutation.host);
      return;
    case 'host-fenced':
      state.lostHosts.add(mutation.host);
      for (const things of [state.disks, state.sessions]) {
        for (const [key, { host }] of things) {
          if (host === mutation.host) things.delete(key);
        }
      }
      return;
    default:
      mutation satisfies never;
  }
}

type RemainsMutation = Extract<Mutation, { change: 'volume-put-aside' | 'snapshot-put-aside' | 'remains-zeroed' | 'remains-unmade' }>;

function applyToRemains(state: WorldState, mutation: RemainsMutation): void {
  const { name } = mutation;
  if (mutation.change === 'remains-unmade') {
    state.remains.delete(name);
    return;
  }
  if (mutation.change === 'remains-zeroed') {
    const found = state.remains.get(name);
    const { offset, length } = mutation;
    const end = offset + length;
    // What of a stretch lies before the piece, and what behind it.
    const dirty = (found?.dirty ?? [])
      .flatMap(([from, to]): [number, number][] => [
        [from, Math.min(to, offset)],
        [Math.max(from, end), to],
      ])
      .filter(([from, to]) => from < to);
    if (found !== undefined) state.remains.set(name, { ...found, dirty });
    return;
  }
  const [was, stored, isWhole] =
    mutation.change === 'volume-put-aside'
      ? [mutation.volumeId, state.volumes.get(mutation.volumeId), true]
      : [mutation.snapshotId, state.snapshots.get(mutation.snapshotId), state.snapshots.get(mutation.snapshotId)?.complete];
  if (stored === undefined) return;
  state.volumes.delete(was);
  state.snapshots.delete(was);
  state.remains.set(name, { was: isWhole ? was : `new-${was}`, bytes: stored.bytes, dirty: [[0, stored.bytes]] });
}

/** The export, and whoever has a device of it, as with LIO and nvmet: all see the new size at once. */
function applyGrowth(state: WorldState, { target, bytes }: Extract<Mutation, { change: 'growth-seen' }>): void {
  const found = state.exports.get(target);
  if (found === undefined) return;
  state.exports.set(target, { ...found, bytes });
  for (const [key, session] of state.sessions) {
    if (session.target === target) state.sessions.set(key, { ...session, bytes });
  }
  for (const [key, disk] of state.disks) {
    if (disk.volumeId === found.volumeId) state.disks.set(key, { ...disk, bytes });
  }
}

type DiskMutation = Extract<Mutation, { change: 'disk-unmade' | 'disk-held' | 'disk-released' | 'unplug-requested' }>;

function applyToDisk(state: WorldState, mutation: DiskMutation): void {
  const key = keyOf(mutation.host, mutation.domain, mutation.volumeId);
  const disk = state.disks.get(key);
  if (disk === undefined) return;
  if (mutation.change === 'unplug-requested') disk.unplugRequested = true;
  if (mutation.change === 'disk-held') disk.held = true;
  if (mutation.change === 'disk-released') disk.held = false;
  // A request that the guest did not follow stays pending: the disk goes as soon as the guest lets go.
  if (mutation.change === 'disk-unmade' || (mutation.change === 'disk-released' && disk.unplugRequested)) state.disks.delete(key);
}
