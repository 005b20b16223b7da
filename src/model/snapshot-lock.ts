import type { Snapshot } from './snapshot.ts';

/** `governance`: its owner may unlock it or shorten the lock. `compliance`: nobody may, after the cooling-off period. */
export type LockMode = 'governance' | 'compliance';

/** Keeps a snapshot from being deleted. */
export interface SnapshotLock {
  readonly mode: LockMode;
  readonly durationDays: number;
  /** When the end was given as a date; otherwise it comes `durationDays` after the start. */
  readonly expiresAtMs?: number;
  /** Of the compliance mode: for how long the lock can still be changed like one in governance mode. */
  readonly coolOffHours?: number;
  readonly lockedAtMs: number;
}

export type LockState = 'governance' | 'compliance-cooloff' | 'compliance' | 'expired';

export const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** When the lock of a snapshot begins to count, and when it ends: neither is known while the snapshot is pending, unless the end is a date. */
export interface LockTimes {
  readonly startsAtMs?: number;
  readonly expiresAtMs?: number;
  readonly coolOffEndsAtMs?: number;
}

export function lockTimes(lock: SnapshotLock, { completedAtMs }: Pick<Snapshot, 'completedAtMs'>): LockTimes {
  const startsAtMs = completedAtMs === undefined ? undefined : Math.max(lock.lockedAtMs, completedAtMs);
  const expiresAtMs = lock.expiresAtMs ?? (startsAtMs === undefined ? undefined : startsAtMs + lock.durationDays * dayMs);
  return {
    ...(startsAtMs !== undefined && { startsAtMs }),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(lock.coolOffHours !== undefined && { coolOffEndsAtMs: lock.lockedAtMs + lock.coolOffHours * hourMs }),
  };
}

export function lockStateAt(nowMs: number, lock: SnapshotLock, snapshot: Pick<Snapshot, 'completedAtMs'>): LockState {
  const { expiresAtMs, coolOffEndsAtMs } = lockTimes(lock, snapshot);
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) {
    return 'expired';
  }
  if (lock.mode === 'compliance' && coolOffEndsAtMs !== undefined && nowMs < coolOffEndsAtMs) {
    return 'compliance-cooloff';
  }
  return lock.mode;
}
