import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { SnapshotId } from '../model/ids.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { dayMs, lockStateAt, lockTimes, type SnapshotLock } from '../model/snapshot-lock.ts';
import type { LockOfSnapshot } from '../store/store.ts';
import { endDryRun } from './begin-or-recheck.ts';
import type { LockedSnapshot, LockSnapshotRequest, SnapshotLocks, Snapshots } from './blockstore.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

/** A hundred years: the longest that EC2 takes. */
const mostDays = 36_500;

export function createSnapshotLocks({ store, clock }: Pick<UseCaseDependencies, 'store' | 'clock'>, snapshots: Snapshots): SnapshotLocks {
  const lock: SnapshotLocks['lock'] = async (caller, request) => {
    const { snapshotId, dryRun } = request;
    const { snapshot, found } = await read(caller, snapshotId);
    if (snapshot.state !== 'completed' && snapshot.state !== 'pending') {
      throw new Failure({ kind: 'snapshot-state', snapshotId, state: snapshot.state });
    }
    const wanted = newLock(request);
    if (found !== undefined) {
      refuseLoosening(snapshot, found, wanted);
    }
    endDryRun(dryRun);
    const { accountId } = caller;
    const { outcome } = await store.putSnapshotLock({ accountId, snapshotId, lock: wanted, found });
    // Refused when another request was faster. Asked anew, what it did is told as it is.
    return outcome === 'done' ? lockedSnapshot(snapshot, wanted) : lock(caller, request);
  };

  const unlock: SnapshotLocks['unlock'] = async (caller, request) => {
    const { snapshotId, dryRun } = request;
    const { snapshot, found } = await read(caller, snapshotId);
    if (found === undefined) {
      throw new Failure({ kind: 'snapshot-not-locked', snapshotId });
    }
    if (lockStateAt(clock(), found, snapshot) === 'compliance') {
      throw notPermitted(`The snapshot ${snapshotId} is locked in compliance mode and cannot be unlocked before its lock expires.`);
    }
    endDryRun(dryRun);
    const { outcome } = await store.removeSnapshotLock({ accountId: caller.accountId, snapshotId, found });
    return outcome === 'done' ? undefined : unlock(caller, request);
  };

  return {
    lock,
    unlock,
    async list(caller, snapshotIds) {
      if (snapshotIds !== undefined) {
        await snapshots.list(caller, snapshotIds);
      }
      return (await store.snapshotLocks(caller.accountId, snapshotIds)).map((found) => shown(caller, found));
    },

    async listAfter(caller, range) {
      return (await store.snapshotLocksAfter(caller.accountId, range)).map((found) => shown(caller, found));
    },
  };

  async function read(caller: Caller, snapshotId: SnapshotId): Promise<{ snapshot: Snapshot; found: SnapshotLock | undefined }> {
    const [snapshot] = await snapshots.list(caller, [snapshotId]);
    const [locked] = await store.snapshotLocks(caller.accountId, [snapshotId]);
    return { snapshot: snapshot as Snapshot, found: locked?.lock };
  }

  function newLock({ mode, until, coolOffHours }: LockSnapshotRequest): SnapshotLock {
    const lockedAtMs = clock();
    const rest = { mode, lockedAtMs, ...(coolOffHours !== undefined && { coolOffHours }) };
    if ('durationDays' in until) {
      return { ...rest, durationDays: until.durationDays };
    }
    const { expiresAtMs } = until;
    const durationDays = Math.ceil((expiresAtMs - lockedAtMs) / dayMs);
    if (durationDays < 1 || durationDays > mostDays) {
      const reason = `The ExpirationDate has to be in the future, and at most ${mostDays} days from now.`;
      throw new Failure({ kind: 'invalid-parameter-value', parameter: 'ExpirationDate', reason });
    }
    return { ...rest, durationDays, expiresAtMs };
  }

  /** After the cooling-off period a lock in compliance mode can only be made to last longer. */
  function refuseLoosening(snapshot: Snapshot, found: SnapshotLock, wanted: SnapshotLock): void {
    if (lockStateAt(clock(), found, snapshot) !== 'compliance') {
      return;
    }
    const locked = `The snapshot ${snapshot.id} is locked in compliance mode`;
    if (wanted.mode !== 'compliance') {
      throw notPermitted(`${locked}, which cannot be changed before its lock expires.`);
    }
    if (wanted.coolOffHours !== undefined) {
      throw notPermitted(`${locked}, and a lock that is extended has no cooling-off period any more.`);
    }
    if (endOf(wanted, snapshot) <= endOf(found, snapshot)) {
      throw notPermitted(`${locked}, and its lock can only be extended.`);
    }
  }

  /** Of a snapshot that is pending, the earliest that is possible: it is compared with another one of the same snapshot. */
  function endOf(lock: SnapshotLock, { completedAtMs = clock() }: Snapshot): number {
    return lockTimes(lock, { completedAtMs }).expiresAtMs ?? 0;
  }

  function shown({ accountId }: Caller, { snapshotId, lock: itsLock, ...snapshot }: LockOfSnapshot): LockedSnapshot {
    return lockedSnapshot({ id: snapshotId, accountId, ...snapshot }, itsLock);
  }

  function lockedSnapshot(snapshot: Pick<Snapshot, 'id' | 'accountId' | 'completedAtMs'>, itsLock: SnapshotLock): LockedSnapshot {
    const { id: snapshotId, accountId } = snapshot;
    return { snapshotId, accountId, lock: itsLock, state: lockStateAt(clock(), itsLock, snapshot), ...lockTimes(itsLock, snapshot) };
  }
}

function notPermitted(reason: string): Failure {
  return new Failure({ kind: 'not-permitted', reason });
}
