import { operationPlaces } from '../blockstore/operation-places.ts';
import type { Site } from '../blockstore/site.ts';
import type { SagaDefinition } from '../saga/definition.ts';
import type { Operation } from '../saga/operation.ts';
import { createOperationWorker, type OperationWorker } from '../saga/operation-worker.ts';
import type { RunResult } from '../saga/runner.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { ServiceTallies } from './service-measurements.ts';

const pollEveryMs = 5_000;

interface WorkerDependencies {
  readonly store: Store;
  readonly site: Site;
  readonly owner: string;
  readonly concurrency: number;
  readonly lateCommandMs: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly log: Log;
  readonly tallies: Pick<ServiceTallies, 'operationEnded'>;
  readonly isSilent: (host: string) => boolean;
  readonly onEnded: (operation: Operation, result: RunResult) => void;
}

/** The worker of a site's operations, whose ends go to the log and the metrics. */
export function startWorker(
  definitions: readonly SagaDefinition[],
  { store, site, owner, concurrency, lateCommandMs, sleep, log, tallies, onEnded, isSilent }: WorkerDependencies,
): OperationWorker {
  const ended = (operation: Operation, outcome: RunResult['outcome'] | 'interrupted') =>
    tallies.operationEnded(operation, outcome, Date.now() - operation.createdAtMs);
  return createOperationWorker({
    journal: store,
    queue: store,
    definitions,
    owner,
    concurrency,
    placeOf: operationPlaces(site),
    isBlocked: isSilent,
    pollEveryMs,
    lateCommandMs,
    sleep,
    onResult(operation, result) {
      ended(operation, result.outcome);
      onEnded(operation, result);
      const { id, kind, resourceId } = operation;
      const fields = { operation: id, kind, resource: resourceId, ...result };
      if (result.outcome === 'done') {
        log.info(fields, 'operation done');
      } else {
        log.warn(fields, result.outcome === 'stuck' ? 'operation stuck: an undo failed; see "vbs operations show"' : 'operation failed');
      }
    },
    onInterrupted(operation, cause) {
      ended(operation, 'interrupted');
      log.error({ operation: operation.id, kind: operation.kind, err: cause }, 'operation interrupted; it will be taken up again');
    },
  });
}
