import { describe, expect, test } from 'vitest';
import type { Volume } from '../../../../src/model/volume.ts';
import { fakeVolume, instanceId } from '../support/fake-blockstore.ts';
import { accountId, call, errorOf, fakeDependencies } from '../support/fake-service.ts';

const create = { Action: 'CreateVolume', AvailabilityZone: 'here-1a', Size: '1' };

async function refusal(params: Readonly<Record<string, string>>, deps = fakeDependencies()) {
  return errorOf(await call(params, deps));
}

/** The texts of an element, in the order of the answer. */
async function texts(element: string, params: Readonly<Record<string, string>>, deps = fakeDependencies()): Promise<readonly string[]> {
  const { text } = await call(params, deps);
  return [...text.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, content = '']) => content);
}

function withVolumes(...volumes: readonly Volume[]) {
  const deps = fakeDependencies();
  deps.blockstore.held.volumes = [...volumes].sort((a, b) => (a.id < b.id ? -1 : 1));
  return deps;
}

function attached(number: number): Volume {
  const volume = fakeVolume(number, { state: 'in-use' });
  const attachment = {
    id: 'att-00000000000000001' as Volume['attachments'][number]['id'],
    volumeId: volume.id,
    generation: 1,
    instanceId: instanceId('i-00000002'),
    device: '/dev/sdf',
    placement: { vmmHost: 'vmm-1', domain: 'domain-2' },
    state: 'attached',
    attachedAtMs: Date.UTC(2024, 0, 2),
    deleteOnTermination: false,
  } as const;
  return { ...volume, attachments: [attachment] };
}

describe('ids and names', () => {
  test.each([
    [
      { Action: 'DeleteVolume', VolumeId: 'vol-xyz' },
      'InvalidParameterValue',
      "Value (vol-xyz) for parameter volumeId is invalid. Expected: 'vol-...'.",
    ],
    [
      { Action: 'DescribeVolumes', 'VolumeId.1': 'x' },
      'InvalidParameterValue',
      "Value (x) for parameter volumeId is invalid. Expected: 'vol-...'.",
    ],
    [
      { Action: 'DeleteSnapshot', SnapshotId: 'vol-00000001' },
      'InvalidParameterValue',
      "Value (vol-00000001) for parameter snapshotId is invalid. Expected: 'snap-...'.",
    ],
    [{ Action: 'DescribeInstances', 'InstanceId.1': '-rf /' }, 'InvalidInstanceID.Malformed', 'Invalid id: "-rf /"'],
    [
      { Action: 'AttachVolume', VolumeId: 'vol-00000001', InstanceId: 'i-00000001', Device: '/dev/../sda' },
      'InvalidParameterValue',
      'Value (/dev/../sda) for parameter device is invalid. It is not a valid device name.',
    ],
  ])('%o is refused with %s', async (params, code, message) => {
    expect(await refusal(params)).toEqual({ status: 400, code, message });
  });

  test('an id asked for twice is answered once', async () => {
    const volume = fakeVolume(1);
    const params = { Action: 'DescribeVolumes', 'VolumeId.1': volume.id, 'VolumeId.2': volume.id };
    expect(await texts('volumeId', params, withVolumes(volume))).toEqual([volume.id]);
  });
});

describe('CreateVolume', () => {
  test('takes a zone by its id too, and not by both', async () => {
    const { AvailabilityZone: zone, ...rest } = create;
    expect(await texts('availabilityZone', { ...rest, AvailabilityZoneId: zone })).toEqual([zone]);
    expect(await refusal({ ...create, AvailabilityZoneId: zone })).toMatchObject({ code: 'InvalidParameterCombination' });
    expect(await refusal(rest)).toMatchObject({ code: 'MissingParameter' });
  });

  test('refuses a client token that EC2 would not take', async () => {
    expect(await refusal({ ...create, ClientToken: 'x'.repeat(65) })).toMatchObject({ code: 'InvalidParameterValue' });
    expect(await refusal({ ...create, ClientToken: 'é' })).toMatchObject({ code: 'InvalidParameterValue' });
  });

  const tag = (key: string, value: string) => ({
    'TagSpecification.1.ResourceType': 'volume',
    'TagSpecification.1.Tag.1.Key': key,
    'TagSpecification.1.Tag.1.Value': value,
  });

  test('takes the longest tag', async () => {
    const { text } = await call({ ...create, ...tag('k'.repeat(127), 'v'.repeat(255)) }, fakeDependencies());
    expect(text).toContain(`<tagSet><item><key>${'k'.repeat(127)}</key><value>${'v'.repeat(255)}</value></item></tagSet>`);
  });

  test.each([
    ['a long key', tag('k'.repeat(128), 'v'), 'InvalidParameterValue'],
    ['a long value', tag('k', 'v'.repeat(256)), 'InvalidParameterValue'],
    ['a reserved key', tag('aws:x', 'v'), 'InvalidParameterValue'],
    ['no key', tag('', 'v'), 'MissingParameter'],
    ['tags of another resource', { ...tag('k', 'v'), 'TagSpecification.1.ResourceType': 'snapshot' }, 'InvalidParameterValue'],
    ['tags of no resource', { 'TagSpecification.1.Tag.1.Key': 'k' }, 'MissingParameter'],
    ['a key twice', { ...tag('k', 'v'), 'TagSpecification.1.Tag.2.Key': 'k' }, 'InvalidParameterValue'],
    [
      'too many tags',
      {
        'TagSpecification.1.ResourceType': 'volume',
        ...Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`TagSpecification.1.Tag.${n}.Key`, `k${n}`])),
      },
      'TagLimitExceeded',
    ],
  ])('refuses %s', async (_name, params, code) => {
    expect(await refusal({ ...create, ...params })).toMatchObject({ status: 400, code });
  });
});

describe('the view of a volume', () => {
  test.each([
    [1, '100'],
    [100, '300'],
    [16_384, '16000'],
  ])('of gp2 with %s GiB shows the baseline of %s IOPS', async (sizeGiB, iops) => {
    const { iops: _, throughputMiBps: __, ...volume } = fakeVolume(1, { type: 'gp2', sizeGiB });
    expect(await texts('iops', { Action: 'DescribeVolumes' }, withVolumes(volume))).toEqual([iops]);
  });

  test('has its attachments', async () => {
    const volume = attached(1);
    const { text } = await call({ Action: 'DescribeVolumes' }, withVolumes(volume));
    expect(text).toContain(
      '<deleteOnTermination>false</deleteOnTermination>' +
        `<volumeId>${volume.id}</volumeId><instanceId>i-00000002</instanceId><device>/dev/sdf</device>` +
        '<status>attached</status><attachTime>2024-01-02T00:00:00.000Z</attachTime>',
    );
  });
});

describe('DescribeVolumes', () => {
  const volume = attached(1);
  const other = fakeVolume(2, { zone: 'here-1b', type: 'io1', sizeGiB: 9, tags: [] });

  test.each([
    ['attachment.attach-time', '2024-01-02T*'],
    ['attachment.delete-on-termination', 'false'],
    ['attachment.device', '/dev/sdf'],
    ['attachment.instance-id', 'i-00000002'],
    ['attachment.status', 'attached'],
    ['availability-zone', 'here-1a'],
    ['availability-zone-id', 'here-1a'],
    ['create-time', '*.011Z'],
    ['size', '8'],
    ['status', 'in-use'],
    ['tag:Name', 'volume 1'],
    ['tag-key', 'Name'],
    ['volume-id', volume.id],
    ['volume-type', 'gp3'],
  ])('finds by %s', async (name, value) => {
    const params = { Action: 'DescribeVolumes', 'Filter.1.Name': name, 'Filter.1.Value.1': value };
    expect((await texts('createTime', params, withVolumes(volume, other))).length).toBe(1);
  });

  test.each([
    ['encrypted', 2],
    ['fast-restored', 2],
    ['multi-attach-enabled', 2],
    ['operator.managed', 2],
    ['operator.principal', 0],
    ['snapshot-id', 0],
  ])('takes the filter %s', async (name, found) => {
    const params = { Action: 'DescribeVolumes', 'Filter.1.Name': name, 'Filter.1.Value.1': 'false' };
    expect((await texts('createTime', params, withVolumes(volume, other))).length).toBe(found);
  });
});

describe('DescribeSnapshots', () => {
  async function owned(params: Readonly<Record<string, string>>) {
    const deps = withVolumes(fakeVolume(1));
    await call({ Action: 'CreateSnapshot', VolumeId: fakeVolume(1).id, Description: 'one' }, deps);
    return (await texts('snapshotId', { Action: 'DescribeSnapshots', ...params }, deps)).length;
  }

  test.each([
    [{}, 1],
    [{ 'Owner.1': 'self' }, 1],
    [{ 'Owner.1': accountId }, 1],
    [{ 'Owner.1': 'amazon' }, 0],
    [{ 'Owner.1': 'amazon', 'Owner.2': 'self' }, 1],
    [{ 'Owner.1': '999999999999' }, 0],
    [{ 'RestorableBy.1': 'self' }, 1],
    [{ 'RestorableBy.1': 'all' }, 0],
    [{ 'Filter.1.Name': 'description', 'Filter.1.Value.1': 'o?e' }, 1],
    [{ 'Filter.1.Name': 'status', 'Filter.1.Value.1': 'completed' }, 1],
    [{ 'Filter.1.Name': 'progress', 'Filter.1.Value.1': '100%' }, 1],
    [{ 'Filter.1.Name': 'volume-size', 'Filter.1.Value.1': '8' }, 1],
    [{ 'Filter.1.Name': 'owner-alias', 'Filter.1.Value.1': '*' }, 0],
  ])('with %o shows %s', async (params, count) => {
    expect(await owned(params)).toBe(count);
  });
});

describe('DescribeInstances', () => {
  test('shows an instance in a reservation, with the volumes it has', async () => {
    const volume = attached(1);
    const { text } = await call({ Action: 'DescribeInstances', 'InstanceId.1': 'i-00000002' }, withVolumes(volume));
    expect(text).toContain('<instanceState><code>16</code><name>running</name></instanceState>');
    expect(text).toContain('<deviceName>/dev/sdf</deviceName>');
    expect(text).toContain(`<volumeId>${volume.id}</volumeId>`);
    expect(text).toContain('<placement><availabilityZone>here-1a</availabilityZone></placement>');
    expect(text).toContain('<privateIpAddress>10.0.0.2</privateIpAddress>');
    expect(text).toContain('<tagSet><item><key>Name</key><value>machine 2</value></item></tagSet>');
  });

  test('says so when the state of an instance is not known', async () => {
    const deps = fakeDependencies();
    deps.blockstore.held.instances = deps.blockstore.held.instances.map((instance) => ({ ...instance, state: 'unknown' }));
    const { text } = await call({ Action: 'DescribeInstances' }, deps);
    expect(text).toContain('<stateReason><code>Server.Unknown</code>');
  });

  test.each([
    ['instance-id', 'i-00000002'],
    ['private-ip-address', '10.0.0.2'],
    ['block-device-mapping.volume-id', fakeVolume(1).id],
    ['block-device-mapping.device-name', '/dev/sd?'],
    ['tag:Name', '*2'],
  ])('finds by %s', async (name, value) => {
    const params = { Action: 'DescribeInstances', 'Filter.1.Name': name, 'Filter.1.Value.1': value };
    expect(await texts('privateIpAddress', params, withVolumes(attached(1)))).toEqual(['10.0.0.2']);
  });
});

describe('zones and regions', () => {
  test('the zones are listed, and found by name, id and filter', async () => {
    for (const params of [
      {},
      { 'ZoneName.1': 'here-1a' },
      { 'ZoneId.1': 'here-1a' },
      { 'Filter.1.Name': 'region-name', 'Filter.1.Value.1': 'here-1' },
    ]) {
      expect(await texts('zoneName', { Action: 'DescribeAvailabilityZones', ...params })).toEqual(['here-1a']);
    }
    expect(await refusal({ Action: 'DescribeAvailabilityZones', 'ZoneName.1': 'there' })).toMatchObject({
      code: 'InvalidParameterValue',
      message: 'Invalid availability zones: [there]',
    });
  });

  test('the region names the endpoint that the client used, or the public one', async () => {
    expect(await texts('regionEndpoint', { Action: 'DescribeRegions' })).toEqual(['ec2.example.test:8773']);
    const deps = { ...fakeDependencies(), publicEndpoint: 'vbs.example.test' };
    expect(await texts('regionEndpoint', { Action: 'DescribeRegions' }, deps)).toEqual(['vbs.example.test']);
    expect(await refusal({ Action: 'DescribeRegions', 'RegionName.1': 'mars-1' })).toMatchObject({
      message: 'Invalid region names: [mars-1]',
    });
  });
});
