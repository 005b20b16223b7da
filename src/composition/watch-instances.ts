import { createEndedInstances, type EndedInstancesDependencies, type EndsSeen } from '../blockstore/ended-instances.ts';
import type { OperationWorker } from '../saga/operation-worker.ts';
import type { Log } from '../telemetry/log.ts';
import { repeatedly } from './repeatedly.ts';

export interface WatchDependencies extends EndedInstancesDependencies {
  readonly worker: Pick<OperationWorker, 'start'>;
  readonly log: Log;
  readonly everyMs: number;
}

/** Looks from time to time whether instances with attached volumes have ended. Beside what guards the site: a cloud that is slow must not keep VMs waiting for their exports. */
export function watchInstances(dependencies: WatchDependencies): { stop(): Promise<void> } {
  const { worker, log, everyMs } = dependencies;
  const ended = createEndedInstances(dependencies);
  let heldBefore = new Set<string>();

  const look = async (): Promise<void> => {
    const seen = await ended.look();
    const heldNow = report(log, seen, heldBefore);
    heldBefore = heldNow;
    for (const { operation } of seen.begun) {
      worker.start(operation);
    }
  };
  const lookSafely = () => look().catch((cause: unknown) => log.error({ err: cause }, 'the ends of instances could not be looked for'));
  return repeatedly(lookSafely, everyMs);
}

/** Tells what is new; answers what holds volumes back, to be told once. */
function report(log: Log, { noticed, doubted, held, begun }: EndsSeen, heldBefore: ReadonlySet<string>): Set<string> {
  for (const fields of noticed) {
    log.warn(fields, 'an instance with volumes is said to have ended; they are detached when that stays so');
  }
  for (const fields of doubted) {
    log.info(fields, 'an instance is no longer said to have ended');
  }
  for (const { operation, ...fields } of begun) {
    log.warn({ ...fields, operation: operation.id }, 'the instance has ended, and its volume is detached');
  }
  const heldNow = new Set<string>();
  for (const fields of held) {
    const key = JSON.stringify(fields);
    heldNow.add(key);
    if (!heldBefore.has(key)) {
      log.warn(fields, 'the instance has ended, and its volume is not detached yet');
    }
  }
  return heldNow;
}
