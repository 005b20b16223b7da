import type { InstanceId, SnapshotId, VolumeId } from '../../src/model/ids.ts';
import type { Deed } from './faults.ts';
import { caller, onVmm1, onVmm2, type RunningService, zone } from './saga-rig.ts';

/** What a scenario's operation is about. */
export interface Subject {
  readonly volumeId?: VolumeId;
  readonly snapshotId?: SnapshotId;
}

/** One operation of the service, with what must be there before it, and what is shown before and after it. */
export interface Scenario {
  readonly name: string;
  /** Of its operation. */
  readonly kind: string;
  readonly whenItFails: 'undone' | 'halted';
  /** What it does to the site, in the order of its steps. */
  readonly deeds: readonly Deed[];
  /** What it takes away again in the end of that which it made on its way. */
  readonly tidies?: readonly Deed[];
  /** The kinds of thing that it adds to the world (or takes away), sorted. */
  readonly things: readonly string[];
  prepare(service: RunningService): Promise<Subject>;
  ask(service: RunningService, subject: Subject): Promise<void>;
  readonly before: readonly string[];
  readonly done: readonly string[];
  readonly failed: readonly string[];
  /** After it failed and was asked for again, when that is not the same as `done`. */
  readonly doneAgain?: readonly string[];
}

export async function createVolume(service: RunningService, snapshotId?: SnapshotId): Promise<VolumeId> {
  const request = { zone, type: 'gp3', tags: [{ key: 'Name', value: 'data' }], dryRun: false } as const;
  const { id } = await service.blockstore.volumes.create(caller, { ...request, ...(snapshotId ? { snapshotId } : { sizeGiB: 1 }) });
  return id;
}

/** A volume that several instances may have. */
export async function createSharedVolume(service: RunningService): Promise<VolumeId> {
  const request = { zone, type: 'io2', iops: 100, sizeGiB: 4, multiAttach: true, tags: [], dryRun: false } as const;
  return (await service.blockstore.volumes.create(caller, request)).id;
}

export async function attach(service: RunningService, volumeId: VolumeId, instanceId: InstanceId): Promise<void> {
  await service.blockstore.attachments.attach(caller, { volumeId, instanceId, device: '/dev/sdf', dryRun: false });
}

export async function detach(service: RunningService, volumeId: VolumeId): Promise<void> {
  await service.blockstore.attachments.detach(caller, { volumeId, dryRun: false });
}

export async function createSnapshot(service: RunningService, volumeId: VolumeId): Promise<SnapshotId> {
  const { id } = await service.blockstore.snapshots.create(caller, { volumeId, description: '', tags: [], dryRun: false });
  return id;
}

async function preparedVolume(service: RunningService): Promise<{ readonly volumeId: VolumeId }> {
  const volumeId = await createVolume(service);
  await service.settle();
  return { volumeId };
}

async function preparedSnapshot(service: RunningService): Promise<{ readonly volumeId: VolumeId; readonly snapshotId: SnapshotId }> {
  const { volumeId } = await preparedVolume(service);
  const snapshotId = await createSnapshot(service, volumeId);
  await service.settle();
  return { volumeId, snapshotId };
}

function volumeOf({ volumeId }: Subject): VolumeId {
  if (volumeId === undefined) {
    throw new Error('the scenario has no volume');
  }
  return volumeId;
}

function snapshotOf({ snapshotId }: Subject): SnapshotId {
  if (snapshotId === undefined) {
    throw new Error('the scenario has no snapshot');
  }
  return snapshotId;
}

function attachScenario(vmmHost: string, instanceId: InstanceId, session: readonly Deed[]): Scenario {
  return {
    name: `attach a volume on ${vmmHost}`,
    kind: 'attach-volume',
    whenItFails: 'undone',
    deeds: ['export.make', 'access.make', ...session, 'disk.make'],
    things: ['access', 'disk', 'export', ...session.map(() => 'session')],
    prepare: preparedVolume,
    ask: (service, subject) => attach(service, volumeOf(subject), instanceId),
    before: ['volume available'],
    done: [`volume in-use, attached to ${instanceId}`],
    failed: ['volume available'],
  };
}

function detachScenario(vmmHost: string, instanceId: InstanceId, session: readonly Deed[]): Scenario {
  return {
    name: `detach a volume on ${vmmHost}`,
    kind: 'detach-volume',
    whenItFails: 'halted',
    deeds: ['disk.unmake', ...session, 'access.unmake', 'export.unmake'],
    things: ['access', 'disk', 'export', ...session.map(() => 'session')],
    async prepare(service) {
      const subject = await preparedVolume(service);
      await attach(service, subject.volumeId, instanceId);
      await service.settle();
      return subject;
    },
    ask: (service, subject) => detach(service, volumeOf(subject)),
    before: [`volume in-use, attached to ${instanceId}`],
    done: ['volume available'],
    failed: [`volume in-use, busy to ${instanceId}`],
  };
}

const otherThan = (instanceId: InstanceId): InstanceId => (instanceId === onVmm1 ? onVmm2 : onVmm1);

/** A volume that an instance on the other VMM host has already. */
async function preparedSharedVolume(service: RunningService, instanceId: InstanceId): Promise<{ readonly volumeId: VolumeId }> {
  const volumeId = await createSharedVolume(service);
  await service.settle();
  await attach(service, volumeId, otherThan(instanceId));
  await service.settle();
  return { volumeId };
}

function attachSecondScenario(vmmHost: string, instanceId: InstanceId, session: readonly Deed[]): Scenario {
  const before = `volume in-use, 4 GiB, attached to ${otherThan(instanceId)}`;
  return {
    name: `attach a volume to a second instance, on ${vmmHost}`,
    kind: 'attach-volume',
    whenItFails: 'undone',
    // The export is there already.
    deeds: ['access.make', ...session, 'disk.make'],
    things: ['access', 'disk', ...session.map(() => 'session')],
    prepare: (service) => preparedSharedVolume(service, instanceId),
    ask: (service, subject) => attach(service, volumeOf(subject), instanceId),
    before: [before],
    done: [`${before}, attached to ${instanceId}`],
    failed: [before],
  };
}

function detachSecondScenario(vmmHost: string, instanceId: InstanceId, session: readonly Deed[]): Scenario {
  const first = `volume in-use, 4 GiB, attached to ${otherThan(instanceId)}`;
  return {
    name: `detach a volume from one of two instances, on ${vmmHost}`,
    kind: 'detach-volume',
    whenItFails: 'halted',
    deeds: ['disk.unmake', ...session, 'access.unmake'],
    things: ['access', 'disk', ...session.map(() => 'session')],
    async prepare(service) {
      const subject = await preparedSharedVolume(service, instanceId);
      await attach(service, subject.volumeId, instanceId);
      await service.settle();
      return subject;
    },
    async ask(service, subject) {
      await service.blockstore.attachments.detach(caller, { volumeId: volumeOf(subject), instanceId, dryRun: false });
    },
    before: [`${first}, attached to ${instanceId}`],
    done: [first],
    failed: [`${first}, busy to ${instanceId}`],
  };
}

export const attachOnVmm1 = attachScenario('vmm1', onVmm1, ['session.make']);
export const attachOnVmm2 = attachScenario('vmm2', onVmm2, []);
export const detachOnVmm1 = detachScenario('vmm1', onVmm1, ['session.unmake']);
export const detachOnVmm2 = detachScenario('vmm2', onVmm2, []);
export const attachSecondOnVmm1 = attachSecondScenario('vmm1', onVmm1, ['session.make']);
export const attachSecondOnVmm2 = attachSecondScenario('vmm2', onVmm2, []);
export const detachSecondOnVmm1 = detachSecondScenario('vmm1', onVmm1, ['session.unmake']);
export const detachSecondOnVmm2 = detachSecondScenario('vmm2', onVmm2, []);

export const createEmptyVolume: Scenario = {
  name: 'create an empty volume',
  kind: 'create-volume',
  whenItFails: 'undone',
  deeds: ['volume.make'],
  things: ['volume'],
  prepare: async () => ({}),
  ask: async (service) => void (await createVolume(service)),
  before: [],
  done: ['volume available'],
  failed: ['volume error'],
  doneAgain: ['volume available', 'volume error'],
};

export const createVolumeFromSnapshot: Scenario = {
  name: 'create a volume from a snapshot',
  kind: 'create-volume',
  whenItFails: 'undone',
  deeds: ['volume.make', 'volume.copy'],
  things: ['volume'],
  prepare: preparedSnapshot,
  ask: async (service, subject) => void (await createVolume(service, snapshotOf(subject))),
  before: ['snapshot completed', 'volume available'],
  done: ['snapshot completed', 'volume available', 'volume available'],
  failed: ['snapshot completed', 'volume available', 'volume error'],
  doneAgain: ['snapshot completed', 'volume available', 'volume available', 'volume error'],
};

/** When the snapshot on its way will not go, it is stuck, which has a test of its own. */
export const copyVolume: Scenario = {
  name: 'copy a volume',
  kind: 'copy-volume',
  whenItFails: 'undone',
  deeds: ['snapshot.make', 'volume.make', 'volume.copy'],
  tidies: ['snapshot.unmake'],
  things: ['volume'],
  prepare: preparedVolume,
  ask: async (service, subject) =>
    void (await service.blockstore.volumes.copy(caller, { sourceVolumeId: volumeOf(subject), type: 'gp3', tags: [], dryRun: false })),
  before: ['volume available'],
  done: ['volume available', 'volume available'],
  failed: ['volume available', 'volume error'],
  doneAgain: ['volume available', 'volume available', 'volume error'],
};

export const deleteVolume: Scenario = {
  name: 'delete a volume',
  kind: 'delete-volume',
  whenItFails: 'halted',
  deeds: ['volume.unmake'],
  things: ['volume'],
  prepare: preparedVolume,
  ask: (service, subject) => service.blockstore.volumes.delete(caller, { volumeId: volumeOf(subject), dryRun: false }),
  before: ['volume available'],
  done: [],
  failed: ['volume error'],
};

export const growVolume: Scenario = {
  name: 'make a volume larger',
  kind: 'modify-volume',
  whenItFails: 'halted',
  deeds: ['volume.grow'],
  things: [],
  prepare: preparedVolume,
  ask: async (service, subject) =>
    void (await service.blockstore.modifications.modify(caller, { volumeId: volumeOf(subject), sizeGiB: 2, dryRun: false })),
  before: ['volume available'],
  done: ['volume available, 2 GiB'],
  failed: ['volume available'],
};

export const growAttachedVolume: Scenario = {
  name: 'make an attached volume larger',
  kind: 'modify-volume',
  whenItFails: 'halted',
  deeds: ['volume.grow', 'export.grow', 'session.grow', 'disk.grow'],
  things: [],
  async prepare(service) {
    const subject = await preparedVolume(service);
    await attach(service, subject.volumeId, onVmm1);
    await service.settle();
    return subject;
  },
  ask: growVolume.ask,
  before: [`volume in-use, attached to ${onVmm1}`],
  done: [`volume in-use, 2 GiB, attached to ${onVmm1}`],
  failed: [`volume in-use, attached to ${onVmm1}`],
};

export const takeSnapshot: Scenario = {
  name: 'create a snapshot',
  kind: 'create-snapshot',
  whenItFails: 'undone',
  deeds: ['snapshot.make'],
  things: ['snapshot'],
  prepare: preparedVolume,
  ask: async (service, subject) => void (await createSnapshot(service, volumeOf(subject))),
  before: ['volume available'],
  done: ['snapshot completed', 'volume available'],
  failed: ['snapshot error', 'volume available'],
  doneAgain: ['snapshot completed', 'snapshot error', 'volume available'],
};

export const deleteSnapshot: Scenario = {
  name: 'delete a snapshot',
  kind: 'delete-snapshot',
  whenItFails: 'halted',
  deeds: ['snapshot.unmake'],
  things: ['snapshot'],
  prepare: preparedSnapshot,
  ask: (service, subject) => service.blockstore.snapshots.delete(caller, { snapshotId: snapshotOf(subject), dryRun: false }),
  before: ['snapshot completed', 'volume available'],
  done: ['volume available'],
  failed: ['snapshot error', 'volume available'],
};

export const scenarios: readonly Scenario[] = [
  createEmptyVolume,
  createVolumeFromSnapshot,
  copyVolume,
  deleteVolume,
  growVolume,
  growAttachedVolume,
  takeSnapshot,
  deleteSnapshot,
  attachOnVmm1,
  attachOnVmm2,
  detachOnVmm1,
  detachOnVmm2,
  attachSecondOnVmm1,
  attachSecondOnVmm2,
  detachSecondOnVmm1,
  detachSecondOnVmm2,
];
