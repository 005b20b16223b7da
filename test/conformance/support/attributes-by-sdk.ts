import {
  AttachVolumeCommand,
  CopySnapshotCommand,
  CopyVolumesCommand,
  CreateSnapshotsCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DeleteSnapshotCommand,
  DeleteTagsCommand,
  DescribeAccountAttributesCommand,
  DescribeInstanceAttributeCommand,
  DescribeLockedSnapshotsCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
  DescribeTagsCommand,
  DescribeVolumeAttributeCommand,
  DescribeVolumeStatusCommand,
  DescribeVolumesCommand,
  DescribeVolumesModificationsCommand,
  DisableEbsEncryptionByDefaultCommand,
  DisableSnapshotBlockPublicAccessCommand,
  type EC2Client,
  EnableEbsEncryptionByDefaultCommand,
  EnableSnapshotBlockPublicAccessCommand,
  EnableVolumeIOCommand,
  GetEbsDefaultKmsKeyIdCommand,
  GetEbsEncryptionByDefaultCommand,
  GetSnapshotBlockPublicAccessStateCommand,
  LockSnapshotCommand,
  ModifyEbsDefaultKmsKeyIdCommand,
  ModifyInstanceAttributeCommand,
  ModifySnapshotAttributeCommand,
  ModifyVolumeAttributeCommand,
  ModifyVolumeCommand,
  ResetEbsDefaultKmsKeyIdCommand,
  ResetSnapshotAttributeCommand,
  UnlockSnapshotCommand,
  waitUntilSnapshotCompleted,
  waitUntilVolumeAvailable,
} from '@aws-sdk/client-ec2';
import { expect } from 'vitest';
import { poll } from './poll.ts';
import type { ServiceUnderTest } from './service-under-test.ts';
import { refusalOf, sdkClient } from './volume-life-by-sdk.ts';

const InstanceId = 'i-00000007';

/** Everything about volumes, snapshots and the account that is no part of a volume's plain life, as the SDK sends and reads it. */
export async function askForAttributesBySdk(service: ServiceUnderTest): Promise<void> {
  const client = sdkClient(service);
  const waiting = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  try {
    const { VolumeId = '' } = await client.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, VolumeType: 'gp3' }));
    await waitUntilVolumeAvailable(waiting, { VolumeIds: [VolumeId] });

    await client.send(
      new CreateTagsCommand({
        Resources: [VolumeId],
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '' },
        ],
      }),
    );
    await client.send(new DeleteTagsCommand({ Resources: [VolumeId], Tags: [{ Key: 'a' }] }));
    const { Tags } = await client.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [VolumeId] }] }));
    expect(Tags).toEqual([{ Key: 'b', Value: '', ResourceId: VolumeId, ResourceType: 'volume' }]);

    const { VolumeModification } = await client.send(new ModifyVolumeCommand({ VolumeId, Size: 2, Throughput: 250 }));
    expect(VolumeModification).toMatchObject({ VolumeId, ModificationState: 'modifying', OriginalSize: 1, TargetSize: 2, Progress: 0 });
    const modified = await poll(
      () => client.send(new DescribeVolumesModificationsCommand({ VolumeIds: [VolumeId] })),
      ({ VolumesModifications }) => VolumesModifications?.[0]?.ModificationState === 'completed',
    );
    expect(modified.VolumesModifications?.[0]).toMatchObject({ TargetThroughput: 250, Progress: 100, EndTime: expect.any(Date) });

    await client.send(new ModifyVolumeAttributeCommand({ VolumeId, AutoEnableIO: { Value: true } }));
    await client.send(new EnableVolumeIOCommand({ VolumeId }));
    expect(await client.send(new DescribeVolumeAttributeCommand({ VolumeId, Attribute: 'autoEnableIO' }))).toMatchObject({
      VolumeId,
      AutoEnableIO: { Value: true },
    });
    const { VolumeStatuses } = await client.send(new DescribeVolumeStatusCommand({ VolumeIds: [VolumeId] }));
    expect(VolumeStatuses).toMatchObject([
      { VolumeId, VolumeStatus: { Status: 'ok', Details: [{ Name: 'io-enabled', Status: 'passed' }, {}] } },
    ]);

    await client.send(new AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/sdf' }));
    await poll(
      () => client.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] })),
      ({ Volumes }) => Volumes?.[0]?.Attachments?.[0]?.State === 'attached',
    );
    const BlockDeviceMappings = [{ DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: true } }];
    await client.send(new ModifyInstanceAttributeCommand({ InstanceId, BlockDeviceMappings }));
    expect(await client.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute: 'blockDeviceMapping' }))).toMatchObject({
      InstanceId,
      BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeId, DeleteOnTermination: true, AttachTime: expect.any(Date) } }],
    });

    const { Snapshots } = await client.send(new CreateSnapshotsCommand({ InstanceSpecification: { InstanceId }, Description: 'all' }));
    expect(Snapshots).toMatchObject([{ VolumeId, VolumeSize: 2, State: 'pending', Description: 'all', StartTime: expect.any(Date) }]);
    const first = Snapshots?.[0]?.SnapshotId ?? '';
    await waitUntilSnapshotCompleted(waiting, { SnapshotIds: [first] });
    const copy = await client.send(new CopySnapshotCommand({ SourceRegion: service.region, SourceSnapshotId: first, Description: 'copy' }));
    const SnapshotId = copy.SnapshotId ?? '';
    await waitUntilSnapshotCompleted(waiting, { SnapshotIds: [SnapshotId] });

    const attribute = { SnapshotId, Attribute: 'createVolumePermission' } as const;
    await client.send(new ModifySnapshotAttributeCommand({ ...attribute, OperationType: 'add', UserIds: ['210987654321'] }));
    await client.send(new ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission: { Add: [{ Group: 'all' }] } }));
    const { CreateVolumePermissions } = await client.send(new DescribeSnapshotAttributeCommand(attribute));
    expect(CreateVolumePermissions).toEqual([{ UserId: '210987654321' }, { Group: 'all' }]);
    const restorable = await client.send(new DescribeSnapshotsCommand({ RestorableByUserIds: ['all'], OwnerIds: ['self'] }));
    expect(restorable.Snapshots).toMatchObject([{ SnapshotId, VolumeSize: 2, State: 'completed' }]);
    await client.send(new ResetSnapshotAttributeCommand(attribute));
    expect((await client.send(new DescribeSnapshotAttributeCommand(attribute))).CreateVolumePermissions).toEqual([]);
    await lockBySdk(client, SnapshotId);
    await copyVolumeBySdk(client, VolumeId);

    expect(await client.send(new EnableSnapshotBlockPublicAccessCommand({ State: 'block-all-sharing' }))).toMatchObject({
      State: 'block-all-sharing',
    });
    expect(await client.send(new GetSnapshotBlockPublicAccessStateCommand({}))).toMatchObject({ State: 'block-all-sharing' });
    expect(await client.send(new DisableSnapshotBlockPublicAccessCommand({}))).toMatchObject({ State: 'unblocked' });

    expect(await client.send(new EnableEbsEncryptionByDefaultCommand({}))).toMatchObject({ EbsEncryptionByDefault: true });
    expect(await client.send(new GetEbsEncryptionByDefaultCommand({}))).toMatchObject({ EbsEncryptionByDefault: true });
    expect(await client.send(new DisableEbsEncryptionByDefaultCommand({}))).toMatchObject({ EbsEncryptionByDefault: false });
    expect(await client.send(new ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId: 'alias/mine' }))).toMatchObject({ KmsKeyId: 'alias/mine' });
    expect(await client.send(new GetEbsDefaultKmsKeyIdCommand({}))).toMatchObject({ KmsKeyId: 'alias/mine' });
    expect(await client.send(new ResetEbsDefaultKmsKeyIdCommand({}))).toMatchObject({ KmsKeyId: 'alias/aws/ebs' });
    const { AccountAttributes } = await client.send(new DescribeAccountAttributesCommand({ AttributeNames: ['supported-platforms'] }));
    expect(AccountAttributes).toEqual([{ AttributeName: 'supported-platforms', AttributeValues: [{ AttributeValue: 'VPC' }] }]);
  } finally {
    client.destroy();
  }
}

async function lockBySdk(client: EC2Client, SnapshotId: string): Promise<void> {
  const asked = { SnapshotId, LockMode: 'compliance', LockDuration: 1, CoolOffPeriod: 1 } as const;
  const locked = await client.send(new LockSnapshotCommand(asked));
  expect(locked).toMatchObject({ SnapshotId, LockState: 'compliance-cooloff', LockDuration: 1, CoolOffPeriod: 1 });
  expect(locked.LockExpiresOn).toBeInstanceOf(Date);
  expect(await refusalOf(client.send(new DeleteSnapshotCommand({ SnapshotId })))).toEqual({ name: 'SnapshotLocked', status: 400 });
  const { Snapshots } = await client.send(new DescribeLockedSnapshotsCommand({ SnapshotIds: [SnapshotId] }));
  expect(Snapshots).toMatchObject([{ SnapshotId, LockState: 'compliance-cooloff' }]);
  expect(await client.send(new UnlockSnapshotCommand({ SnapshotId }))).toMatchObject({ SnapshotId });
}

/** The SDK makes up a client token by itself. */
async function copyVolumeBySdk(client: EC2Client, SourceVolumeId: string): Promise<void> {
  const { Volumes } = await client.send(new CopyVolumesCommand({ SourceVolumeId, VolumeType: 'gp3' }));
  expect(Volumes).toMatchObject([{ SourceVolumeId, Size: 2, VolumeType: 'gp3', State: 'creating' }]);
  await waitUntilVolumeAvailable({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { VolumeIds: [Volumes?.[0]?.VolumeId ?? ''] });
}
