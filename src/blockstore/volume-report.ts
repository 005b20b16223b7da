import type { CommandRecord } from '../model/command-record.ts';
import type { Volume } from '../model/volume.ts';
import type { JournalEntry } from '../saga/journal.ts';
import type { Operation } from '../saga/operation.ts';
import type { Bar } from '../store/store.ts';
import { remedyOfFailure } from './failed-step-remedy.ts';

/** What the operator wants to know of a volume. */
export interface VolumeReport {
  readonly volume: Volume;
  /** Why it is as it is: the bar, or what went wrong last; nothing when all is well. */
  readonly reason?: string;
  readonly bar?: Bar;
  /** It was deleted by its owner, who can have it back until it exits. */
  readonly recycled?: { readonly enteredAtMs: number; readonly exitsAtMs: number };
  /** The last one; when it is under way or stuck, the volume takes no other. */
  readonly operation?: Operation;
  /** Of the last step that failed: the last command that did not end with 0, or the last of all when each claimed to have worked. */
  readonly failedCommand?: FailedCommand;
  /** What the service will do next, or what is to be done. */
  readonly next: string;
}

export interface FailedCommand extends CommandRecord {
  readonly operationId: string;
  readonly step: string;
}

/** The last command that failed, in the newest of the operations that had one. Their journals in the order of the operations, the newest first. */
export function lastFailedCommand(
  journals: readonly { readonly operation: Operation; readonly journal: readonly JournalEntry[] }[],
): FailedCommand | undefined {
  for (const { operation, journal } of journals) {
    for (const { step, outcome, commands } of [...journal].reverse()) {
      const failed = outcome === 'failed' ? (commands.findLast(({ exitCode }) => exitCode !== 0) ?? commands.at(-1)) : undefined;
      if (failed !== undefined) {
        return { operationId: operation.id, step, ...failed };
      }
    }
  }
  return undefined;
}

/** Of a volume in the recycle bin. */
export function nextOfRecycled(id: string): string {
  return `none: it is deleted for good when its time is up; until then its owner can have it back: aws ec2 restore-volume-from-recycle-bin --volume-id ${id}`;
}

/**
 * One sentence: what happens by itself, or the one thing that is to be done, at the machine where the operation failed. `operations` are the volume's, the
 * newest first: a volume in several VMs may be held up by an older one.
 */
export function nextAction({ id, state, attachments }: Volume, bar: Bar | undefined, operations: readonly Operation[]): string {
  const [operation] = operations;
  if (operation?.state === 'stuck') {
    return `${remedyOfFailure(operation)}, then: vbs operations retry ${operation.id}`;
  }
  if (operation?.state === 'running' || operation?.state === 'undoing') {
    return `none of yours: the running service goes on with ${operation.kind} ${operation.id}, or the next one at its start`;
  }
  if (bar !== undefined) {
    return `make sure that the VMM host cannot reach the volume, then: vbs volumes clear ${id} --fenced "WHAT WAS DONE"`;
  }
  if (attachments.some((attachment) => attachment.state === 'busy')) {
    const detach = operations.find((each) => each.kind === 'detach-volume' && each.state === 'halted');
    return `${detach === undefined ? `mend the cause (vbs volumes show ${id})` : remedyOfFailure(detach)}, then detach the volume again`;
  }
  if (attachments.length > 0 && operation?.kind === 'restore-attachment' && operation.state === 'halted') {
    return `${remedyOfFailure(operation)}; the service tries it again every minute`;
  }
  if (state === 'error') {
    return `${operation?.failure === undefined ? 'mend the cause' : remedyOfFailure(operation)}, then delete the volume`;
  }
  return 'none';
}
