import type {
  AttachRequest,
  Blockstore,
  CreateSnapshotRequest,
  CreateVolumeRequest,
  DetachRequest,
  WithAttachments,
} from '../../../../src/blockstore/blockstore.ts';
import type { Attachment } from '../../../../src/model/attachment.ts';
import type { Caller } from '../../../../src/model/caller.ts';
import { Failure } from '../../../../src/model/failure.ts';
import { type InstanceId, idFromUuid, parseInstanceId, type SnapshotId, type VolumeId } from '../../../../src/model/ids.ts';
import type { Instance } from '../../../../src/model/instance.ts';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import type { Volume } from '../../../../src/model/volume.ts';
import { volumeParameters } from '../../../../src/model/volume-parameters.ts';
import { ebsVolumeTypes } from '../../../../src/model/volume-type.ts';

/** The use cases in memory, for tests of the endpoint: every change is finished the next time somebody looks. */
export interface FakeBlockstore extends Blockstore {
  readonly held: { volumes: Volume[]; snapshots: Snapshot[]; instances: Instance[] };
}

const startedAtMs = Date.UTC(2024, 4, 6, 7, 8, 9, 10);

export function fakeBlockstore(zones: readonly string[] = ['here-1a']): FakeBlockstore {
  const held = { volumes: [] as Volume[], snapshots: [] as Snapshot[], instances: [1, 2, 3].map(fakeInstance) };
  const tokens = new Map<string, { request: string; volumeId: VolumeId }>();
  let made = 0;
  const nextUuid = () => `fake ${++made}`;

  function volume(id: VolumeId): Volume {
    const found = held.volumes.find((candidate) => candidate.id === id);
    if (found === undefined) throw new Failure({ kind: 'volume-not-found', volumeIds: [id] });
    return found;
  }

  function snapshot(id: SnapshotId): Snapshot {
    const found = held.snapshots.find((candidate) => candidate.id === id);
    if (found === undefined) throw new Failure({ kind: 'snapshot-not-found', snapshotIds: [id] });
    return found;
  }

  function putVolume(changed: Volume): Volume {
    held.volumes = [...held.volumes.filter(({ id }) => id !== changed.id), changed].sort((a, b) => (a.id < b.id ? -1 : 1));
    return changed;
  }

  function finishChanges(): void {
    held.volumes = held.volumes.filter(({ state }) => state !== 'deleting').map(finishedVolume);
    held.snapshots = held.snapshots.map((one) =>
      one.state === 'pending' ? { ...one, state: 'completed', progressPercent: 100, completedAtMs: startedAtMs } : one,
    );
  }

  return {
    held,
    volumes: {
      ...notHeld('volumes', ['copy', 'autoEnablesIo', 'setAutoEnableIo', 'enableIo']),
      health: () => notHeld('volumes', ['of']),
      async create(caller: Caller, request: CreateVolumeRequest) {
        if (!zones.includes(request.zone)) throw new Failure({ kind: 'zone-not-found', zone: request.zone, zones });
        const source = request.snapshotId === undefined ? undefined : snapshot(request.snapshotId);
        const used = request.clientToken === undefined ? undefined : tokens.get(request.clientToken);
        if (used !== undefined && request.clientToken !== undefined) {
          if (used.request === JSON.stringify(request)) return volume(used.volumeId);
          throw new Failure({ kind: 'idempotent-parameter-mismatch', clientToken: request.clientToken });
        }
        stopDryRun(request);
        const { clientToken, dryRun: _, sizeGiB = source?.volumeSizeGiB ?? 1, ...asked } = request;
        const created = putVolume({
          ...asked,
          ...volumeParameters({ ...request, fromSnapshot: source !== undefined }, ebsVolumeTypes),
          id: idFromUuid('volume', nextUuid()),
          accountId: caller.accountId,
          sizeGiB,
          volumeServer: 'fake',
          state: 'creating',
          createdAtMs: startedAtMs,
          attachments: [],
          attachmentsBegun: 0,
        });
        if (clientToken !== undefined) tokens.set(clientToken, { request: JSON.stringify(request), volumeId: created.id });
        return created;
      },
      async delete(_caller, request) {
        const { attachments } = volume(request.volumeId);
        const [attachment] = attachments;
        if (attachment !== undefined) {
          throw new Failure({ kind: 'volume-in-use', volumeId: request.volumeId, instanceId: attachment.instanceId });
        }
        stopDryRun(request);
        putVolume({ ...volume(request.volumeId), state: 'deleting' });
      },
      async list(_caller, volumeIds) {
        finishChanges();
        return volumeIds === undefined ? held.volumes : volumeIds.map(volume);
      },
      async listAfter(_caller, { afterId = '', count }) {
        finishChanges();
        return held.volumes.filter(({ id }) => id > afterId).slice(0, count);
      },
    },
    snapshots: {
      ...notHeld('snapshots', ['copy', 'createOfInstance']),
      async listVisible(_caller, { snapshotIds, range }) {
        finishChanges();
        const found = snapshotIds === undefined ? held.snapshots : snapshotIds.map(snapshot);
        const part = range === undefined ? found : found.filter(({ id }) => id > (range.afterId ?? '')).slice(0, range.count);
        return part.map((each) => ({ ...each, grantees: [] }));
      },
      async create(caller: Caller, request: CreateSnapshotRequest) {
        const source = volume(request.volumeId);
        stopDryRun(request);
        const created: Snapshot = {
          id: idFromUuid('snapshot', nextUuid()),
          accountId: caller.accountId,
          volumeId: source.id,
          volumeSizeGiB: source.sizeGiB,
          volumeServer: 'fake',
          description: request.description,
          state: 'pending',
          progressPercent: 0,
          startedAtMs,
          tags: request.tags,
        };
        held.snapshots = [...held.snapshots, created].sort((a, b) => (a.id < b.id ? -1 : 1));
        return created;
      },
      async delete(_caller, request) {
        snapshot(request.snapshotId);
        stopDryRun(request);
        held.snapshots = held.snapshots.filter(({ id }) => id !== request.snapshotId);
      },
      async list(_caller, snapshotIds) {
        finishChanges();
        return snapshotIds === undefined ? held.snapshots : snapshotIds.map(snapshot);
      },
    },
    attachments: {
      async attach(_caller, request: AttachRequest) {
        const wanted = volume(request.volumeId);
        const instance = held.instances.find(({ id }) => id === request.instanceId);
        if (instance === undefined) throw new Failure({ kind: 'instance-not-found', instanceIds: [request.instanceId] });
        const taken = held.volumes.flatMap(({ attachments }) => attachments).find(({ device }) => device === request.device);
        if (taken !== undefined) throw new Failure({ kind: 'device-in-use', device: request.device, instanceId: request.instanceId });
        if (wanted.state !== 'available') {
          throw new Failure({ kind: 'volume-state', volumeId: wanted.id, state: wanted.state, wanted: 'available' });
        }
        stopDryRun(request);
        const { dryRun: _, ...asked } = request;
        const attachment: Attachment = {
          ...asked,
          id: idFromUuid('attachment', nextUuid()),
          generation: 1,
          placement: instance.placement,
          state: 'attaching',
          attachedAtMs: startedAtMs,
          deleteOnTermination: false,
        };
        putVolume({ ...wanted, state: 'in-use', attachments: [attachment] });
        return attachment;
      },
      async detach(_caller, request: DetachRequest) {
        const wanted = volume(request.volumeId);
        const [attachment] = wanted.attachments;
        if (attachment === undefined) {
          throw new Failure({ kind: 'volume-state', volumeId: wanted.id, state: wanted.state, wanted: 'in-use' });
        }
        if ((request.instanceId ?? attachment.instanceId) !== attachment.instanceId) {
          throw new Failure({
            kind: 'attachment-not-found',
            volumeId: wanted.id,
            ...(request.instanceId === undefined ? {} : { instanceId: request.instanceId }),
          });
        }
        stopDryRun(request);
        const detaching: Attachment = { ...attachment, state: 'detaching' };
        putVolume({ ...wanted, attachments: [detaching] });
        return detaching;
      },
    },
    tags: notInTheFake('tags'),
    modifications: notInTheFake('modifications'),
    snapshotPermissions: notInTheFake('snapshotPermissions'),
    snapshotLocks: notInTheFake('snapshotLocks'),
    recycleBin: notInTheFake('recycleBin'),
    accountSettings: notInTheFake('accountSettings'),
    instances: {
      ...notHeld('instances', ['setDeleteOnTermination']),
      async listAfter(caller, { afterId = '', count }) {
        return (await this.list(caller)).filter(({ id }) => id > afterId).slice(0, count);
      },
      async list(caller, instanceIds) {
        finishChanges();
        const missing = (instanceIds ?? []).filter((id) => !held.instances.some((instance) => instance.id === id));
        if (missing.length > 0) throw new Failure({ kind: 'instance-not-found', instanceIds: missing });
        return held.instances
          .filter(({ id }) => instanceIds === undefined || instanceIds.includes(id))
          .map(({ state: _state, ...instance }) => ({ ...instance, accountId: caller.accountId }));
      },
      attachments: async (_caller, instances) => instances.map((instance) => withAttachments(instance, held.volumes)),
      states: async (_caller, instances) =>
        instances.map((instance) => ({ ...instance, state: held.instances.find(({ id }) => id === instance.id)?.state ?? 'unknown' })),
    },
  };
}

/** Use cases whose tests have the real ones. */
function notInTheFake<UseCases extends object>(name: string): UseCases {
  return new Proxy({} as UseCases, {
    get: (_, member) => async () => {
      throw new Error(`the fake blockstore has no ${name}.${String(member)}`);
    },
  });
}

/** The same for some of the use cases. */
function notHeld<Member extends string>(name: string, members: readonly Member[]): Record<Member, () => Promise<never>> {
  const refuse = (member: Member) => async () => {
    throw new Error(`the fake blockstore has no ${name}.${member}`);
  };
  return Object.fromEntries(members.map((member) => [member, refuse(member)])) as Record<Member, () => Promise<never>>;
}

export function fakeInstance(number: number): Instance {
  return {
    id: instanceId(`i-${String(number).padStart(8, '0')}`),
    placement: { vmmHost: 'vmm-1', domain: `domain-${number}` },
    state: 'running',
    privateIpAddress: `10.0.0.${number}`,
    name: `machine ${number}`,
  };
}

/** A volume for tests that only look. */
export function fakeVolume(number: number, changes: Partial<Volume> = {}): Volume {
  return {
    id: idFromUuid('volume', `volume ${number}`),
    accountId: '123456789012' as Volume['accountId'],
    sizeGiB: 8,
    type: 'gp3',
    iops: 3_000,
    throughputMiBps: 125,
    zone: 'here-1a',
    volumeServer: 'fake',
    state: 'available',
    createdAtMs: startedAtMs + number,
    tags: [{ key: 'Name', value: `volume ${number}` }],
    attachments: [],
    attachmentsBegun: 0,
    ...changes,
  };
}

export function instanceId(text: string): InstanceId {
  const id = parseInstanceId(text);
  if (id === undefined) throw new Error(`no instance id: ${text}`);
  return id;
}

function finishedVolume(volume: Volume): Volume {
  if (volume.state === 'creating') return { ...volume, state: 'available' };
  const [attachment] = volume.attachments;
  if (attachment?.state === 'attaching') return { ...volume, attachments: [{ ...attachment, state: 'attached' }] };
  if (attachment?.state === 'detaching') return { ...volume, state: 'available', attachments: [] };
  return volume;
}

function withAttachments<Known extends Pick<Instance, 'id'>>(instance: Known, volumes: readonly Volume[]): WithAttachments<Known> {
  return {
    ...instance,
    attachments: volumes.flatMap(({ attachments }) => attachments).filter((attachment) => attachment.instanceId === instance.id),
  };
}

function stopDryRun({ dryRun }: { readonly dryRun: boolean }): void {
  if (dryRun) throw new Failure({ kind: 'dry-run' });
}
