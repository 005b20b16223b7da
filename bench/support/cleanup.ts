import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is to be undone when a benchmark is over, however it ended. */
export interface Cleanup {
  add(undo: () => Promise<void> | void): void;
  /** A folder of its own in the system's one for temporary files: the paths of sockets must be short. */
  folder(): string;
}

/** Gives `work` a place to say what it made, and undoes all of it in the reverse order. */
export async function withCleanup<Value>(work: (cleanup: Cleanup) => Promise<Value>): Promise<Value> {
  const undos: (() => Promise<void> | void)[] = [];
  const add: Cleanup['add'] = (undo) => void undos.push(undo);
  try {
    return await work({
      add,
      folder() {
        const path = mkdtempSync(join(tmpdir(), 'vbs-bench-'));
        add(() => rmSync(path, { recursive: true, force: true }));
        return path;
      },
    });
  } finally {
    for (const undo of undos.reverse()) {
      await undo();
    }
  }
}
