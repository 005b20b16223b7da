import { createAttachments } from './attachments.ts';
import type { Blockstore } from './blockstore.ts';
import { createInstances } from './instances.ts';
import { createSnapshots } from './snapshots.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';
import { createVolumes } from './volumes.ts';

export function createBlockstore(dependencies: UseCaseDependencies): Blockstore {
  return {
    volumes: createVolumes(dependencies),
    snapshots: createSnapshots(dependencies),
    attachments: createAttachments(dependencies),
    instances: createInstances(dependencies),
  };
}
