import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
} from '@aws-sdk/client-ec2';
import { openOperator } from '../../src/composition/open-operator.ts';
import type { JournalEntry } from '../../src/saga/journal.ts';
import type { Operation } from '../../src/saga/operation.ts';
import type { LabInUse } from '../../test/lab/lab-in-use.ts';
import { instances, type LabBackends, type LabService, startLabService } from '../../test/lab/lab-service.ts';
import { until } from '../support/until.ts';

/** A use of the API that has ended, with what the service wrote down of it. */
export interface Deed {
  /** From the request until the end of the operation, as the service wrote it down. */
  readonly durationMs: number;
  readonly journal: readonly JournalEntry[];
}

/** The service as its clients use it, each call until what it asked for has come about. */
export interface ServiceClient {
  /** Of one GiB. */
  createVolume(): Promise<string>;
  deleteVolume(volumeId: string): Promise<void>;
  attach(volumeId: string): Promise<Deed>;
  detach(volumeId: string): Promise<Deed>;
  /** Answers when the request was answered and when the snapshot was completed, in milliseconds from the request on. */
  snapshot(volumeId: string): Promise<{ readonly snapshotId: string; readonly answeredMs: number; readonly completedMs: number }>;
  deleteSnapshot(snapshotId: string): Promise<void>;
}

/** Seldom, since a service that answers questions does its work the slower. */
const waiting = { everyMs: 250, timeoutMs: 600_000 };
const onTheWay = ['creating', 'attaching', 'detaching', 'deleting'];

/** The service, which does not look at its hosts by itself: that would take their processors from what is measured, and find what is made by hand. */
export function startQuietService(lab: LabInUse, backends: LabBackends): Promise<LabService> {
  return startLabService(lab, backends, { reconcile: { everySeconds: 86_400 } });
}

export function clientOf({ client, stateFolder, operations }: LabService): ServiceClient {
  const stateOf = async (volumeId: string) => {
    const filter = { Filters: [{ Name: 'volume-id', Values: [volumeId] }] };
    const { Volumes: [volume] = [] } = await client.send(new DescribeVolumesCommand(filter));
    return volume?.Attachments?.[0]?.State ?? volume?.State ?? 'gone';
  };
  const untilIs = async (volumeId: string, wanted: string) => {
    const look = async () => {
      const state = await stateOf(volumeId);
      if (state === wanted) return true;
      if (!onTheWay.includes(state))
        throw new Error(`${volumeId} did not become ${wanted}, and is ${state}: ${await operations(volumeId)}`);
      return undefined;
    };
    await until(look, { ...waiting, describe: () => `${volumeId} does not become ${wanted}` });
  };
  const timed = async (kind: string, send: () => Promise<unknown>, end: () => Promise<void>): Promise<Deed> => {
    const sentAtMs = performance.timeOrigin + performance.now();
    await send();
    await end();
    const { operation, journal } = await lastOperation(stateFolder, kind);
    // The millisecond in which it ended counts whole.
    return { durationMs: (operation.endedAtMs ?? Number.NaN) + 1 - sentAtMs, journal };
  };
  return {
    async createVolume() {
      const { VolumeId = '' } = await client.send(new CreateVolumeCommand({ Size: 1, AvailabilityZone: 'us-east-1a' }));
      await untilIs(VolumeId, 'available');
      return VolumeId;
    },
    async deleteVolume(volumeId) {
      await client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
      await untilIs(volumeId, 'gone');
    },
    attach: (VolumeId) =>
      timed(
        'attach-volume',
        () => client.send(new AttachVolumeCommand({ VolumeId, InstanceId: instances.domu1, Device: '/dev/sdf' })),
        () => untilIs(VolumeId, 'attached'),
      ),
    detach: (VolumeId) =>
      timed(
        'detach-volume',
        () => client.send(new DetachVolumeCommand({ VolumeId })),
        () => untilIs(VolumeId, 'available'),
      ),
    async snapshot(volumeId) {
      const sentAtMs = performance.now();
      const { SnapshotId = '' } = await client.send(new CreateSnapshotCommand({ VolumeId: volumeId }));
      const answeredMs = performance.now() - sentAtMs;
      const look = async () => {
        const { Snapshots: [snapshot] = [] } = await client.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] }));
        if (snapshot?.State === 'error') throw new Error(`${SnapshotId} is not made: ${await operations(SnapshotId)}`);
        return snapshot?.State === 'completed' ? true : undefined;
      };
      await until(look, { ...waiting, describe: () => `${SnapshotId} does not become completed` });
      return { snapshotId: SnapshotId, answeredMs, completedMs: performance.now() - sentAtMs };
    },
    async deleteSnapshot(snapshotId) {
      await client.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }));
    },
  };
}

/** What the service wrote down of the operation that it began last, of all but those that it begins by itself. */
async function lastOperation(
  stateFolder: string,
  kind: string,
): Promise<{ readonly operation: Operation; readonly journal: readonly JournalEntry[] }> {
  const { operator, close } = openOperator(stateFolder);
  try {
    const last = (await operator.operations.list({ limit: 10 })).find((operation) => operation.kind === kind);
    const shown = last && (await operator.operations.show(last.id));
    if (shown?.operation.state !== 'done') throw new Error(`the last ${kind} is not done, and is ${shown?.operation.state ?? 'not there'}`);
    return shown;
  } finally {
    close();
  }
}
