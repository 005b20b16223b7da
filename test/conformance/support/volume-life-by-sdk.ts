import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  type CreateVolumeCommandInput,
  DeleteSnapshotCommand,
  DeleteVolumeCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstancesCommand,
  DescribeRegionsCommand,
  DescribeVolumesCommand,
  DetachVolumeCommand,
  EC2Client,
  EC2ServiceException,
  paginateDescribeVolumes,
  waitUntilSnapshotCompleted,
  waitUntilVolumeAvailable,
  waitUntilVolumeDeleted,
  waitUntilVolumeInUse,
} from '@aws-sdk/client-ec2';
import { expect } from 'vitest';
import { poll } from './poll.ts';
import type { ServiceUnderTest } from './service-under-test.ts';

const instanceOfLife = 'i-00000001';
const device = '/dev/sdf';

export function sdkClient({ endpoint, region, accessKeyId, secretAccessKey }: ServiceUnderTest): EC2Client {
  return new EC2Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
}

/** A volume from its creation to its end, and one made from its snapshot, as a program with the AWS SDK for JavaScript does it. */
export async function liveVolumeBySdk(service: ServiceUnderTest): Promise<void> {
  const client = sdkClient(service);
  try {
    const zone = await firstZone(client, service);
    const volumeId = await createTwiceWithOneToken(client, zone);
    await attachAndDetach(client, volumeId);
    await copyBySnapshot(client, volumeId, zone);
    await pageThroughVolumes(client, zone);
    await deleteAndWait(client, volumeId);
  } finally {
    client.destroy();
  }
}

/** The code and status of what a call is refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<{ readonly name: string; readonly status: number | undefined }> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof EC2ServiceException)) throw new Error('the call was not refused by the service', { cause: thrown });
  return { name: thrown.name, status: thrown.$metadata.httpStatusCode };
}

async function firstZone(client: EC2Client, service: ServiceUnderTest): Promise<string> {
  const regions = await client.send(new DescribeRegionsCommand({}));
  expect(regions.Regions).toMatchObject([{ RegionName: service.region, Endpoint: new URL(service.endpoint).host }]);
  const zones = await client.send(new DescribeAvailabilityZonesCommand({}));
  const zone = zones.AvailabilityZones?.[0]?.ZoneName;
  if (zone === undefined) throw new Error('the service has no zone');
  expect(await refusalOf(client.send(new DescribeAvailabilityZonesCommand({ DryRun: true })))).toEqual({
    name: 'DryRunOperation',
    status: 412,
  });
  return zone;
}

async function createTwiceWithOneToken(client: EC2Client, zone: string): Promise<string> {
  const tags = [{ Key: 'Name', Value: 'life <of> "a" & ünï 卷' }];
  const request: CreateVolumeCommandInput = {
    AvailabilityZone: zone,
    Size: 1,
    VolumeType: 'gp3',
    ClientToken: `sdk-life-${Date.now()}`,
    TagSpecifications: [{ ResourceType: 'volume', Tags: tags }],
  };
  expect(await refusalOf(client.send(new CreateVolumeCommand({ ...request, DryRun: true })))).toEqual({
    name: 'DryRunOperation',
    status: 412,
  });
  const created = await client.send(new CreateVolumeCommand(request));
  const again = await client.send(new CreateVolumeCommand(request));
  expect(created.VolumeId).toMatch(/^vol-[0-9a-f]{17}$/);
  expect(again.VolumeId).toBe(created.VolumeId);
  expect(await refusalOf(client.send(new CreateVolumeCommand({ ...request, Size: 2 })))).toEqual({
    name: 'IdempotentParameterMismatch',
    status: 400,
  });
  expect(created.Iops).toBe(3_000);
  const volumeId = idOf(created);
  await waitUntilVolumeAvailable(waiting(client), { VolumeIds: [volumeId] });
  const named = {
    Filters: [
      { Name: 'tag:Name', Values: ['life <of>*'] },
      { Name: 'volume-id', Values: [volumeId] },
    ],
  };
  const found = await client.send(new DescribeVolumesCommand(named));
  expect(found.Volumes).toMatchObject([
    {
      VolumeId: volumeId,
      Size: 1,
      State: 'available',
      VolumeType: 'gp3',
      Throughput: 125,
      Encrypted: false,
      MultiAttachEnabled: false,
      SnapshotId: '',
      AvailabilityZone: zone,
      Tags: tags,
      Attachments: [],
    },
  ]);
  expect(found.Volumes?.[0]?.CreateTime).toBeInstanceOf(Date);
  return volumeId;
}

async function attachAndDetach(client: EC2Client, volumeId: string): Promise<void> {
  const request = { VolumeId: volumeId, InstanceId: instanceOfLife, Device: device };
  const attaching = await client.send(new AttachVolumeCommand(request));
  expect(attaching).toMatchObject({ ...request, State: 'attaching' });
  await waitUntilVolumeInUse(waiting(client), { VolumeIds: [volumeId] });
  await poll(
    () => client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] })),
    ({ Volumes }) => Volumes?.[0]?.Attachments?.[0]?.State === 'attached',
  );
  const instances = await client.send(new DescribeInstancesCommand({ InstanceIds: [instanceOfLife] }));
  expect(instances.Reservations?.[0]?.Instances).toMatchObject([
    {
      InstanceId: instanceOfLife,
      State: { Code: 16, Name: 'running' },
      BlockDeviceMappings: [{ DeviceName: device, Ebs: { VolumeId: volumeId } }],
    },
  ]);
  expect(await refusalOf(client.send(new DeleteVolumeCommand({ VolumeId: volumeId })))).toEqual({ name: 'VolumeInUse', status: 400 });
  // By force nothing else happens to a volume whose VM lets go.
  const detaching = await client.send(new DetachVolumeCommand({ VolumeId: volumeId, Force: true }));
  expect(detaching).toMatchObject(request);
  await waitUntilVolumeAvailable(waiting(client), { VolumeIds: [volumeId] });
}

async function copyBySnapshot(client: EC2Client, volumeId: string, zone: string): Promise<void> {
  const snapshot = await client.send(new CreateSnapshotCommand({ VolumeId: volumeId, Description: 'half-way' }));
  expect(snapshot).toMatchObject({ VolumeId: volumeId, VolumeSize: 1, State: 'pending', Progress: '0%', Description: 'half-way' });
  const snapshotId = snapshot.SnapshotId ?? '';
  await waitUntilSnapshotCompleted(waiting(client), { SnapshotIds: [snapshotId], OwnerIds: ['self'] });
  const copy = await client.send(new CreateVolumeCommand({ AvailabilityZone: zone, SnapshotId: snapshotId }));
  expect(copy).toMatchObject({ SnapshotId: snapshotId, Size: 1, VolumeType: 'gp2', Iops: 100 });
  await waitUntilVolumeAvailable(waiting(client), { VolumeIds: [idOf(copy)] });
  await deleteAndWait(client, idOf(copy));
  await client.send(new DeleteSnapshotCommand({ SnapshotId: snapshotId }));
}

async function pageThroughVolumes(client: EC2Client, zone: string): Promise<void> {
  const tags = [{ Key: 'set', Value: `pages-${Date.now()}` }];
  const created = await Promise.all(
    Array.from({ length: 7 }, () =>
      client.send(
        new CreateVolumeCommand({ AvailabilityZone: zone, Size: 1, TagSpecifications: [{ ResourceType: 'volume', Tags: tags }] }),
      ),
    ),
  );
  const seen: string[] = [];
  const filters = [{ Name: 'tag:set', Values: [tags[0]?.Value ?? ''] }];
  for await (const page of paginateDescribeVolumes({ client, pageSize: 5 }, { Filters: filters })) {
    expect(page.Volumes?.length).toBeLessThanOrEqual(5);
    seen.push(...(page.Volumes ?? []).map(idOf));
  }
  expect(seen).toEqual(created.map(idOf).sort());
  for (const volumeId of seen) {
    await waitUntilVolumeAvailable(waiting(client), { VolumeIds: [volumeId] });
    await deleteAndWait(client, volumeId);
  }
}

async function deleteAndWait(client: EC2Client, volumeId: string): Promise<void> {
  await client.send(new DeleteVolumeCommand({ VolumeId: volumeId }));
  await waitUntilVolumeDeleted(waiting(client), { VolumeIds: [volumeId] });
  const gone = await refusalOf(client.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] })));
  expect(gone).toEqual({ name: 'InvalidVolume.NotFound', status: 400 });
}

/** The SDK's waiters look every 15 s unless told otherwise. */
function waiting(client: EC2Client) {
  return { client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.2 };
}

function idOf({ VolumeId: id }: { readonly VolumeId?: string | undefined }): string {
  if (id === undefined) throw new Error('a volume without an id');
  return id;
}
