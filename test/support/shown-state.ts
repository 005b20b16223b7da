import { openOperationStates } from '../../src/saga/operation.ts';
import { caller, type RunningService } from './saga-rig.ts';

/** What the caller's account has, one line a resource, without ids and sorted. */
export async function shownState({ store }: Pick<RunningService, 'store'>): Promise<readonly string[]> {
  const volumes = (await store.volumes(caller.accountId)).map(({ state, sizeGiB, attachments }) =>
    [
      `volume ${state}`,
      ...(sizeGiB === 1 ? [] : [`${sizeGiB} GiB`]),
      ...attachments.map((attachment) => `${attachment.state} to ${attachment.instanceId}`),
    ].join(', '),
  );
  const snapshots = (await store.snapshots(caller.accountId)).map(({ state }) => `snapshot ${state}`);
  return [...volumes, ...snapshots].sort();
}

/** What the world must hold and may hold besides, by the database alone, when nothing is under way. */
export async function inventoryByDatabase({ store }: Pick<RunningService, 'store'>): Promise<{
  readonly must: readonly string[];
  readonly may: readonly string[];
}> {
  const must: string[] = [];
  const may: string[] = [];
  const place = async (resourceId: string, state: string, line: string): Promise<void> => {
    const [last] = await store.operations({ resourceId, limit: 1 });
    if (state !== 'error') {
      must.push(line);
    } else if (last?.kind.startsWith('delete-') || last?.state === 'abandoned') {
      // A delete that stopped may have done its work and not have been able to tell; what was abandoned is as it was left.
      may.push(line, ...temporaryOf(last.input));
    }
  };
  for (const { id, state, attachments } of await store.volumes(caller.accountId)) {
    await place(id, state, `volume ${id}`);
    for (const attachment of attachments) {
      const plan = await store.attachmentPlan(attachment.id);
      if (plan === undefined) {
        throw new Error(`no plan of ${attachment.id}`);
      }
      const { target, initiatorName, vmmHost, domain } = plan;
      // A detach that stopped has taken away some of it, from the front.
      (attachment.state === 'attached' ? must : may).push(
        `export ${target}`,
        `access ${target} ${initiatorName}`,
        `disk ${vmmHost} ${domain} ${id}`,
        ...(vmmHost === 'vmm1' ? [`session ${vmmHost} ${target}`] : []),
      );
    }
  }
  for (const { id, state } of await store.snapshots(caller.accountId)) {
    await place(id, state, `snapshot ${id}`);
  }
  // What is in the recycle bin is there, though it is shown to nobody.
  must.push(...(await store.recycledVolumes(caller.accountId)).map(({ id }) => `volume ${id}`));
  must.push(...(await store.recycledSnapshots(caller.accountId)).map(({ id }) => `snapshot ${id}`));
  may.push(...(await store.wipes()).map(({ name }) => `remains ${name}`));
  return { must, may };
}

/** What an operation makes on its way, for nobody. */
function temporaryOf(input: unknown): readonly string[] {
  const { temporarySnapshotId, temporaryVolumeId } = input as {
    readonly temporarySnapshotId?: string;
    readonly temporaryVolumeId?: string;
  };
  return [
    ...(temporarySnapshotId === undefined ? [] : [`snapshot ${temporarySnapshotId}`]),
    ...(temporaryVolumeId === undefined ? [] : [`volume ${temporaryVolumeId}`]),
  ];
}

/** How the world differs from what the database says; nothing when they agree. */
export async function disagreements(service: Pick<RunningService, 'store'>, inventory: readonly string[]): Promise<readonly string[]> {
  const open = await service.store.operations({ states: openOperationStates, limit: 100 });
  const { must, may } = await inventoryByDatabase(service);
  return [
    ...open.map(({ kind, state }) => `${kind} is ${state}`),
    ...must.filter((line) => !inventory.includes(line)).map((line) => `missing: ${line}`),
    ...inventory.filter((line) => !must.includes(line) && !may.includes(line)).map((line) => `left: ${line}`),
  ];
}
