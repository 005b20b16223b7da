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
  readonly commands: readonly CommandRecord[];

  constructor(
    kind: DriverErrorKind,
    message: string,
    details: { retryable?: boolean; commands?: readonly CommandRecord[]; cause?: unknown } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'DriverError';
    this.kind = kind;
    this.retryable = details.retryable ?? kind === 'unknown';
    this.commands = details.commands ?? [];
  }
}
