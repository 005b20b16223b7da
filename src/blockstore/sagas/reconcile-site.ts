import type { OperationId } from '../../model/ids.ts';
import { type SagaDefinition, saga } from '../../saga/definition.ts';
import { type ShownFinding, showFinding } from '../findings.ts';
import { examine, reconcile } from '../reconcile.ts';
import type { SagaDependencies } from './saga-dependencies.ts';

export type ReconcileSiteInput = { readonly dryRun: boolean };

/** What its step leaves in the journal. */
export type ReconcileSiteResult = { readonly findings: readonly ShownFinding[]; readonly begun: readonly OperationId[] };

export const reconcileSiteHeader = { kind: 'reconcile-site', version: 1 } as const;

/** What such an operation is said to change: there is one site, so there is one at a time. */
export const siteResourceId = 'site';

/** A comparison that the operator asked for, with what it found kept in the journal. */
export function reconcileSiteSaga({ store, site, clock }: SagaDependencies): SagaDefinition {
  return saga<ReconcileSiteInput>({ ...reconcileSiteHeader, whenAStepFails: 'halt' })
    .step('compare', {
      async do({ input }): Promise<ReconcileSiteResult> {
        if (input.dryRun) {
          return { findings: (await examine({ store, site }, 'everything')).map(showFinding), begun: [] };
        }
        const { findings, begun } = await reconcile({ store, site, clock }, 'everything');
        return { findings: findings.map(showFinding), begun: begun.map(({ id }) => id) };
      },
    })
    .ends({
      done: (claim) => store.finishReconcile(claim),
      failed: (claim, _input, { step, reason }) => store.failReconcile(claim, `${step}: ${reason}`),
    });
}
