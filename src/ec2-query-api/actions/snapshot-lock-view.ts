import type { LockedSnapshot } from '../../blockstore/blockstore.ts';
import type { LockedSnapshotsInfo, LockSnapshotResult } from '../api-model/operations.ts';

/** A snapshot's lock as EC2 shows it. */
export function snapshotLockView({
  snapshotId,
  lock,
  state,
  startsAtMs,
  expiresAtMs,
  coolOffEndsAtMs,
}: LockedSnapshot): LockSnapshotResult {
  return {
    SnapshotId: snapshotId,
    LockState: state,
    LockDuration: lock.durationDays,
    CoolOffPeriod: lock.coolOffHours,
    CoolOffPeriodExpiresOn: date(coolOffEndsAtMs),
    LockCreatedOn: new Date(lock.lockedAtMs),
    LockExpiresOn: date(expiresAtMs),
    LockDurationStartTime: date(startsAtMs),
  };
}

export function lockedSnapshotView(locked: LockedSnapshot): LockedSnapshotsInfo {
  return { ...snapshotLockView(locked), OwnerId: locked.accountId };
}

function date(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}
