import { deviceSlot } from '../../src/model/device-name.ts';
import type { FailureReason } from '../../src/model/failure.ts';

// The reference: what may happen to volumes and snapshots, told once more in the plainest way. It shares no code with the service but the
// meaning of device names, and is driven by what the database accepted, in its order.

/** The states of a volume, an attachment and a snapshot in one. An attachment that got stuck stays as it was. */
export interface ModelVolume {
  readonly id: string;
  readonly state: 'creating' | 'available' | 'in-use' | 'recycled' | 'deleting' | 'error' | 'gone';
  readonly sizeGiB: number;
  /** A VM may reach it, and nobody vouches for that. */
  readonly isBarred?: boolean;
  readonly attachment?: ModelAttachment;
  /** The operation on it that is not over. */
  readonly open?: OpenOperation;
  readonly modification?: 'modifying' | 'optimizing' | 'completed' | 'failed';
  readonly modifiesToGiB?: number;
  /** While it is filled. */
  readonly from?: string;
  /** The volume that it is copied from, while it is. */
  readonly copies?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ModelAttachment {
  readonly id: string;
  readonly state: 'attaching' | 'attached' | 'detaching' | 'busy';
  readonly instanceId: string;
  readonly vm: string;
  readonly slot: string;
}

export interface ModelSnapshot {
  readonly id: string;
  readonly state: 'pending' | 'completed' | 'error' | 'recycled' | 'deleting' | 'gone';
  readonly volumeId: string;
  readonly isLocked?: boolean;
  readonly open?: OpenOperation;
  /** While it is copied from another one. */
  readonly copyOf?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface OpenOperation {
  readonly id: string;
  readonly kind: string;
  readonly isStuck: boolean;
}

export type End = 'done' | 'undone' | 'halted' | 'stuck';

/** A period between a question and its answer, in events of the model. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface ReferenceModel {
  /** How many events there were: the model's clock. */
  readonly now: number;
  readonly volumes: ReadonlyMap<string, ModelVolume>;
  readonly snapshots: ReadonlyMap<string, ModelSnapshot>;
  /** The snapshots that volumes were made from, also when both are gone. */
  readonly origins: ReadonlyMap<string, string>;
  /** The volumes that volumes were copied from. */
  readonly sources: ReadonlyMap<string, string>;
  /** What happened that may not happen. */
  readonly violations: readonly string[];
  /** Whether a refusal told the truth about at least one moment of the period. */
  isTrue(reason: FailureReason, period: Period, asked: Asked): boolean;

  createVolume(
    volume: { id: string; sizeGiB: number; from?: string; copies?: string; tags: Readonly<Record<string, string>> },
    operation: string,
  ): void;
  endCreateVolume(id: string, end: End): void;
  deleteVolume(id: string, operation: string): void;
  endDeleteVolume(id: string, end: End): void;
  modify(id: string, sizeGiB: number, operation: string): void;
  recordModified(id: string): void;
  endModify(id: string, end: End): void;
  /** A modification that failed turned out to have worked. */
  settleSize(id: string, sizeGiB: number): void;
  attach(id: string, attachment: { id: string; instanceId: string; vm: string; device: string }, operation: string): void;
  endAttach(attachmentId: string, end: End): void;
  detach(attachmentId: string, operation: string): void;
  endDetach(attachmentId: string, end: End, isBarred?: boolean): void;
  restore(attachmentId: string, operation: string): void;
  endRestore(attachmentId: string, end: End): void;
  createSnapshot(
    snapshot: { id: string; volumeId: string; copyOf?: string; tags: Readonly<Record<string, string>> },
    operation: string,
  ): void;
  endCreateSnapshot(id: string, end: End): void;
  deleteSnapshot(id: string, operation: string): void;
  endDeleteSnapshot(id: string, end: End): void;
  /** Into the bin, and out of it again: back to its owner, or to be deleted. */
  recycle(id: string): void;
  takeBack(id: string): void;
  deleteRecycled(id: string, operation: string): void;
  lock(snapshotId: string): void;
  unlock(snapshotId: string): void;
  /** The operator ended an operation where it stood, and said what is to become of what it was about. */
  abandon(operation: string, what: 'attachment' | 'volume' | 'snapshot' | 'modification' | 'nothing'): void;
  tag(ids: readonly string[], tags: Readonly<Record<string, string>>): void;
  untag(ids: readonly string[], keys: readonly string[]): void;
  /** A VM stops or runs again. */
  setRunning(vm: string, isRunning: boolean): void;
  /** A host failed to answer a question that a request asked it. */
  hostFailed(): void;
}

/** What of a request decides whether a refusal of it can be true. */
export interface Asked {
  readonly instanceId?: string;
  readonly vm?: string;
  readonly device?: string;
  /** It is to be taken out of the recycle bin. */
  readonly takesBack?: boolean;
}

interface Moment<Value> {
  readonly at: number;
  readonly value: Value;
}

/** A value over time. */
interface History<Value> {
  readonly moments: Moment<Value>[];
}

export function createReferenceModel(): ReferenceModel {
  let now = 0;
  const volumes = new Map<string, ModelVolume>();
  const snapshots = new Map<string, ModelSnapshot>();
  const volumeHistory = new Map<string, History<ModelVolume>>();
  const snapshotHistory = new Map<string, History<ModelSnapshot>>();
  const origins = new Map<string, string>();
  const sources = new Map<string, string>();
  const volumeOfAttachment = new Map<string, string>();
  const runs = new Map<string, History<boolean>>();
  const hostFailures: number[] = [];
  const violations: string[] = [];

  const require = (holds: boolean, what: string): void => {
    if (!holds) {
      violations.push(`event ${now}: ${what}`);
    }
  };
  const remember = <Value>(histories: Map<string, History<Value>>, id: string, value: Value): void => {
    now += 1;
    const history = histories.get(id) ?? { moments: [] };
    history.moments.push({ at: now, value });
    histories.set(id, history);
  };
  const put = (volume: ModelVolume): void => {
    volumes.set(volume.id, volume);
    remember(volumeHistory, volume.id, volume);
  };
  const putSnapshot = (snapshot: ModelSnapshot): void => {
    snapshots.set(snapshot.id, snapshot);
    remember(snapshotHistory, snapshot.id, snapshot);
  };
  const volumeBy = (id: string): ModelVolume => volumes.get(id) ?? { id, state: 'gone', sizeGiB: 0, tags: {} };
  const snapshotBy = (id: string): ModelSnapshot => snapshots.get(id) ?? { id, state: 'gone', volumeId: '', tags: {} };
  const attached = (attachmentId: string): { volume: ModelVolume; attachment: ModelAttachment | undefined } => {
    const volume = volumeBy(volumeOfAttachment.get(attachmentId) ?? '');
    const { attachment } = volume;
    return { volume, attachment: attachment?.id === attachmentId ? attachment : undefined };
  };
  const opening = (id: string, kind: string): { open: OpenOperation } => ({ open: { id, kind, isStuck: false } });
  const isRead = (id: string): boolean =>
    [...snapshots.values()].some(({ volumeId, state, copyOf }) => volumeId === id && state === 'pending' && copyOf === undefined) ||
    [...volumes.values()].some(({ copies, state }) => copies === id && state === 'creating');
  /** Nobody can have it now: for everybody but whoever takes it out of the bin. */
  const isHidden = (state: string): boolean => state === 'gone' || state === 'recycled';
  /** An operation ends, and what it was about with it; one that got stuck stays open. */
  const closed = <Thing extends { readonly open?: OpenOperation }>(thing: Thing, kind: string, end: End): Omit<Thing, 'open'> => {
    require(thing.open?.kind === kind, `${kind} ends as ${end}, and ${thing.open?.kind ?? 'nothing'} is under way`);
    const { open, ...rest } = thing;
    return end === 'stuck' && open !== undefined ? { ...rest, open: { ...open, isStuck: true } } : rest;
  };
  const expectEnd = (kind: string, end: End, ...allowed: readonly End[]): void => require(allowed.includes(end), `${kind} ends as ${end}`);

  /** A snapshot or a copy may be begun of it. */
  const requireReadable = (id: string, what: string): void => {
    const { state, modification } = volumeBy(id);
    require(state === 'available' || state === 'in-use', `${what} ${id} while that is ${state}`);
    require(modification !== 'modifying' && modification !== 'optimizing', `${what} ${id} while that is ${modification}`);
  };
  const requireFree = ({ id, state, isLocked }: ModelSnapshot): void =>
    require(isLocked !== true || state !== 'completed', `${id} is deleted while it is locked`);

  const during = <Value>(history: History<Value> | undefined, { from, to }: Period): readonly Value[] => {
    const moments = history?.moments ?? [];
    return moments
      .filter(({ at }, index) => at <= to && (moments[index + 1]?.at ?? Number.POSITIVE_INFINITY) > from)
      .map(({ value }) => value);
  };
  const someVolume = (id: string, period: Period, holds: (volume: ModelVolume) => boolean): boolean =>
    during(volumeHistory.get(id), period).some(holds);
  const someSnapshot = (id: string, period: Period, holds: (snapshot: ModelSnapshot) => boolean): boolean =>
    during(snapshotHistory.get(id), period).some(holds);

  return {
    get now() {
      return now;
    },
    volumes,
    snapshots,
    origins,
    sources,
    violations,

    isTrue(reason, period, asked) {
      switch (reason.kind) {
        case 'volume-not-found':
          return reason.volumeIds.every((id) =>
            someVolume(id, period, ({ state }) => (asked.takesBack === true ? state !== 'recycled' : isHidden(state))),
          );
        case 'snapshot-not-found':
          return reason.snapshotIds.every((id) =>
            someSnapshot(id, period, ({ state }) =>
              asked.takesBack === true ? state !== 'recycled' : isHidden(state) || state === 'deleting',
            ),
          );
        case 'volume-barred':
          return someVolume(reason.volumeId, period, ({ isBarred }) => isBarred === true);
        case 'snapshot-locked':
          return someSnapshot(reason.snapshotId, period, ({ isLocked }) => isLocked === true);
        case 'snapshot-not-locked':
          return someSnapshot(reason.snapshotId, period, ({ isLocked }) => isLocked !== true);
        case 'volume-state':
          return someVolume(reason.volumeId, period, ({ state }) => state === reason.state) && reason.state !== reason.wanted;
        case 'snapshot-state':
          return reason.state !== 'completed' && someSnapshot(reason.snapshotId, period, ({ state }) => state === reason.state);
        case 'volume-in-use':
          return someVolume(reason.volumeId, period, ({ attachment }) => attachment?.instanceId === reason.instanceId);
        case 'operation-under-way': {
          const isIt = ({ open }: { readonly open?: OpenOperation }) =>
            open !== undefined && `${open.kind} ${open.id}` === reason.operation;
          return someVolume(reason.resourceId, period, isIt) || someSnapshot(reason.resourceId, period, isIt);
        }
        case 'device-in-use': {
          const slot = deviceSlot(reason.device);
          return [...volumeHistory.keys()].some((id) =>
            someVolume(id, period, ({ attachment }) => attachment?.vm === asked.vm && attachment?.slot === slot),
          );
        }
        case 'attachment-not-found':
          return someVolume(
            reason.volumeId,
            period,
            ({ attachment }) =>
              attachment !== undefined &&
              ((asked.instanceId !== undefined && attachment.instanceId !== asked.instanceId) ||
                (asked.device !== undefined && attachment.slot !== deviceSlot(asked.device))),
          );
        case 'volume-being-copied':
          return (
            someSnapshot(reason.copyId, period, ({ volumeId, state }) => volumeId === reason.volumeId && state === 'pending') ||
            someVolume(reason.copyId, period, ({ copies, state }) => copies === reason.volumeId && state === 'creating')
          );
        case 'snapshot-in-use':
          return (
            someVolume(reason.readerId ?? '', period, ({ from, state }) => from === reason.snapshotId && state === 'creating') ||
            someSnapshot(reason.readerId ?? '', period, ({ copyOf, state }) => copyOf === reason.snapshotId && state === 'pending')
          );
        case 'modification-under-way':
          return someVolume(reason.volumeId, period, ({ modification }) => modification === reason.state);
        case 'instance-not-running':
          return during(runs.get(asked.vm ?? ''), period).includes(false);
        case 'unsupported':
          // Only a volume that is attached cannot grow here.
          return /is attached/.test(reason.reason);
        case 'unavailable':
          return hostFailures.some((at) => at >= period.from && at <= period.to);
        default:
          return false;
      }
    },

    createVolume({ id, sizeGiB, from, copies, tags }, operation) {
      require(!volumes.has(id), `${id} is created twice`);
      if (copies !== undefined) {
        requireReadable(copies, `${id} is copied from`);
        sources.set(id, copies);
      }
      if (from !== undefined) {
        const { state } = snapshotBy(from);
        require(state === 'completed', `${id} is created from ${from}, which is ${state}`);
        origins.set(id, from);
      }
      const made = { ...(from !== undefined && { from }), ...(copies !== undefined && { copies }) };
      const kind = copies === undefined ? 'create-volume' : 'copy-volume';
      put({ id, state: 'creating', sizeGiB, ...made, tags, ...opening(operation, kind) });
    },
    endCreateVolume(id, end) {
      const volume = volumeBy(id);
      expectEnd('create-volume', end, 'done', 'undone', 'stuck');
      const kind = volume.copies === undefined ? 'create-volume' : 'copy-volume';
      const { from: _from, ...rest } = closed(volume, kind, end);
      require(volume.state === 'creating' ||
        (volume.state === 'error' && end !== 'done'), `${id} was created while it was ${volume.state}`);
      put({ ...rest, state: end === 'done' ? 'available' : 'error' });
    },

    deleteVolume(id, operation) {
      const volume = volumeBy(id);
      require(volume.state === 'available' || volume.state === 'error', `${id} is deleted while it is ${volume.state}`);
      require(volume.open === undefined, `${id} is deleted while ${volume.open?.kind} is under way`);
      require(!isRead(id), `${id} is deleted while a snapshot of it is taken`);
      require(volume.isBarred !== true, `${id} is deleted while it is barred`);
      put({ ...volume, state: 'deleting', ...opening(operation, 'delete-volume') });
    },
    endDeleteVolume(id, end) {
      const volume = volumeBy(id);
      expectEnd('delete-volume', end, 'done', 'halted');
      require(volume.state === 'deleting', `${id} was deleted while it was ${volume.state}`);
      put({ ...closed(volume, 'delete-volume', end), state: end === 'done' ? 'gone' : 'error', ...(end === 'done' && { tags: {} }) });
    },

    modify(id, sizeGiB, operation) {
      const volume = volumeBy(id);
      const grows = sizeGiB > volume.sizeGiB;
      // Whether its host can tell the VM is another matter, which the simulated hosts settle (site-of-world.ts).
      const isReady = volume.state === 'available' || (volume.state === 'in-use' && (!grows || volume.attachment?.state === 'attached'));
      require(isReady, `${id} is modified while it is ${volume.state}`);
      require(volume.open === undefined, `${id} is modified while ${volume.open?.kind} is under way`);
      require(!(grows && isRead(id)), `${id} grows while a snapshot of it is taken`);
      put({ ...volume, modification: 'modifying', modifiesToGiB: sizeGiB, ...opening(operation, 'modify-volume') });
    },
    recordModified(id) {
      const volume = volumeBy(id);
      require(volume.open?.kind === 'modify-volume', `${id} has a new size without being modified`);
      put({ ...volume, sizeGiB: volume.modifiesToGiB ?? volume.sizeGiB, modification: 'optimizing' });
    },
    endModify(id, end) {
      const volume = volumeBy(id);
      expectEnd('modify-volume', end, 'done', 'halted');
      require(end !== 'done' || volume.modification === 'optimizing', `${id} was modified while it was ${volume.modification}`);
      put({ ...closed(volume, 'modify-volume', end), modification: end === 'done' ? 'completed' : 'failed' });
    },
    settleSize(id, sizeGiB) {
      const volume = volumeBy(id);
      require(volume.modification === 'failed' || volume.modification === 'completed', `${id} is settled as ${volume.modification}`);
      require(volume.open !== undefined, `${id} is settled without an operation`);
      require(sizeGiB >= volume.sizeGiB, `${id} is settled as smaller than it was`);
      put({ ...volume, sizeGiB, ...(sizeGiB === volume.modifiesToGiB && { modification: 'completed' }) });
    },

    attach(id, { id: attachmentId, instanceId, vm, device }, operation) {
      const volume = volumeBy(id);
      const slot = deviceSlot(device);
      require(volume.state === 'available' && volume.attachment === undefined, `${id} is attached while it is ${volume.state}`);
      require(volume.isBarred !== true, `${id} is attached while it is barred`);
      require(volume.open === undefined, `${id} is attached while ${volume.open?.kind} is under way`);
      const rival = [...volumes.values()].find(({ attachment }) => attachment?.vm === vm && attachment.slot === slot);
      require(rival === undefined, `${id} is attached to ${vm} as ${device}, where ${rival?.id} is`);
      volumeOfAttachment.set(attachmentId, id);
      const attachment: ModelAttachment = { id: attachmentId, state: 'attaching', instanceId, vm, slot };
      put({ ...volume, state: 'in-use', attachment, ...opening(operation, 'attach-volume') });
    },
    endAttach(attachmentId, end) {
      const { volume, attachment } = attached(attachmentId);
      expectEnd('attach-volume', end, 'done', 'undone', 'stuck');
      require(attachment?.state === 'attaching', `${attachmentId} was attached while it was ${attachment?.state}`);
      const { attachment: _over, ...rest } = closed(volume, 'attach-volume', end);
      if (end === 'undone' || attachment === undefined) {
        put({ ...rest, state: 'available' });
      } else {
        put({ ...rest, attachment: { ...attachment, state: end === 'done' ? 'attached' : 'attaching' } });
      }
    },

    detach(attachmentId, operation) {
      const { volume, attachment } = attached(attachmentId);
      require(attachment?.state === 'attached' || attachment?.state === 'busy', `${attachmentId} is detached while ${attachment?.state}`);
      require(volume.open === undefined, `${volume.id} is detached while ${volume.open?.kind} is under way`);
      put({ ...volume, ...(attachment && { attachment: { ...attachment, state: 'detaching' } }), ...opening(operation, 'detach-volume') });
    },
    endDetach(attachmentId, end, isBarred = false) {
      const { volume, attachment } = attached(attachmentId);
      expectEnd('detach-volume', end, 'done', 'halted');
      require(attachment?.state === 'detaching', `${attachmentId} was detached while it was ${attachment?.state}`);
      const { attachment: _over, ...rest } = closed(volume, 'detach-volume', end);
      if (end === 'done' || attachment === undefined) {
        put({ ...rest, state: 'available', isBarred: false });
      } else {
        put({ ...rest, attachment: { ...attachment, state: 'busy' }, isBarred: isBarred || rest.isBarred === true });
      }
    },

    restore(attachmentId, operation) {
      const { volume, attachment } = attached(attachmentId);
      require(attachment?.state === 'attached' || attachment?.state === 'busy', `${attachmentId} is restored while ${attachment?.state}`);
      require(volume.open === undefined, `${volume.id} is restored while ${volume.open?.kind} is under way`);
      require(volume.isBarred !== true, `${volume.id} is restored while it is barred`);
      put({ ...volume, ...opening(operation, 'restore-attachment') });
    },
    endRestore(attachmentId, end) {
      const { volume } = attached(attachmentId);
      expectEnd('restore-attachment', end, 'done', 'halted');
      put(closed(volume, 'restore-attachment', end));
    },

    createSnapshot({ id, volumeId, copyOf, tags }, operation) {
      require(!snapshots.has(id), `${id} is created twice`);
      if (copyOf === undefined) {
        requireReadable(volumeId, `${id} is taken of`);
      } else {
        const { state } = snapshotBy(copyOf);
        require(state === 'completed', `${copyOf} is copied while it is ${state}`);
      }
      const kind = copyOf === undefined ? 'create-snapshot' : 'copy-snapshot';
      putSnapshot({ id, state: 'pending', volumeId, ...(copyOf !== undefined && { copyOf }), tags, ...opening(operation, kind) });
    },
    endCreateSnapshot(id, end) {
      const snapshot = snapshotBy(id);
      expectEnd('create-snapshot', end, 'done', 'undone', 'stuck');
      const kind = snapshot.copyOf === undefined ? 'create-snapshot' : 'copy-snapshot';
      require(snapshot.state === 'pending' || (snapshot.state === 'error' && end !== 'done'), `${id} ends while it is ${snapshot.state}`);
      putSnapshot({ ...closed(snapshot, kind, end), state: end === 'done' ? 'completed' : 'error' });
    },

    deleteSnapshot(id, operation) {
      const snapshot = snapshotBy(id);
      require(snapshot.state === 'completed' || snapshot.state === 'error', `${id} is deleted while it is ${snapshot.state}`);
      require(snapshot.open === undefined, `${id} is deleted while ${snapshot.open?.kind} is under way`);
      requireFree(snapshot);
      const user = [...volumes.values()].find(({ from, state }) => from === id && state === 'creating');
      require(user === undefined, `${id} is deleted while ${user?.id} is made from it`);
      const copy = [...snapshots.values()].find(({ copyOf, state }) => copyOf === id && state === 'pending');
      require(copy === undefined, `${id} is deleted while ${copy?.id} is copied from it`);
      putSnapshot({ ...snapshot, state: 'deleting', ...opening(operation, 'delete-snapshot') });
    },
    endDeleteSnapshot(id, end) {
      const snapshot = snapshotBy(id);
      expectEnd('delete-snapshot', end, 'done', 'halted');
      require(snapshot.state === 'deleting', `${id} was deleted while it was ${snapshot.state}`);
      putSnapshot({
        ...closed(snapshot, 'delete-snapshot', end),
        state: end === 'done' ? 'gone' : 'error',
        ...(end === 'done' && { tags: {} }),
      });
    },

    recycle(id) {
      if (volumes.has(id)) {
        const volume = volumeBy(id);
        require(volume.state === 'available' && volume.open === undefined, `${id} comes into the bin while it is ${volume.state}`);
        require(!isRead(id) && volume.isBarred !== true, `${id} comes into the bin while it is read or barred`);
        put({ ...volume, state: 'recycled' });
      } else {
        const snapshot = snapshotBy(id);
        require(snapshot.state === 'completed' && snapshot.open === undefined, `${id} comes into the bin while it is ${snapshot.state}`);
        requireFree(snapshot);
        putSnapshot({ ...snapshot, state: 'recycled' });
      }
    },
    takeBack(id) {
      const { state } = volumes.has(id) ? volumeBy(id) : snapshotBy(id);
      require(state === 'recycled', `${id} comes out of the bin and is ${state}`);
      if (volumes.has(id)) {
        put({ ...volumeBy(id), state: 'available' });
      } else {
        putSnapshot({ ...snapshotBy(id), state: 'completed' });
      }
    },
    deleteRecycled(id, operation) {
      const { state } = volumes.has(id) ? volumeBy(id) : snapshotBy(id);
      require(state === 'recycled', `${id} is deleted out of the bin and is ${state}`);
      if (volumes.has(id)) {
        put({ ...volumeBy(id), state: 'deleting', ...opening(operation, 'delete-volume') });
      } else {
        putSnapshot({ ...snapshotBy(id), state: 'deleting', ...opening(operation, 'delete-snapshot') });
      }
    },
    lock(id) {
      const { state } = snapshotBy(id);
      require(state === 'completed' || state === 'pending', `${id} is locked while it is ${state}`);
      putSnapshot({ ...snapshotBy(id), isLocked: true });
    },
    unlock(id) {
      require(snapshotBy(id).isLocked === true, `${id} is unlocked and was not locked`);
      putSnapshot({ ...snapshotBy(id), isLocked: false });
    },
    abandon(operation, what) {
      const volume = [...volumes.values()].find(({ open }) => open?.id === operation);
      const snapshot = [...snapshots.values()].find(({ open }) => open?.id === operation);
      require(volume !== undefined || snapshot !== undefined, `${operation} is abandoned and was not open`);
      if (snapshot !== undefined) {
        const { open: _over, ...rest } = snapshot;
        require(what === 'snapshot', `${operation} of a snapshot leaves ${what}`);
        putSnapshot({ ...rest, state: 'error' });
      }
      if (volume !== undefined) {
        const { open: _over, attachment, ...rest } = volume;
        const kept = attachment === undefined ? {} : { attachment };
        if (what === 'attachment' && attachment !== undefined) {
          put({ ...rest, attachment: { ...attachment, state: 'busy' }, isBarred: true });
        } else if (what === 'volume') {
          put({ ...rest, ...kept, state: 'error' });
        } else if (what === 'modification') {
          put({ ...rest, ...kept, modification: 'failed' });
        } else {
          put({ ...rest, ...kept });
        }
      }
    },

    tag(ids, tags) {
      for (const id of ids) {
        if (volumes.has(id)) {
          require(volumeBy(id).state !== 'gone', `${id} is tagged and gone`);
          put({ ...volumeBy(id), tags: { ...volumeBy(id).tags, ...tags } });
        } else {
          require(snapshotBy(id).state !== 'gone', `${id} is tagged and gone`);
          putSnapshot({ ...snapshotBy(id), tags: { ...snapshotBy(id).tags, ...tags } });
        }
      }
    },
    untag(ids, keys) {
      const without = (tags: Readonly<Record<string, string>>) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
      for (const id of ids) {
        if (volumes.has(id)) {
          put({ ...volumeBy(id), tags: without(volumeBy(id).tags) });
        } else {
          putSnapshot({ ...snapshotBy(id), tags: without(snapshotBy(id).tags) });
        }
      }
    },

    setRunning(vm, isRunning) {
      remember(runs, vm, isRunning);
    },
    hostFailed() {
      hostFailures.push(now);
    },
  };
}
