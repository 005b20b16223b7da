import type { OperationId } from '../model/ids.ts';
import type { SagaDefinition } from './definition.ts';
import { createFairQueue, type QueuePlace } from './fair-queue.ts';
import type { Journal } from './journal.ts';
import type { Operation } from './operation.ts';
import { type RunResult, runOperation } from './runner.ts';

/** Where open operations are found and held. */
export interface OperationQueue {
  /**
   * Claims operations that nobody works on: those whose lease is over and whose owner is another, and those of `dropped`, which the owner itself stopped working on.
   * Each comes back with a raised generation. With `afterRestart` the leases are not waited for, and stuck ones are tried again: the caller knows that no other server runs.
   */
  claimAbandoned(request: {
    readonly owner: string;
    readonly kinds: readonly { readonly kind: string; readonly version: number }[];
    readonly afterRestart: boolean;
    readonly dropped: readonly OperationId[];
  }): Promise<readonly Operation[]>;
  /** Prolongs the leases of everything that `owner` holds. */
  renewLeases(owner: string): Promise<void>;
}

export interface OperationWorkerDependencies {
  readonly journal: Journal;
  readonly queue: OperationQueue;
  readonly definitions: readonly SagaDefinition[];
  /** Names this server process; new at each start. */
  readonly owner: string;
  /** How many operations of one group run at the same time at the most, and of all groups half as many again; the others wait for their turn. */
  readonly concurrency: number;
  /** In whose turn an operation is taken, and what it may be held up by. Answers the same of the same operation. */
  placeOf(operation: Operation): QueuePlace;
  /** Whether a lane is known not to get on at the moment. */
  isBlocked(lane: string): boolean;
  /** How often leases are renewed and abandoned operations looked for. */
  readonly pollEveryMs: number;
  /**
   * A command may outlive the process that gave it, and take effect after somebody else has looked. So an operation that another process left with
   * a step in doubt waits this long, in milliseconds, before it goes on. 0: commands end with their process.
   */
  readonly lateCommandMs: number;
  sleep(milliseconds: number): Promise<void>;
  onResult(operation: Operation, result: RunResult): void;
  /** The run was interrupted: a lost claim, or a store that cannot be written. The operation stays open and is taken up again at the next poll. */
  onInterrupted(operation: Operation, cause: unknown): void;
}

/** Runs operations in the background. */
export interface OperationWorker {
  /** Puts an operation that this server holds into the queue; when it runs is decided fairly between the groups. */
  start(operation: Operation): void;
  /** Claims what earlier processes left unfinished. To be called when no other server can be running, and before the first `start`. */
  claimAbandoned(): Promise<readonly Operation[]>;
  /** Takes up what was claimed, through the same code as `start`, and begins to renew leases and to look for more. */
  begin(claimed: readonly Operation[]): void;
  /** How many operations wait for their turn, and of how many groups. */
  waiting(): { readonly operations: number; readonly groups: number };
  /** Resolves when nothing runs or waits. */
  whenIdle(): Promise<void>;
  /** Begins nothing new; resolves when what runs has ended or `timeoutMs` is over. What is left is taken up at the next start. */
  stop(timeoutMs: number): Promise<void>;
}

export function createOperationWorker(dependencies: OperationWorkerDependencies): OperationWorker {
  const { journal, queue, definitions, owner, concurrency, placeOf, isBlocked } = dependencies;
  const definitionOf = new Map(definitions.map((definition) => [`${definition.kind}@${definition.version}`, definition]));
  const kinds = definitions.map(({ kind, version }) => ({ kind, version }));
  const waiting = createFairQueue<Operation>({ mostOfGroup: concurrency, placeOf, isBlocked });
  const idleListeners: (() => void)[] = [];
  let running = 0;
  let stopped = false;
  const dropped = new Set<OperationId>();
  let timer: NodeJS.Timeout | undefined;

  const runNext = (): void => {
    while (!stopped) {
      const operation = waiting.take();
      if (operation === undefined) {
        break;
      }
      running += 1;
      void run(operation).finally(() => {
        running -= 1;
        waiting.ended(operation);
        runNext();
      });
    }
    if (running === 0 && (stopped || waiting.waiting().items === 0)) {
      for (const listener of idleListeners.splice(0)) {
        listener();
      }
    }
  };

  const run = async (operation: Operation): Promise<void> => {
    const definition = definitionOf.get(`${operation.kind}@${operation.version}`);
    try {
      if (definition === undefined) {
        throw new Error(`no saga ${operation.kind} version ${operation.version}`);
      }
      if (operation.generation > 1) {
        await waitForLateCommands(operation);
      }
      dependencies.onResult(operation, await runOperation(definition, operation, { journal }));
    } catch (cause) {
      dropped.add(operation.id);
      dependencies.onInterrupted(operation, cause);
    }
  };

  const waitForLateCommands = async ({ id }: Operation): Promise<void> => {
    const last = (await journal.entries(id)).at(-1);
    if (dependencies.lateCommandMs > 0 && last?.outcome === 'intended') {
      await dependencies.sleep(dependencies.lateCommandMs);
    }
  };

  const whenIdle = (): Promise<void> =>
    new Promise((resolve) => {
      idleListeners.push(resolve);
      runNext();
    });

  const takeUp = (operations: readonly Operation[]): void => {
    for (const operation of operations) {
      waiting.add(operation);
    }
    runNext();
  };

  const poll = async (): Promise<void> => {
    await queue.renewLeases(owner);
    const again = [...dropped];
    const claimed = await queue.claimAbandoned({ owner, kinds, afterRestart: false, dropped: again });
    for (const id of again) {
      dropped.delete(id);
    }
    takeUp(claimed);
  };

  return {
    start: (operation) => takeUp([operation]),
    claimAbandoned: () => queue.claimAbandoned({ owner, kinds, afterRestart: true, dropped: [] }),
    begin(claimed) {
      takeUp(claimed);
      // A store that cannot be written at the moment fails requests too, which say so; the next round tries again.
      timer = setInterval(() => void poll().catch(() => undefined), dependencies.pollEveryMs);
      timer.unref();
    },
    waiting() {
      const { items, groups } = waiting.waiting();
      return { operations: items, groups };
    },
    whenIdle,
    async stop(timeoutMs) {
      stopped = true;
      clearInterval(timer);
      let patience: NodeJS.Timeout | undefined;
      await Promise.race([
        whenIdle(),
        new Promise<void>((resolve) => {
          patience = setTimeout(resolve, timeoutMs);
        }),
      ]);
      clearTimeout(patience);
    },
  };
}
