import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { VolumeId } from '../model/ids.ts';
import { type Snapshot, snapshotCan } from '../model/snapshot.ts';
import { type Volume, volumeCan } from '../model/volume.ts';
import { checkVolumeSize, volumeParameters } from '../model/volume-parameters.ts';
import { mapInTurns } from '../sharing/turn.ts';
import type { Bar, ClientToken, NewOperation, NewVolume } from '../store/store.ts';
import { beginOrRecheck, doOrRecheck, endDryRun, refuseTooMany } from './begin-or-recheck.ts';
import { refuseBarred, refuseWhileChanging, refuseWhileCopied, refuseWhileModified } from './blockers.ts';
import type { CreateVolumeRequest, VolumeHealth, Volumes } from './blockstore.ts';
import { madeEarlier, parametersHashOf } from './client-tokens.ts';
import { refuseEncryptedByDefault } from './encryption-by-default.ts';
import { findVisibleSnapshot } from './find-visible-snapshot.ts';
import { leftOfVolumeCopy } from './left-of-copy.ts';
import { refuseUnlessShareable } from './multi-attach.ts';
import { refuseMissing } from './refuse-missing.ts';
import { type CopyVolumeInput, copyVolumeHeader } from './sagas/copy-volume.ts';
import { type CreateVolumeInput, createVolumeHeader } from './sagas/create-volume.ts';
import { type DeleteVolumeInput, deleteVolumeHeader } from './sagas/delete-volume.ts';
import { refuseWithoutRoom } from './storage-room.ts';
import { refuseOnOtherServer, volumeServerFor } from './type-placement.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

export function createVolumes(dependencies: UseCaseDependencies): Volumes {
  const { store, site, owner, clock, retention, mostOpenOperations: mostOpen, startOperation } = dependencies;

  const list: Volumes['list'] = async ({ accountId }, volumeIds) => {
    const found = await store.volumes(accountId, volumeIds);
    refuseMissing(volumeIds, found, (missing) => ({ kind: 'volume-not-found', volumeIds: missing }));
    return found;
  };

  const create: Volumes['create'] = async (caller, request) => {
    const { type, iops, throughputMiBps, multiAttach: _, ...asked } = request;
    const parameters = volumeParameters({ ...request, fromSnapshot: request.snapshotId !== undefined }, site.volumeTypes);
    const wanted = { ...asked, ...parameters };
    const clientToken = tokenOf('CreateVolume', wanted);
    const earlier = await findEarlier(caller, clientToken);
    if (earlier !== undefined) {
      endDryRun(request.dryRun);
      return earlier;
    }
    if (!site.zones.includes(request.zone)) {
      throw new Failure({ kind: 'zone-not-found', zone: request.zone, zones: site.zones });
    }
    await refuseEncryptedByDefault(store, caller, 'volumes');
    const snapshot = await findSnapshot(caller, request);
    const sizeGiB = sizeOf(wanted, snapshot);
    checkVolumeSize(wanted.type, sizeGiB, site.volumeTypes);
    if (snapshot !== undefined) {
      refuseOnOtherServer(site, wanted.type, snapshot.volumeServer);
    }
    const volumeServer = snapshot?.volumeServer ?? volumeServerFor(site, wanted.type);
    if (parameters.multiAttach) {
      refuseUnlessShareable(site, volumeServer);
    }
    await refuseWithoutRoom(dependencies, volumeServer, { sizeGiB, addedGiB: sizeGiB });
    endDryRun(request.dryRun);

    // Both at the same moment, so that they may share a commit.
    const [id, operationId] = await Promise.all([store.issueId('volume'), store.issueId('operation')]);
    const volume: NewVolume = {
      id,
      accountId: caller.accountId,
      sizeGiB,
      zone: request.zone,
      volumeServer,
      createdAtMs: clock(),
      tags: request.tags,
      ...parameters,
      ...(snapshot && { snapshotId: snapshot.id }),
    };
    const from = snapshot && { snapshotId: snapshot.id, volumeId: snapshot.volumeId, sizeGiB: snapshot.volumeSizeGiB };
    const input: CreateVolumeInput = { volumeId: volume.id, volumeServer, sizeGiB, ...(from && { from }) };
    // Refused when another request with the same token was first, or the snapshot went in this moment. Asked anew, both are told as they are.
    return (await begin(volume, { id: operationId, input, ...createVolumeHeader }, clientToken)) ?? create(caller, request);
  };

  const copy: Volumes['copy'] = async (caller, request) => {
    const { sourceVolumeId } = request;
    const clientToken = tokenOf('CopyVolumes', request);
    const earlier = await findEarlier(caller, clientToken);
    if (earlier !== undefined) {
      endDryRun(request.dryRun);
      return earlier;
    }
    const source = await one(caller, sourceVolumeId);
    const sizeGiB = request.sizeGiB ?? source.sizeGiB;
    const parameters = volumeParameters({ ...request, sizeGiB, fromSnapshot: false }, site.volumeTypes);
    if (sizeGiB < source.sizeGiB) {
      const reason = `Volume of ${sizeGiB}GiB is smaller than its source volume; expected at least ${source.sizeGiB}GiB.`;
      throw new Failure({ kind: 'invalid-parameter-value', parameter: 'Size', reason });
    }
    await refuseEncryptedByDefault(store, caller, 'volumes');
    if (!volumeCan[source.state].snapshot) {
      throw new Failure({ kind: 'volume-state', volumeId: source.id, state: source.state, wanted: 'available' });
    }
    await refuseWhileModified(store, caller, source.id);
    const { volumeServer, zone } = source;
    refuseOnOtherServer(site, parameters.type, volumeServer);
    if (parameters.multiAttach) {
      refuseUnlessShareable(site, volumeServer);
    }
    await refuseWithoutRoom(dependencies, volumeServer, { sizeGiB, addedGiB: sizeGiB });
    endDryRun(request.dryRun);

    const volume: NewVolume = {
      ...parameters,
      id: await store.issueId('volume'),
      accountId: caller.accountId,
      sizeGiB,
      zone,
      volumeServer,
      sourceVolumeId,
      createdAtMs: clock(),
      tags: request.tags,
    };
    const input: CopyVolumeInput = {
      volumeId: volume.id,
      volumeServer,
      sizeGiB,
      source: { volumeId: sourceVolumeId, sizeGiB: source.sizeGiB },
      temporarySnapshotId: await store.issueId('snapshot'),
    };
    const operationId = await store.issueId('operation');
    return (await begin(volume, { ...copyVolumeHeader, id: operationId, input }, clientToken)) ?? copy(caller, request);
  };

  return {
    list,
    listAfter: ({ accountId }, range) => store.volumesAfter(accountId, range),
    create,
    copy,

    health() {
      const bars = store.openBars().then((open) => new Map(open.map((bar) => [bar.volumeId, bar])));
      const seen = new Map<string, Promise<ReadonlySet<string> | undefined>>();
      const seenOn = (volumeServer: string) => {
        const known = seen.get(volumeServer) ?? namesOn(volumeServer);
        seen.set(volumeServer, known);
        return known;
      };
      return {
        async of(volumes) {
          const barOf = await bars;
          const there = new Map<string, ReadonlySet<string> | undefined>();
          for (const name of new Set(volumes.map(({ volumeServer }) => volumeServer))) {
            there.set(name, await seenOn(name));
          }
          return mapInTurns(volumes, (volume) => healthOf(volume, barOf.get(volume.id), there.get(volume.volumeServer)));
        },
      };
    },

    async autoEnablesIo(caller, volumeId) {
      await one(caller, volumeId);
      return store.autoEnableIo(caller.accountId, volumeId);
    },

    async setAutoEnableIo(caller, { volumeId, autoEnableIo, dryRun }) {
      await one(caller, volumeId);
      endDryRun(dryRun);
      if (!(await store.putAutoEnableIo(caller.accountId, volumeId, autoEnableIo))) {
        throw new Failure({ kind: 'volume-not-found', volumeIds: [volumeId] });
      }
    },

    async enableIo(caller, { volumeId, dryRun }) {
      await one(caller, volumeId);
      endDryRun(dryRun);
    },

    async delete(caller, { volumeId, dryRun }) {
      const check = async () => refuseUndeletable(await one(caller, volumeId));
      const volume = await one(caller, volumeId);
      const { volumeServer, sizeGiB, state } = volume;
      await check();
      endDryRun(dryRun);
      // What failed has nothing that its owner could want back.
      if (retention.volumesMs > 0 && state === 'available') {
        const exitsAtMs = clock() + retention.volumesMs;
        await doOrRecheck(() => store.recycleVolume({ accountId: caller.accountId, volumeId, exitsAtMs }), check);
        return;
      }
      const left = state === 'error' && (await leftOfVolumeCopy(store, volumeId));
      const input: DeleteVolumeInput = { volumeId, volumeServer, sizeGiB, ...left };
      const id = await store.issueId('operation');
      const { accountId } = caller;
      const operation = { ...deleteVolumeHeader, id, resourceId: volumeId, accountId, mostOpen, input, owner };
      startOperation(await beginOrRecheck(() => store.beginDeleteVolume({ accountId, volumeId, operation }), check));
    },
  };

  /** What a volume server lists; `undefined` when it cannot be asked. */
  async function namesOn(volumeServer: string): Promise<ReadonlySet<string> | undefined> {
    const answer = await site.volumeServers
      .get(volumeServer)
      ?.volumes.volume.list()
      .catch(() => undefined);
    return answer && new Set(await mapInTurns(answer.value, ({ name }) => name));
  }

  async function refuseUndeletable({ id: volumeId, state, attachments: [attachment] }: Volume): Promise<void> {
    await refuseBarred(store, volumeId);
    if (attachment !== undefined) {
      throw new Failure({ kind: 'volume-in-use', volumeId, instanceId: attachment.instanceId });
    }
    if (!volumeCan[state].delete) {
      throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'available' });
    }
    await refuseWhileChanging(store, volumeId);
    await refuseWhileCopied(store, volumeId);
  }

  async function one(caller: Caller, volumeId: VolumeId): Promise<Volume> {
    const [volume] = await list(caller, [volumeId]);
    return volume as Volume;
  }

  /** `undefined` when it was refused, and asking anew shows why. */
  async function begin(
    volume: NewVolume,
    operation: Pick<NewOperation, 'id' | 'kind' | 'version' | 'input'>,
    clientToken: ClientToken | undefined,
  ): Promise<Volume | undefined> {
    const result = await store.beginCreateVolume({
      volume,
      operation: { ...operation, resourceId: volume.id, accountId: volume.accountId, mostOpen, owner },
      ...(clientToken && { clientToken }),
    });
    if (result.outcome === 'refused') {
      refuseTooMany(result);
      return undefined;
    }
    startOperation(result.operation);
    return { ...volume, state: 'creating', attachments: [], attachmentsBegun: 0 };
  }

  async function findEarlier(caller: Caller, clientToken: ClientToken | undefined): Promise<Volume | undefined> {
    const volumeId = clientToken && (await madeEarlier(store, caller, clientToken));
    return volumeId === undefined ? undefined : one(caller, volumeId as VolumeId);
  }

  async function findSnapshot(caller: Caller, { snapshotId }: CreateVolumeRequest): Promise<Snapshot | undefined> {
    if (snapshotId === undefined) {
      return undefined;
    }
    const snapshot = await findVisibleSnapshot(store, caller, snapshotId);
    if (snapshot === undefined || snapshot.state === 'deleting') {
      throw new Failure({ kind: 'snapshot-not-found', snapshotIds: [snapshotId] });
    }
    if (!snapshotCan[snapshot.state].createVolume) {
      throw new Failure({ kind: 'snapshot-state', snapshotId, state: snapshot.state });
    }
    return snapshot;
  }
}

function healthOf({ id, state }: Volume, bar: Bar | undefined, there: ReadonlySet<string> | undefined): VolumeHealth {
  if (bar !== undefined) {
    return { status: 'impaired', barred: { operationId: bar.operationId, sinceMs: bar.barredAtMs } };
  }
  const isSettled = state === 'available' || state === 'in-use';
  return { status: there === undefined || !isSettled ? 'insufficient-data' : there.has(id) ? 'ok' : 'impaired' };
}

function sizeOf({ sizeGiB }: Pick<CreateVolumeRequest, 'sizeGiB'>, snapshot: Snapshot | undefined): number {
  if (snapshot === undefined) {
    if (sizeGiB === undefined) {
      throw new Failure({ kind: 'missing-parameter', parameter: 'size/snapshot' });
    }
    return sizeGiB;
  }
  if (sizeGiB !== undefined && sizeGiB < snapshot.volumeSizeGiB) {
    throw new Failure({ kind: 'size-smaller-than-snapshot', sizeGiB, snapshotSizeGiB: snapshot.volumeSizeGiB });
  }
  return sizeGiB ?? snapshot.volumeSizeGiB;
}

function tokenOf(action: string, request: { readonly clientToken?: string; readonly dryRun: boolean }): ClientToken | undefined {
  const { clientToken: token } = request;
  return token === undefined ? undefined : { action, token, parametersHash: parametersHashOf(request) };
}
