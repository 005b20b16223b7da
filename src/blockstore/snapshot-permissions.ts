import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { SnapshotId } from '../model/ids.ts';
import { endDryRun } from './begin-or-recheck.ts';
import type { SnapshotPermissions } from './blockstore.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

export function createSnapshotPermissions({ store }: Pick<UseCaseDependencies, 'store'>): SnapshotPermissions {
  return {
    async list(caller, snapshotId) {
      await refuseUnowned(caller, snapshotId);
      return (await store.snapshotPermissions([snapshotId])).map(({ grantee }) => grantee);
    },

    async change(caller, { snapshotId, add, remove, dryRun }) {
      await refuseUnowned(caller, snapshotId);
      if (add.includes('all') && (await store.accountSetting(caller.accountId, 'snapshot-public-access')) !== undefined) {
        throw new Failure({ kind: 'not-permitted', reason: 'The account blocks the sharing of its snapshots with everyone.' });
      }
      endDryRun(dryRun);
      const { outcome } = await store.changeSnapshotPermissions({ accountId: caller.accountId, snapshotId, add, remove });
      if (outcome === 'refused') {
        throw notFound(snapshotId);
      }
    },
  };

  async function refuseUnowned({ accountId }: Caller, snapshotId: SnapshotId): Promise<void> {
    const [snapshot] = await store.snapshots(accountId, [snapshotId]);
    if (snapshot === undefined || snapshot.state === 'deleting') {
      throw notFound(snapshotId);
    }
  }
}

function notFound(snapshotId: SnapshotId): Failure {
  return new Failure({ kind: 'snapshot-not-found', snapshotIds: [snapshotId] });
}
