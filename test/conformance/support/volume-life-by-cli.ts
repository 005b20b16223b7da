import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { poll } from './poll.ts';
import type { ServiceUnderTest } from './service-under-test.ts';

const run = promisify(execFile);
const debianAws = '/usr/bin/aws';
const instanceOfLife = 'i-00000002';

type Json = Readonly<Record<string, unknown>>;

export interface AwsCli {
  /** `aws ec2 …`, its JSON answer. */
  ec2(...args: readonly string[]): Promise<Json>;
  /** The standard error of an `aws ec2 …` that is refused. */
  refusal(...args: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** The AWS CLI with a home and a configuration of its own, so that nothing of this machine's leaks in. */
export async function awsCli(service: ServiceUnderTest): Promise<AwsCli> {
  const home = await mkdtemp(join(tmpdir(), 'aws-cli-'));
  const command = existsSync(debianAws) ? debianAws : 'aws';
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_ACCESS_KEY_ID: service.accessKeyId,
    AWS_SECRET_ACCESS_KEY: service.secretAccessKey,
    AWS_DEFAULT_REGION: service.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
    NO_PROXY: '*',
  };
  const ec2 = async (...args: readonly string[]): Promise<Json> => {
    const { stdout } = await run(command, ['ec2', ...args, '--endpoint-url', service.endpoint, '--output', 'json'], { env });
    return stdout === '' ? {} : (JSON.parse(stdout) as Json);
  };
  return {
    ec2,
    refusal: (...args) =>
      ec2(...args).then(
        () => Promise.reject(new Error(`aws ec2 ${args.join(' ')} was not refused`)),
        (error: unknown) => (error instanceof Error && 'stderr' in error ? String(error.stderr) : Promise.reject(error)),
      ),
    close: () => rm(home, { recursive: true }),
  };
}

/** A volume from its creation to its end, and one made from its snapshot, as a person at a shell does it. */
export async function liveVolumeByCli(service: ServiceUnderTest): Promise<void> {
  const aws = await awsCli(service);
  try {
    const zone = await firstZone(aws);
    const volumeId = await createTwiceWithOneToken(aws, zone);
    await attachAndDetach(aws, volumeId);
    await copyBySnapshot(aws, volumeId, zone);
    await deleteAndWait(aws, volumeId);
  } finally {
    await aws.close();
  }
}

async function firstZone(aws: AwsCli): Promise<string> {
  const { AvailabilityZones: zones } = await aws.ec2('describe-availability-zones');
  if (!Array.isArray(zones)) throw new Error('the service lists no zones');
  expect(await aws.refusal('describe-availability-zones', '--dry-run')).toContain('DryRunOperation');
  return String(zones[0].ZoneName);
}

async function createTwiceWithOneToken(aws: AwsCli, zone: string): Promise<string> {
  const tags = [
    { Key: 'Name', Value: 'cli life' },
    { Key: 'empty', Value: '' },
  ];
  const create = [
    'create-volume',
    ...['--availability-zone', zone, '--size', '1', '--volume-type', 'gp3'],
    ...['--client-token', `cli-life-${Date.now()}`],
    ...['--tag-specifications', JSON.stringify([{ ResourceType: 'volume', Tags: tags }])],
  ];
  expect(await aws.refusal(...create, '--dry-run')).toContain('DryRunOperation');
  const created = await aws.ec2(...create);
  const again = await aws.ec2(...create);
  expect(again.VolumeId).toBe(created.VolumeId);
  const volumeId = String(created.VolumeId);
  await pollVolume(aws, volumeId, (volume) => volume.State === 'available');
  const found = await aws.ec2('describe-volumes', '--filters', 'Name=tag:Name,Values=cli ?ife', `Name=volume-id,Values=${volumeId}`);
  expect(found).toMatchObject({
    Volumes: [{ VolumeId: volumeId, Size: 1, Tags: expect.arrayContaining(tags), SnapshotId: '' }],
  });
  return volumeId;
}

async function attachAndDetach(aws: AwsCli, volumeId: string): Promise<void> {
  const attached = await aws.ec2('attach-volume', '--volume-id', volumeId, '--instance-id', instanceOfLife, '--device', '/dev/sdg');
  expect(attached).toMatchObject({ VolumeId: volumeId, InstanceId: instanceOfLife, Device: '/dev/sdg', State: 'attaching' });
  await pollVolume(aws, volumeId, ({ Attachments: attachments }) => Array.isArray(attachments) && attachments[0]?.State === 'attached');
  const instances = await aws.ec2('describe-instances', '--filters', `Name=block-device-mapping.volume-id,Values=${volumeId}`);
  expect(instances).toMatchObject({ Reservations: [{ Instances: [{ InstanceId: instanceOfLife }] }] });
  expect(await aws.refusal('delete-volume', '--volume-id', volumeId)).toContain('VolumeInUse');
  await aws.ec2('detach-volume', '--volume-id', volumeId);
  await pollVolume(aws, volumeId, (volume) => volume.State === 'available');
}

async function copyBySnapshot(aws: AwsCli, volumeId: string, zone: string): Promise<void> {
  const snapshot = await aws.ec2('create-snapshot', '--volume-id', volumeId, '--description', 'by the CLI');
  const snapshotId = String(snapshot.SnapshotId);
  await poll(
    () => aws.ec2('describe-snapshots', '--snapshot-ids', snapshotId, '--owner-ids', 'self'),
    ({ Snapshots: snapshots }) => Array.isArray(snapshots) && snapshots[0]?.State === 'completed',
  );
  const copy = await aws.ec2('create-volume', '--availability-zone', zone, '--snapshot-id', snapshotId);
  expect(copy).toMatchObject({ SnapshotId: snapshotId, Size: 1, VolumeType: 'gp2' });
  await pollVolume(aws, String(copy.VolumeId), (volume) => volume.State === 'available');
  await deleteAndWait(aws, String(copy.VolumeId));
  await aws.ec2('delete-snapshot', '--snapshot-id', snapshotId);
}

async function deleteAndWait(aws: AwsCli, volumeId: string): Promise<void> {
  await aws.ec2('delete-volume', '--volume-id', volumeId);
  await poll(
    () => aws.ec2('describe-volumes', '--filters', `Name=volume-id,Values=${volumeId}`),
    ({ Volumes: volumes }) => Array.isArray(volumes) && volumes.length === 0,
  );
  expect(await aws.refusal('describe-volumes', '--volume-ids', volumeId)).toContain('InvalidVolume.NotFound');
}

async function pollVolume(aws: AwsCli, volumeId: string, isWanted: (volume: Json) => boolean): Promise<void> {
  await poll(
    () => aws.ec2('describe-volumes', '--volume-ids', volumeId),
    ({ Volumes: volumes }) => Array.isArray(volumes) && isWanted(volumes[0]),
  );
}
