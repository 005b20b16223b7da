import { closeSync, existsSync, fchmodSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { DriverError } from '../driver-error.ts';
import { type Mutation, mutationSchema } from './world-state.ts';

/** The file that outlives a simulated site's process: one change a line. */
export interface WorldJournal {
  append(mutation: Mutation): void;
  close(): void;
}

/**
 * Gives every change in the file to `apply`, then keeps the file open for more.
 * A last line without its end was being written when the process died: it is cut off, as its change was never answered for.
 * Lines are not synced to the disk: the journal is to survive the end of the process, not that of the machine.
 */
export function openWorldJournal(file: string, apply: (mutation: Mutation) => void): WorldJournal {
  const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  const wholeBytes = content.lastIndexOf('\n') + 1;
  const lines = content.subarray(0, wholeBytes).toString('utf8').split('\n');
  lines.pop();
  for (const [index, line] of lines.entries()) {
    apply(parseLine(line, `${file}:${index + 1}`));
  }
  // Readable by its owner alone, as what it stands for.
  const descriptor = openSync(file, 'a', 0o600);
  fchmodSync(descriptor, 0o600);
  if (wholeBytes < content.length) ftruncateSync(descriptor, wholeBytes);
  return {
    append(mutation) {
      const line = Buffer.from(`${JSON.stringify(mutation)}\n`);
      const end = fstatSync(descriptor).size;
      try {
        if (writeSync(descriptor, line) === line.length) return;
      } catch (cause) {
        ftruncateSync(descriptor, end);
        throw new DriverError('refused', `the simulated world cannot be written: ${(cause as Error).message}`, { cause });
      }
      // A disk that runs full takes a part of a line; what follows must not be written behind it.
      ftruncateSync(descriptor, end);
      throw new DriverError('refused', 'the simulated world cannot be written: No space left on device');
    },
    close() {
      closeSync(descriptor);
    },
  };
}

function parseLine(line: string, place: string): Mutation {
  try {
    return mutationSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new Error(`${place} is no change of a simulated world`, { cause });
  }
}
