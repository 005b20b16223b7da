import { createHash } from 'node:crypto';
import type { Caller } from '../model/caller.ts';
import { Failure } from '../model/failure.ts';
import type { VolumeId } from '../model/ids.ts';
import { bytesOfGiB } from '../model/size.ts';
import { type Snapshot, snapshotCan } from '../model/snapshot.ts';
import { type Volume, volumeCan } from '../model/volume.ts';
import { checkVolumeSize } from '../model/volume-parameters.ts';
import { beginOrRecheck, endDryRun } from './begin-or-recheck.ts';
import { refuseWhileChanging, refuseWhileCopied } from './blockers.ts';
import type { CreateVolumeRequest, VolumeHealth, Volumes } from './blockstore.ts';
import { doubtfulSize } from './doubtful-size.ts';
import { findVisibleSnapshot } from './find-visible-snapshot.ts';
import { refuseMissing } from './refuse-missing.ts';
import { type CreateVolumeInput, createVolumeHeader } from './sagas/create-volume.ts';
import { type DeleteVolumeInput, deleteVolumeHeader } from './sagas/delete-volume.ts';
import type { UseCaseDependencies } from './use-case-dependencies.ts';

const createAction = 'CreateVolume';

export function createVolumes(dependencies: UseCaseDependencies): Volumes {
  const { store, site, owner, clock, startOperation } = dependencies;

  const list: Volumes['list'] = async ({ accountId }, volumeIds) => {
    const found = await store.volumes(accountId, volumeIds);
    refuseMissing(volumeIds, found, (missing) => ({ kind: 'volume-not-found', volumeIds: missing }));
    return found;
  };

  const create: Volumes['create'] = async (caller, request) => {
    const { clientToken } = request;
    const parametersHash = hashOf(request);
    if (clientToken !== undefined) {
      const earlier = await findEarlier(caller, clientToken, parametersHash);
      if (earlier !== undefined) {
        endDryRun(request.dryRun);
        return earlier;
      }
    }
    if (!site.zones.includes(request.zone)) {
      throw new Failure({ kind: 'zone-not-found', zone: request.zone, zones: site.zones });
    }
    if ((await store.accountSetting(caller.accountId, 'encryption-by-default')) !== undefined) {
      throw new Failure({
        kind: 'unsupported',
        reason:
          'The account encrypts by default, and this service does not encrypt volumes. Turn that off with DisableEbsEncryptionByDefault.',
      });
    }
    const snapshot = await findSnapshot(caller, request);
    const sizeGiB = sizeOf(request, snapshot);
    checkVolumeSize(request.type, sizeGiB);
    const volumeServer = snapshot?.volumeServer ?? firstVolumeServer();
    await refuseWithoutRoom(volumeServer, sizeGiB);
    endDryRun(request.dryRun);

    const volume = {
      id: await store.issueId('volume'),
      accountId: caller.accountId,
      sizeGiB,
      type: request.type,
      zone: request.zone,
      volumeServer,
      createdAtMs: clock(),
      tags: request.tags,
      ...(snapshot && { snapshotId: snapshot.id }),
      ...(request.iops !== undefined && { iops: request.iops }),
      ...(request.throughputMiBps !== undefined && { throughputMiBps: request.throughputMiBps }),
    };
    const from = snapshot && { snapshotId: snapshot.id, volumeId: snapshot.volumeId, sizeGiB: snapshot.volumeSizeGiB };
    const input: CreateVolumeInput = { volumeId: volume.id, volumeServer, sizeGiB, ...(from && { from }) };
    const begun = await store.beginCreateVolume({
      volume,
      operation: { ...createVolumeHeader, id: await store.issueId('operation'), resourceId: volume.id, input, owner },
      ...(clientToken !== undefined && { clientToken: { action: createAction, token: clientToken, parametersHash } }),
    });
    if (begun.outcome === 'refused') {
      // Another request with the same token was first, or the snapshot went in this moment. Asked anew, both are told as they are.
      return create(caller, request);
    }
    startOperation(begun.operation);
    return { ...volume, state: 'creating', attachments: [] };
  };

  return {
    list,
    create,

    async health(asked) {
      const health = new Map<VolumeId, VolumeHealth>();
      const servers = [...new Set(asked.map(({ volumeServer }) => volumeServer))];
      await Promise.all(
        servers.map(async (name) => {
          const answer = await site.volumeServers
            .get(name)
            ?.volumes.volume.list()
            .catch(() => undefined);
          const there = new Set(answer?.value.map((listed) => listed.name));
          for (const { id, state } of asked.filter(({ volumeServer }) => volumeServer === name)) {
            const isSettled = state === 'available' || state === 'in-use';
            health.set(id, answer === undefined || !isSettled ? 'insufficient-data' : there.has(id) ? 'ok' : 'impaired');
          }
        }),
      );
      return health;
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
      const check = async () => refuseUndeletable(caller, await one(caller, volumeId));
      const volume = await one(caller, volumeId);
      const { volumeServer, sizeGiB } = volume;
      await check();
      endDryRun(dryRun);
      const input: DeleteVolumeInput = { volumeId, volumeServer, sizeGiB, ...(await doubtfulSize(store, caller, volume)) };
      const operation = { ...deleteVolumeHeader, id: await store.issueId('operation'), resourceId: volumeId, input, owner };
      startOperation(await beginOrRecheck(() => store.beginDeleteVolume({ accountId: caller.accountId, volumeId, operation }), check));
    },
  };

  async function refuseUndeletable(caller: Caller, { id: volumeId, state, attachments: [attachment] }: Volume): Promise<void> {
    if (attachment !== undefined) {
      throw new Failure({ kind: 'volume-in-use', volumeId, instanceId: attachment.instanceId });
    }
    if (!volumeCan[state].delete) {
      throw new Failure({ kind: 'volume-state', volumeId, state, wanted: 'available' });
    }
    await refuseWhileChanging(store, volumeId);
    await refuseWhileCopied(store, caller, volumeId);
  }

  async function one(caller: Caller, volumeId: VolumeId): Promise<Volume> {
    const [volume] = await list(caller, [volumeId]);
    return volume as Volume;
  }

  async function findEarlier(caller: Caller, token: string, parametersHash: string): Promise<Volume | undefined> {
    const used = await store.clientToken(caller.accountId, createAction, token);
    if (used === undefined) {
      return undefined;
    }
    if (used.parametersHash !== parametersHash) {
      throw new Failure({ kind: 'idempotent-parameter-mismatch', clientToken: token });
    }
    return one(caller, used.resourceId as VolumeId);
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

  function firstVolumeServer(): string {
    const [name] = site.volumeServers.keys();
    if (name === undefined) {
      throw new Failure({ kind: 'unsupported', reason: 'This site has no volume server.' });
    }
    return name;
  }

  /** Thin storage may promise more than it has, but never one volume that could not be filled even if it were alone. */
  async function refuseWithoutRoom(volumeServer: string, sizeGiB: number): Promise<void> {
    const answer = await site.volumeServers
      .get(volumeServer)
      ?.volumes.freeBytes()
      .catch((cause: unknown) => {
        throw new Failure({ kind: 'unavailable', reason: 'The volume server does not answer.' }, { cause });
      });
    if (answer?.value !== undefined && answer.value < bytesOfGiB(sizeGiB)) {
      throw new Failure({ kind: 'insufficient-capacity', sizeGiB });
    }
  }
}

function sizeOf({ sizeGiB }: CreateVolumeRequest, snapshot: Snapshot | undefined): number {
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

/** The parameters as the caller meant them, without the token itself; `dryRun` changes nothing that is made. */
function hashOf({ clientToken: _token, dryRun: _dryRun, ...parameters }: CreateVolumeRequest): string {
  const inOrder = Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(inOrder)).digest('hex');
}
