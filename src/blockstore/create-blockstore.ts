import { createAccountSettings } from './account-settings.ts';
import { createAttachments } from './attachments.ts';
import type { Blockstore } from './blockstore.ts';
import { createInstances } from './instances.ts';
import { createModifications } from './modifications.ts';
import { createRecycleBin } from './recycle-bin.ts';
import { createSnapshotLocks } from './snapshot-locks.ts';
import { createSnapshotPermissions } from './snapshot-permissions.ts';
import { createSnapshots } from './snapshots.ts';
import { createTags } from './tags.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';
import { createVisibleInstances } from './visible-instances.ts';
import { createVolumes } from './volumes.ts';

export function createBlockstore(dependencies: UseCaseDependencies): Blockstore {
  const volumes = createVolumes(dependencies);
  const visible = createVisibleInstances(dependencies);
  const snapshots = createSnapshots(dependencies, visible);
  return {
    volumes,
    modifications: createModifications(dependencies, volumes),
    snapshots,
    attachments: createAttachments(dependencies, visible),
    instances: createInstances(dependencies, visible),
    tags: createTags(dependencies, volumes, snapshots),
    snapshotPermissions: createSnapshotPermissions(dependencies),
    snapshotLocks: createSnapshotLocks(dependencies, snapshots),
    recycleBin: createRecycleBin(dependencies, snapshots),
    accountSettings: createAccountSettings(dependencies),
  };
}
