import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { AttackOrder, AttackTarget, AttackToll } from './attack-orders.ts';
import type { Cleanup } from './cleanup.ts';

const worker = fileURLToPath(new URL('attack-worker.ts', import.meta.url));

export interface Attacker {
  /** It begins nothing more, and holds what it has. */
  rest(): void;
  /** It goes away with all its connections. */
  end(): Promise<AttackToll>;
}

/**
 * Starts a process that attacks, and resolves when it has begun. What it takes of the processors the service cannot have, so that it comes last (`nice`),
 * unless all that it asks is asked before anything is measured.
 */
export async function startAttacker(order: AttackOrder, target: AttackTarget, cleanup: Cleanup): Promise<Attacker> {
  const niceness = order.kind === 'requests' && order.count !== undefined ? '0' : '15';
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    'nice',
    ['-n', niceness, process.execPath, '--import', 'tsx', worker],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  cleanup.add(() => void child.kill('SIGKILL'));
  // One that was ended hears no more.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.write(`${JSON.stringify({ order, target })}\n`);
  const said: IteratorResult<string, undefined> = await lines.next();
  if (said.value !== 'begun') {
    throw new Error('a process of the attacker could not begin');
  }
  return {
    rest: () => void child.stdin.write('rest\n'),
    async end() {
      const ended = child.exitCode === null ? once(child, 'exit') : undefined;
      child.stdin.end('rest\nend\n');
      const line: IteratorResult<string, undefined> = await lines.next();
      await ended;
      return line.value === undefined ? { counts: {} } : (JSON.parse(line.value) as AttackToll);
    },
  };
}
