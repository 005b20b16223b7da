import { emptyRecycleBin } from '../blockstore/empty-recycle-bin.ts';
import { type Finding, type ShownFinding, showFinding } from '../blockstore/findings.ts';
import { type ReconcileDependencies, type ReconcileScope, reconcile } from '../blockstore/reconcile.ts';
import type { OperationWorker } from '../saga/operation-worker.ts';
import type { Log } from '../telemetry/log.ts';
import type { BuiltSite } from './built-site.ts';

/** How often the exports of attached volumes are looked for: VMs wait for those that a restart of an export server has lost. */
const exportsEveryMs = 5_000;

export interface GuardDependencies extends ReconcileDependencies {
  readonly worker: Pick<OperationWorker, 'start'>;
  readonly log: Log;
  /** How often all that the hosts list is compared with the database. */
  readonly everythingEveryMs: number;
  /** Told how a comparison of everything ended, and what it has found. */
  readonly onCompared?: (outcome: 'done' | 'failed', findings: readonly Finding[]) => void;
}

/** Looks after a site at start and from then on: starts managed daemons that have died, makes anew what attachments have lost, reports what it must not touch, and empties the recycle bin. */
export function guardSite(built: Pick<BuiltSite, 'heal'>, dependencies: GuardDependencies): { stop(): Promise<void> } {
  const { worker, log, clock, everythingEveryMs, onCompared } = dependencies;
  const reportFindings = createFindingsReport(log);
  let everythingAtMs = 0;

  const look = async (): Promise<void> => {
    if (await built.heal()) {
      log.warn({}, 'the export daemon had died and was started again');
    }
    const scope: ReconcileScope = clock() >= everythingAtMs ? 'everything' : 'exports';
    const { findings, begun } = await reconcile(dependencies, scope);
    if (scope === 'everything') {
      everythingAtMs = clock() + everythingEveryMs;
      reportFindings(findings);
      onCompared?.('done', findings);
    }
    for (const operation of begun) {
      log.warn({ operation: operation.id, resource: operation.resourceId }, 'an attached volume has lost something, which is made anew');
      worker.start(operation);
    }
    for (const operation of await emptyRecycleBin(dependencies)) {
      log.info({ operation: operation.id, resource: operation.resourceId }, 'what was in the recycle bin for its time is deleted');
      worker.start(operation);
    }
  };

  const lookSafely = () =>
    look().catch((cause: unknown) => {
      onCompared?.('failed', []);
      log.error({ err: cause }, 'the hosts could not be compared with the database');
    });
  let underWay = lookSafely();
  const timer = setInterval(() => {
    underWay = underWay.then(lookSafely);
  }, exportsEveryMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}

const messages: Record<Finding['kind'], string> = {
  missing: 'a host differs from the database',
  unknown: 'a host differs from the database',
  elsewhere: 'a host has what the database has on another one',
  unnamed: 'the settings do not name a host that something is on',
  unseen: 'a host cannot be compared with the database',
  filling: 'the storage of a volume server runs full',
};

/** Logs a finding when it is new, and once more when it is settled; not in every round. */
function createFindingsReport(log: Log): (findings: readonly Finding[]) => void {
  let known = new Map<string, ShownFinding>();
  return (findings) => {
    const now = new Map(findings.map(showFinding).map((shown) => [JSON.stringify(shown), shown]));
    for (const [key, fields] of now) {
      if (!known.has(key)) {
        const text = `${messages[fields.kind]}; see docs/operating.md`;
        if (fields.kind === 'filling') {
          log.error(fields, text);
        } else {
          log.warn(fields, text);
        }
      }
    }
    for (const [key, fields] of known) {
      if (!now.has(key)) {
        log.info(
          fields,
          fields.kind === 'filling'
            ? 'the storage of a volume server has room again, or is filled otherwise'
            : 'a host agrees with the database again',
        );
      }
    }
    known = now;
  };
}
