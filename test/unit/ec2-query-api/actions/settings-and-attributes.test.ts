import { afterEach, beforeEach, expect, test } from 'vitest';
import type { VolumeId as VolumeIdType } from '../../../../src/model/ids.ts';
import { onVmm1, onVmm2, stranger, zone } from '../../../support/saga-rig.ts';
import { attach, createVolume } from '../../../support/scenarios.ts';
import { type ApiRig, items, startApiRig } from '../support/api-rig.ts';
import { errorOf } from '../support/fake-service.ts';

let api: ApiRig;
let VolumeId: VolumeIdType;
beforeEach(async () => {
  api = await startApiRig();
  VolumeId = await createVolume(api.service);
  await api.settle();
});
afterEach(() => api.close());

test('an account that encrypts by default gets no volume that is not encrypted, and others do', async () => {
  const create = { Action: 'CreateVolume', AvailabilityZone: zone, Size: '1' };
  const isOn = async () => (await api.ask({ Action: 'GetEbsEncryptionByDefault' })).ebsEncryptionByDefault;
  expect(await isOn()).toBe('false');
  expect((await api.ask({ Action: 'EnableEbsEncryptionByDefault' })).ebsEncryptionByDefault).toBe('true');
  expect(await isOn()).toBe('true');
  expect(await api.refusal(create)).toBe('UnsupportedOperation');
  expect(await api.refusal({ ...create, Encrypted: 'false' })).toBe('UnsupportedOperation');
  await api.as(stranger).ask(create);
  await api.ask({ Action: 'DisableEbsEncryptionByDefault' });
  expect(await isOn()).toBe('false');
  await api.ask(create);
});

test('the default key is kept until it is reset', async () => {
  const key = async () => (await api.ask({ Action: 'GetEbsDefaultKmsKeyId' })).kmsKeyId;
  expect(await key()).toBe('alias/aws/ebs');
  await api.ask({ Action: 'ModifyEbsDefaultKmsKeyId', KmsKeyId: 'alias/mine' });
  expect(await key()).toBe('alias/mine');
  expect(await api.refusal({ Action: 'ModifyEbsDefaultKmsKeyId', KmsKeyId: 'a key' })).toBe('InvalidParameterValue');
  expect((await api.ask({ Action: 'ResetEbsDefaultKmsKeyId' })).kmsKeyId).toBe('alias/aws/ebs');
});

test('the status of a volume is what its volume server says', async () => {
  const status = async () => {
    const [item] = items((await api.ask({ Action: 'DescribeVolumeStatus', 'VolumeId.1': VolumeId })).volumeStatusSet);
    return item?.volumeStatus?.status;
  };
  expect(await status()).toBe('ok');
  await api.rig.world.volumeServer.volume.unmake({ volumeId: VolumeId, bytes: 1024 ** 3 });
  expect(await status()).toBe('impaired');
  const filtered = { 'Filter.1.Name': 'volume-status.status', 'Filter.1.Value.1': 'ok' };
  expect(items((await api.ask({ Action: 'DescribeVolumeStatus', ...filtered })).volumeStatusSet)).toEqual([]);
  expect(await api.refusal({ Action: 'DescribeVolumeStatus', 'VolumeId.1': 'vol-00000000' })).toBe('InvalidVolume.NotFound');
});

test('the attribute of a volume is kept, and input and output need not be enabled', async () => {
  const read = async () => (await api.ask({ Action: 'DescribeVolumeAttribute', VolumeId, Attribute: 'autoEnableIO' })).autoEnableIO?.value;
  expect(await read()).toBe('false');
  await api.ask({ Action: 'ModifyVolumeAttribute', VolumeId, 'AutoEnableIO.Value': 'true' });
  expect(await read()).toBe('true');
  expect((await api.ask({ Action: 'EnableVolumeIO', VolumeId })).return).toBe('true');
  for (const Action of ['EnableVolumeIO', 'ModifyVolumeAttribute', 'DescribeVolumeAttribute']) {
    const params = { Action, VolumeId, ...(Action.startsWith('Mod') ? { 'AutoEnableIO.Value': 'true' } : {}) };
    const attribute = Action.startsWith('Desc') ? { Attribute: 'productCodes' } : {};
    expect(await api.as(stranger).refusal({ ...params, ...attribute })).toBe('InvalidVolume.NotFound');
  }
  expect(await api.refusal({ Action: 'ModifyVolumeAttribute', VolumeId })).toBe('MissingParameter');
  expect(await api.refusal({ Action: 'DescribeVolumeAttribute', VolumeId, Attribute: 'colour' })).toBe('InvalidParameterValue');
});

test('whether a volume goes with its instance is kept and shown wherever the attachment is', async () => {
  await attach(api.service, VolumeId, onVmm1);
  await api.settle();
  const mapping = { 'BlockDeviceMapping.1.DeviceName': 'xvdf', 'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true' };
  await api.ask({ Action: 'ModifyInstanceAttribute', InstanceId: onVmm1, ...mapping });
  const { blockDeviceMapping } = await api.ask({
    Action: 'DescribeInstanceAttribute',
    InstanceId: onVmm1,
    Attribute: 'blockDeviceMapping',
  });
  expect(items(blockDeviceMapping)).toMatchObject([{ deviceName: '/dev/sdf', ebs: { volumeId: VolumeId, deleteOnTermination: 'true' } }]);
  const filtered = { 'Filter.1.Name': 'attachment.delete-on-termination', 'Filter.1.Value.1': 'true' };
  expect(items((await api.ask({ Action: 'DescribeVolumes', ...filtered })).volumeSet)).toHaveLength(1);
  const refused = (params: Readonly<Record<string, string>>) =>
    api.refusal({ Action: 'ModifyInstanceAttribute', InstanceId: onVmm1, ...params });
  expect(await refused({})).toBe('MissingParameter');
  expect(await refused({ 'BlockDeviceMapping.1.DeviceName': '/dev/sdz', 'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true' })).toBe(
    'InvalidParameterValue',
  );
  expect(await refused({ 'BlockDeviceMapping.1.DeviceName': '/dev/sdf', 'BlockDeviceMapping.1.NoDevice': '' })).toBe(
    'UnsupportedOperation',
  );
  expect(await refused({ 'InstanceType.Value': 't3.large' })).toBe('UnsupportedOperation');
  expect(await api.refusal({ Action: 'DescribeInstanceAttribute', InstanceId: onVmm1, Attribute: 'kernel' })).toBe('UnsupportedOperation');
});

test('the attributes of the account say that there is no EC2-Classic', async () => {
  const { accountAttributeSet } = await api.ask({ Action: 'DescribeAccountAttributes', 'AttributeName.1': 'supported-platforms' });
  const [attribute] = items(accountAttributeSet);
  expect(items(attribute?.attributeValueSet)).toMatchObject([{ attributeValue: 'VPC' }]);
  expect(await api.refusal({ Action: 'DescribeAccountAttributes', 'AttributeName.1': 'colour' })).toBe('InvalidParameterValue');
});

test('a volume that a forced detach could not prove free is impaired with an event, and refused for whatever would use it', async () => {
  await attach(api.service, VolumeId, onVmm1);
  await api.settle();
  api.rig.world.loseHost('vmm1');
  expect((await api.ask({ Action: 'DetachVolume', VolumeId, Force: 'true' })).status).toBe('detaching');
  await api.settle();
  const filtered = { 'Filter.1.Name': 'event.event-type', 'Filter.1.Value.1': 'potential-data-inconsistency' };
  const [item] = items((await api.ask({ Action: 'DescribeVolumeStatus', ...filtered })).volumeStatusSet);
  expect(item).toMatchObject({ volumeId: VolumeId, volumeStatus: { status: 'impaired' } });
  expect(items(item?.eventsSet)).toMatchObject([
    { eventId: expect.stringMatching(/^evol-[0-9a-f]{17}$/), description: expect.stringContaining('The operator has to clear it') },
  ]);
  const [volume] = items((await api.ask({ Action: 'DescribeVolumes' })).volumeSet);
  expect(volume).toMatchObject({ status: 'in-use', attachmentSet: { item: { status: 'busy' } } });
  const attachAgain = { Action: 'AttachVolume', VolumeId, InstanceId: onVmm2, Device: '/dev/sdf' };
  for (const request of [attachAgain, { Action: 'DeleteVolume', VolumeId }]) {
    const { code, message } = errorOf(await api.call(request));
    expect({ code, message }).toEqual({ code: 'IncorrectState', message: expect.stringMatching(/is barred: .* \(op-[0-9a-f]{17}\)/) });
  }
  expect(await api.refusal({ Action: 'DetachVolume', VolumeId, Force: 'perhaps' })).toBe('InvalidParameterValue');
});
