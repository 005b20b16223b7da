import type { Store } from '../store.ts';
import { runBatch } from './guarded-batch.ts';
import { endOperation, insertOperation, type WriteContext } from './operation-writes.ts';

/** Operations that change nothing in the database but the journal. */
export function createReconcileWrites(context: WriteContext): Pick<Store, 'beginReconcile' | 'finishReconcile' | 'failReconcile'> {
  return {
    async beginReconcile(operation) {
      const result = runBatch(context.database, insertOperation(operation, context), { 'operations.resource_id': 'under-way' });
      return result.outcome === 'done';
    },
    async finishReconcile(claim) {
      endOperation(context, claim, { state: 'done' }, []);
    },
    async failReconcile(claim, failure) {
      endOperation(context, claim, { state: 'halted', failure }, []);
    },
  };
}
