import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AwsCli, awsCli } from '../conformance/support/volume-life-by-cli.ts';
import { type LabInUse, openLab } from './lab-in-use.ts';
import { instances, type LabService, startLabService } from './lab-service.ts';

/** Emulated machines on a busy one: a step of a second may take a minute. */
const patience = { timeout: 900_000, interval: 1_000 };
const guestMs = 300_000;

interface Shown {
  readonly VolumeId?: string;
  readonly SnapshotId?: string;
  readonly State?: string;
  readonly Attachments?: readonly { readonly State?: string }[];
}

let lab: LabInUse;
let service: LabService;
let aws: AwsCli;
let before: readonly string[];
beforeAll(async () => {
  lab = await openLab();
  before = await lab.inventory();
  service = await startLabService(lab, {
    volumes: { driver: 'lvm-thin', settings: { volumeGroup: 'vbs', pool: 'pool' } },
    exports: { driver: 'lio', settings: { portal: `${await lab.volumeServerAddress()}:3261` } },
  });
  aws = await awsCli(service);
});
afterAll(async () => {
  await aws.close();
  await service.stop();
  await lab.stop();
});

const stateOf = async (volumeId: string) => {
  const { Volumes } = (await aws.ec2('describe-volumes', '--volume-ids', volumeId)) as { readonly Volumes: readonly Shown[] };
  return Volumes[0]?.Attachments?.[0]?.State ?? Volumes[0]?.State;
};
const become = async (volumeId: string, state: string) => {
  await expect
    .poll(() => stateOf(volumeId), patience)
    .toBe(state)
    .catch(async (cause: unknown) => {
      throw new Error(`${volumeId} did not become ${state}:\n${await service.operations(volumeId)}`, { cause });
    });
};
const create = async (...words: readonly string[]): Promise<string> => {
  const { VolumeId = '' } = (await aws.ec2('create-volume', '--availability-zone', 'us-east-1a', ...words)) as Shown;
  await become(VolumeId, 'available');
  return VolumeId;
};
const detach = async (volumeId: string) => {
  await aws.ec2('detach-volume', '--volume-id', volumeId);
  await become(volumeId, 'available');
};
const write = async (domU: string, device: string, text: string) => {
  const wrote = await lab.domU(domU).run(`echo ${text} | dd of=/dev/${device} bs=512 seek=8 conv=sync,fsync,notrunc`, guestMs);
  expect(wrote, wrote.output).toMatchObject({ exitCode: 0 });
};
const read = async (domU: string, device: string, length: number) =>
  (await lab.domU(domU).run(`dd if=/dev/${device} bs=512 skip=8 count=1 2>/dev/null | head -c ${length}`, guestMs)).output.trim();

describe("the paper's figures", () => {
  let one: string;
  let two: string;

  it('2: several volumes are in one guest, by instance id and by host and domain, by the AWS CLI and by vbs', async () => {
    one = await create('--size', '1');
    two = ((await service.vbs('create-volume', '1', '--wait')) as Shown).VolumeId ?? '';
    await aws.ec2('attach-volume', '--volume-id', one, '--instance-id', instances.domu1, '--device', '/dev/sdf');
    await become(one, 'attached');
    await service.vbs('attach-volume', two, 'xen1', 'domu1', 'xvdg', '--wait');
    await become(two, 'attached');
    await write('domu1', 'xvdf', 'FIRST');
    await write('domu1', 'xvdg', 'SECOND');
    expect(await read('domu1', 'xvdf', 5)).toBe('FIRST');
    expect(await read('domu1', 'xvdg', 6)).toBe('SECOND');
    expect(await aws.refusal('attach-volume', '--volume-id', one, '--instance-id', instances.domu2, '--device', '/dev/sdf')).toContain(
      'VolumeInUse',
    );
    await service.vbs('detach-volume', two, '--wait');
    await become(two, 'available');
    expect(await read('domu1', 'xvdf', 5)).toBe('FIRST');
  });

  it('3: two volumes of one snapshot are in two guests on two hosts, hold what it held, and go their own ways', async () => {
    const { SnapshotId = '' } = (await aws.ec2('create-snapshot', '--volume-id', one)) as Shown;
    const completed = async () =>
      ((await aws.ec2('describe-snapshots', '--snapshot-ids', SnapshotId)) as { readonly Snapshots: readonly Shown[] }).Snapshots[0]?.State;
    await expect.poll(completed, patience).toBe('completed');
    await write('domu1', 'xvdf', 'LATER');
    const [left, right] = [await create('--snapshot-id', SnapshotId), await create('--snapshot-id', SnapshotId)] as const;
    await aws.ec2('attach-volume', '--volume-id', left, '--instance-id', instances.domu1, '--device', '/dev/sdh');
    await aws.ec2('attach-volume', '--volume-id', right, '--instance-id', instances.domu2, '--device', '/dev/sdh');
    await become(left, 'attached');
    await become(right, 'attached');
    expect(await read('domu1', 'xvdh', 5)).toBe('FIRST');
    expect(await read('domu2', 'xvdh', 5)).toBe('FIRST');
    await write('domu1', 'xvdh', 'LEFT');
    await write('domu2', 'xvdh', 'RIGHT');
    expect(await read('domu1', 'xvdh', 4)).toBe('LEFT');
    expect(await read('domu2', 'xvdh', 5)).toBe('RIGHT');
    expect(await read('domu1', 'xvdf', 5)).toBe('LATER');
    await Promise.all([one, left, right].map(detach));
    await Promise.all([one, two, left, right].map((volumeId) => aws.ec2('delete-volume', '--volume-id', volumeId)));
    await aws.ec2('delete-snapshot', '--snapshot-id', SnapshotId);
    await expect.poll(() => lab.inventory(), { ...patience, interval: 5_000 }).toEqual(before);
  });
});
