import type { CommandRecord } from './thing.ts';

/**
 * - `refused`: the tool said no, and nothing leads to think that it did anything.
 * - `unknown`: a time-out or a lost connection; it may or may not have worked, and only looking tells.
 * - `unavailable`: the daemon or host is not there (nothing was done).
 * - `conflict`: something else stands where the thing should be.
 */
export type DriverErrorKind = 'refused' | 'unknown' | 'unavailable' | 'conflict';

/** A host misbehaved. The message is for the operator (log and journal), never for a client. */
export class DriverError extends Error {
  readonly kind: DriverErrorKind;
  /** Whether the same call may do better in a moment. */
  readonly retryable: boolean;
  /** Whether somebody else has it open, who may let go in a moment (udev looks into whatever comes and goes): worth some seconds. */
  readonly isBusy: boolean;
  readonly commands: readonly CommandRecord[];

  constructor(
    kind: DriverErrorKind,
    message: string,
    details: { retryable?: boolean; isBusy?: boolean; commands?: readonly CommandRecord[]; cause?: unknown } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'DriverError';
    this.kind = kind;
    this.retryable = details.retryable ?? kind === 'unknown';
    this.isBusy = details.isBusy ?? false;
    this.commands = details.commands ?? [];
  }
}

/** What tools and the kernel say of a thing that somebody has open. */
export function saysBusy(text: string): boolean {
  return /\bbusy\b|\bin use\b|\bstill used by\b|\bstill active\b/i.test(text);
}
