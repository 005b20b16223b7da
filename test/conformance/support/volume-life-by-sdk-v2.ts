import EC2 from 'aws-sdk/clients/ec2.js';
import { expect } from 'vitest';
import { poll } from './poll.ts';
import type { ServiceUnderTest } from './service-under-test.ts';

const instanceOfLife = 'i-00000006';
/** The SDK's waiters look every 15 s unless told otherwise. */
const quickly = { delay: 0.05, maxAttempts: 1_000 };

/** A volume from its creation to its end, and one made from its snapshot, with version 2 of the AWS SDK for JavaScript: its promises, waiters and pages. */
export async function liveVolumeBySdkV2({ endpoint, region, accessKeyId, secretAccessKey }: ServiceUnderTest): Promise<void> {
  const ec2 = new EC2({ endpoint, region, accessKeyId, secretAccessKey, maxRetries: 0 });
  const stranger = new EC2({ endpoint, region, accessKeyId, secretAccessKey: 'wrong', maxRetries: 0 });
  expect(await refusalOf(stranger.describeVolumes().promise())).toEqual({ code: 'AuthFailure', statusCode: 401 });

  const { AvailabilityZones } = await ec2.describeAvailabilityZones().promise();
  const AvailabilityZone = AvailabilityZones?.[0]?.ZoneName ?? '';
  const Tags = [{ Key: 'Name', Value: 'v2 & <ünï>' }];
  const create = {
    AvailabilityZone,
    Size: 1,
    VolumeType: 'gp3',
    ClientToken: 'sdk-v2-life',
    TagSpecifications: [{ ResourceType: 'volume', Tags }],
  };
  expect(await refusalOf(ec2.createVolume({ ...create, DryRun: true }).promise())).toEqual({ code: 'DryRunOperation', statusCode: 412 });
  const { VolumeId = '' } = await ec2.createVolume(create).promise();
  expect((await ec2.createVolume(create).promise()).VolumeId).toBe(VolumeId);
  const other = ec2.createVolume({ ...create, Size: 2 }).promise();
  expect(await refusalOf(other)).toEqual({ code: 'IdempotentParameterMismatch', statusCode: 400 });
  await ec2.waitFor('volumeAvailable', { VolumeIds: [VolumeId], $waiter: quickly }).promise();

  const attachment = { VolumeId, InstanceId: instanceOfLife, Device: '/dev/sdf' };
  expect(await ec2.attachVolume(attachment).promise()).toMatchObject({ ...attachment, State: 'attaching' });
  await ec2.waitFor('volumeInUse', { VolumeIds: [VolumeId], $waiter: quickly }).promise();
  const { Volumes } = await poll(
    () => ec2.describeVolumes({ Filters: [{ Name: 'attachment.instance-id', Values: [instanceOfLife] }] }).promise(),
    ({ Volumes: found }) => found?.[0]?.Attachments?.[0]?.State === 'attached',
  );
  expect(Volumes).toMatchObject([
    { VolumeId, Size: 1, State: 'in-use', Iops: 3_000, Throughput: 125, Encrypted: false, SnapshotId: '', Tags },
  ]);
  expect(Volumes?.[0]?.CreateTime).toBeInstanceOf(Date);
  const { Reservations } = await ec2.describeInstances({ InstanceIds: [instanceOfLife] }).promise();
  expect(Reservations?.[0]?.Instances?.[0]?.BlockDeviceMappings).toMatchObject([{ DeviceName: '/dev/sdf', Ebs: { VolumeId } }]);
  expect(await refusalOf(ec2.deleteVolume({ VolumeId }).promise())).toEqual({ code: 'VolumeInUse', statusCode: 400 });
  await ec2.detachVolume({ VolumeId }).promise();
  await ec2.waitFor('volumeAvailable', { VolumeIds: [VolumeId], $waiter: quickly }).promise();

  const { VolumeModification } = await ec2.modifyVolume({ VolumeId, Size: 2 }).promise();
  expect(VolumeModification).toMatchObject({ OriginalSize: 1, TargetSize: 2, ModificationState: 'modifying' });
  await poll(
    () => ec2.describeVolumesModifications({ VolumeIds: [VolumeId] }).promise(),
    ({ VolumesModifications }) => VolumesModifications?.[0]?.ModificationState === 'completed',
  );

  const { SnapshotId = '' } = await ec2.createSnapshot({ VolumeId, Description: 'half-way' }).promise();
  await ec2.waitFor('snapshotCompleted', { SnapshotIds: [SnapshotId], $waiter: quickly }).promise();
  const copies = await Promise.all(Array.from({ length: 6 }, () => ec2.createVolume({ AvailabilityZone, SnapshotId }).promise()));
  const ids = [VolumeId, ...copies.map((copy) => copy.VolumeId ?? '')].sort();
  await ec2.waitFor('volumeAvailable', { VolumeIds: ids, $waiter: quickly }).promise();
  expect(await pagesOf(ec2, ids)).toEqual([ids.slice(0, 5), ids.slice(5)]);

  const presigned = await fetch(presignedUrl(ec2, VolumeId));
  expect([presigned.status, await presigned.text()]).toEqual([200, expect.stringContaining(VolumeId)]);

  for (const id of ids) {
    await ec2.deleteVolume({ VolumeId: id }).promise();
  }
  await ec2.waitFor('volumeDeleted', { VolumeIds: [VolumeId], $waiter: quickly }).promise();
  await ec2.deleteSnapshot({ SnapshotId }).promise();
  const gone = ec2.describeSnapshots({ SnapshotIds: [SnapshotId] }).promise();
  expect(await refusalOf(gone)).toEqual({ code: 'InvalidSnapshot.NotFound', statusCode: 400 });
}

/** The ids on each page, as the SDK's own paging goes from one to the next. */
function pagesOf(ec2: EC2, ids: readonly string[]): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = [];
  const request = ec2.describeVolumes({ MaxResults: 5, Filters: [{ Name: 'volume-id', Values: [...ids] }] });
  return new Promise((resolve, reject) => {
    request.eachPage((error, data) => {
      if (error) reject(error);
      else if (data === null) resolve(pages);
      else pages.push((data.Volumes ?? []).map(({ VolumeId = '' }) => VolumeId));
      return true;
    });
  });
}

/** Version 2 presigns by a member that every request has and that its types do not show. */
function presignedUrl(ec2: EC2, volumeId: string): string {
  const request: { presign?: (seconds: number) => string; httpRequest: { method: string } } = ec2.describeVolumes({
    VolumeIds: [volumeId],
  });
  request.httpRequest.method = 'GET';
  if (request.presign === undefined) throw new Error('this version of the SDK presigns nothing');
  return request.presign(60);
}

async function refusalOf(call: Promise<unknown>): Promise<{ readonly code: unknown; readonly statusCode: unknown }> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error && 'code' in thrown && 'statusCode' in thrown))
    throw new Error('the call was not refused', { cause: thrown });
  return { code: thrown.code, statusCode: thrown.statusCode };
}
