import type { LockMode } from '../../model/snapshot-lock.ts';
import type { LockSnapshotRequest } from '../api-model/operations.ts';
import { ApiError } from '../errors.ts';
import { shorten } from '../wire/nest-params.ts';
import type { Action } from './action.ts';
import { readSnapshotId } from './resource-ids.ts';
import { snapshotLockView } from './snapshot-lock-view.ts';

const mostDays = 36_500;
const mostCoolOffHours = 72;

export const lockSnapshot: Action<'LockSnapshot'> = {
  members: {
    SnapshotId: 'honoured',
    LockMode: 'honoured',
    CoolOffPeriod: 'honoured',
    LockDuration: 'honoured',
    ExpirationDate: 'honoured',
    DryRun: 'honoured',
  },
  async perform(request, { blockstore, caller }) {
    const mode = readMode(request.LockMode);
    const locked = await blockstore.snapshotLocks.lock(caller, {
      snapshotId: readSnapshotId(request.SnapshotId),
      mode,
      until: readEnd(request),
      ...readCoolOff(request.CoolOffPeriod, mode),
      dryRun: request.DryRun ?? false,
    });
    return snapshotLockView(locked);
  },
};

function readMode(text: string): LockMode {
  if (text === 'governance' || text === 'compliance') return text;
  throw new ApiError(
    'InvalidParameterValue',
    `Value (${shorten(text)}) for parameter lockMode is invalid. Expected: governance or compliance.`,
  );
}

function readEnd({ LockDuration, ExpirationDate }: LockSnapshotRequest): { durationDays: number } | { expiresAtMs: number } {
  if (LockDuration !== undefined && ExpirationDate !== undefined) {
    throw new ApiError('InvalidParameterCombination', 'Only one of LockDuration and ExpirationDate can be specified.');
  }
  if (ExpirationDate !== undefined) return { expiresAtMs: ExpirationDate.getTime() };
  if (LockDuration === undefined) {
    throw new ApiError('MissingParameter', 'The request must contain the parameter LockDuration or ExpirationDate');
  }
  return { durationDays: within('LockDuration', LockDuration, mostDays) };
}

function readCoolOff(hours: number | undefined, mode: LockMode): { readonly coolOffHours?: number } {
  if (hours === undefined) return {};
  if (mode === 'governance') {
    throw new ApiError('InvalidParameterCombination', 'The parameter CoolOffPeriod can only be used with the lock mode compliance.');
  }
  return { coolOffHours: within('CoolOffPeriod', hours, mostCoolOffHours) };
}

function within(parameter: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new ApiError(
    'InvalidParameterValue',
    `Value (${value}) for parameter ${parameter} is invalid. Expected: a value from 1 to ${most}.`,
  );
}
