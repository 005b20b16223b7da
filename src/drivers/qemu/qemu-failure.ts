import type { CommandRecord } from '../../model/command-record.ts';
import { DriverError, type DriverErrorKind, saysBusy } from '../driver-error.ts';
import type { ExportSource } from './disk-parts.ts';
import { QmpError } from './qmp-client.ts';

interface KnownFailure {
  readonly form: RegExp;
  readonly kind: DriverErrorKind;
  readonly retryable: boolean;
  readonly meaning: (source: ExportSource) => string;
}

/** What QEMU 7.2 with libiscsi 1.19 says, and what it means. */
const knownFailures: readonly KnownFailure[] = [
  {
    form: /Authentication failure\(513\)/,
    kind: 'refused',
    retryable: false,
    meaning: ({ target, chapUser }) => `${target} does not accept the CHAP secret of ${chapUser}`,
  },
  {
    // A target hides itself from an initiator that it does not know, so the two cannot be told apart from here.
    form: /Target not found\(515\)/,
    kind: 'refused',
    retryable: false,
    meaning: ({ target, portal, initiatorName }) => `${portal} has no target ${target}, or does not allow ${initiatorName} to use it`,
  },
  {
    form: /LOGICAL_UNIT_NOT_SUPPORTED/,
    kind: 'refused',
    retryable: false,
    meaning: ({ target, lun }) => `${target} has no LUN ${lun}`,
  },
  {
    form: /iSCSI: Failed to connect/,
    kind: 'unavailable',
    retryable: true,
    meaning: ({ target, portal }) => `cannot connect to ${target} at ${portal}`,
  },
  {
    form: /Unknown driver 'iscsi'|does not accept value 'iscsi'/,
    kind: 'refused',
    retryable: false,
    meaning: () => 'this QEMU has no iSCSI initiator (Debian: package qemu-block-extra, and the VM restarted)',
  },
  {
    form: /no slot\/function available|already occupied|not available for/,
    kind: 'refused',
    retryable: false,
    meaning: () => 'the VM has no free PCI slot',
  },
];

/** Turns what went wrong in the middle of an operation into a DriverError that carries the commands so far; a bug passes through as it is. */
export function qemuFailure(error: unknown, commands: readonly CommandRecord[], source?: ExportSource): unknown {
  if (error instanceof QmpError) {
    const known = source === undefined ? undefined : knownFailures.find(({ form }) => form.test(error.message));
    if (known === undefined || source === undefined)
      return new DriverError('refused', error.message, { isBusy: saysBusy(error.message), commands, cause: error });
    const message = `${known.meaning(source)}: ${error.message}`;
    return new DriverError(known.kind, message, { retryable: known.retryable, commands, cause: error });
  }
  if (error instanceof DriverError) {
    const { retryable, isBusy } = error;
    return new DriverError(error.kind, error.message, { retryable, isBusy, commands, cause: error });
  }
  return error;
}
