import type { SagaDefinition } from './definition.ts';
import type { Journal } from './journal.ts';
import type { Operation } from './operation.ts';
import { type RunResult, runOperation } from './runner.ts';

/** Where open operations are found and held. */
export interface OperationQueue {
  /**
   * Claims operations that nobody works on: their lease is over and their owner is not `owner`. Each comes back with a raised generation.
   * With `afterRestart` the leases are not waited for, and stuck ones are tried again: the caller knows that no other server runs.
   */
  claimAbandoned(request: {
    readonly owner: string;
    readonly kinds: readonly { readonly kind: string; readonly version: number }[];
    readonly afterRestart: boolean;
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
  /** How many operations run at the same time; the others wait in the order in which they came. */
  readonly concurrency: number;
  /** How often leases are renewed and abandoned operations looked for. */
  readonly pollEveryMs: number;
  onResult(operation: Operation, result: RunResult): void;
  /** The run was interrupted: a lost claim, or a store that cannot be written. The operation stays open and is claimed again later. */
  onInterrupted(operation: Operation, cause: unknown): void;
}

/** Runs operations in the background. */
export interface OperationWorker {
  /** Puts an operation that this server holds into the queue. */
  start(operation: Operation): void;
  /** Takes up what an earlier process left unfinished, through the same code as `start`. */
  recover(options: { readonly afterRestart: boolean }): Promise<readonly Operation[]>;
  /** Begins to renew leases and to look for operations that were given free. */
  poll(): void;
  /** Resolves when nothing runs or waits. */
  whenIdle(): Promise<void>;
  /** Begins nothing new; resolves when what runs has ended or `timeoutMs` is over. What is left is taken up at the next start. */
  stop(timeoutMs: number): Promise<void>;
}

export function createOperationWorker(dependencies: OperationWorkerDependencies): OperationWorker {
  const { journal, queue, definitions, owner, concurrency } = dependencies;
  const definitionOf = new Map(definitions.map((definition) => [`${definition.kind}@${definition.version}`, definition]));
  const kinds = definitions.map(({ kind, version }) => ({ kind, version }));
  const waiting: Operation[] = [];
  const idleListeners: (() => void)[] = [];
  let running = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const begin = (): void => {
    while (!stopped && running < concurrency) {
      const operation = waiting.shift();
      if (operation === undefined) {
        break;
      }
      running += 1;
      void run(operation).finally(() => {
        running -= 1;
        begin();
      });
    }
    if (running === 0 && (stopped || waiting.length === 0)) {
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
      dependencies.onResult(operation, await runOperation(definition, operation, { journal }));
    } catch (cause) {
      dependencies.onInterrupted(operation, cause);
    }
  };

  const whenIdle = (): Promise<void> =>
    new Promise((resolve) => {
      idleListeners.push(resolve);
      begin();
    });

  const recover: OperationWorker['recover'] = async ({ afterRestart }) => {
    const claimed = await queue.claimAbandoned({ owner, kinds, afterRestart });
    waiting.push(...claimed);
    begin();
    return claimed;
  };

  return {
    start(operation) {
      waiting.push(operation);
      begin();
    },
    recover,
    poll() {
      let polling = false;
      timer = setInterval(async () => {
        if (polling) {
          return;
        }
        polling = true;
        try {
          await queue.renewLeases(owner);
          await recover({ afterRestart: false });
        } catch {
          // The store cannot be written at the moment; the next round tries again, and requests report it.
        } finally {
          polling = false;
        }
      }, dependencies.pollEveryMs);
      timer.unref();
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
