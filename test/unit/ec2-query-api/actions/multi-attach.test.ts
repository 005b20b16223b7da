import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reconcile } from '../../../../src/blockstore/reconcile.ts';
import { nextAction } from '../../../../src/blockstore/volume-report.ts';
import type { VolumeId } from '../../../../src/model/ids.ts';
import { caller, onVmm1, onVmm2, zone } from '../../../support/saga-rig.ts';
import { disagreements, shownState } from '../../../support/shown-state.ts';
import { type ApiRig, items, type Params, startApiRig } from '../support/api-rig.ts';

const alsoOnVmm1 = 'i-00000003';
const alsoOnVmm2 = 'i-00000004';

let api: ApiRig;
let volumeId: VolumeId;

beforeEach(async () => {
  api = await startApiRig();
  volumeId = await created({ VolumeType: 'io2', MultiAttachEnabled: 'true' });
});
afterEach(() => api.close());

const create = (changes: Params): Params => ({ Action: 'CreateVolume', AvailabilityZone: zone, Size: '4', Iops: '100', ...changes });
const created = async (changes: Params) => {
  const { volumeId: id } = await api.ask(create(changes));
  await api.settle();
  return id as unknown as VolumeId;
};
const attachment = (InstanceId: string, changes: Params = {}): Params => ({
  Action: 'AttachVolume',
  VolumeId: volumeId,
  InstanceId,
  Device: '/dev/sdf',
  ...changes,
});
const detachment = (InstanceId: string, changes: Params = {}): Params => ({
  Action: 'DetachVolume',
  VolumeId: volumeId,
  InstanceId,
  ...changes,
});
const modification = (changes: Params): Params => ({ Action: 'ModifyVolume', VolumeId: volumeId, ...changes });
const attach = async (...instanceIds: string[]) => {
  for (const instanceId of instanceIds) {
    await api.ask(attachment(instanceId));
  }
  await api.settle();
};
const detach = async (instanceId: string, changes: Params = {}) => {
  await api.ask(detachment(instanceId, changes));
  await api.settle();
};
const described = async () => {
  const { volumeSet } = await api.ask({ Action: 'DescribeVolumes', 'VolumeId.1': volumeId });
  return items(volumeSet)[0];
};
const attachedTo = async () => items((await described())?.attachmentSet).map(({ instanceId, status }) => `${status} ${instanceId}`);
const write = (domain: string, text: string) => api.rig.world.guest(domain).write(volumeId, 0, Buffer.from(text));
const read = (domain: string) => api.rig.world.guest(domain).read(volumeId, 0, 4).toString();
const agrees = async () => expect(await disagreements(api.service, api.rig.world.inventory())).toEqual([]);
/** What the service does by itself every few seconds. */
const heal = async (scope: 'exports' | 'everything') => {
  const { store, owner, worker, sagaDependencies } = api.service;
  const { begun, findings } = await reconcile({ store, owner, site: api.rig.site, clock: sagaDependencies.clock }, scope);
  for (const operation of begun) {
    worker.start(operation);
  }
  await api.settle();
  return { begun, findings };
};

describe('a volume with Multi-Attach', () => {
  test('is attached to several instances, which read what each other writes, and goes free with the last', async () => {
    expect((await described())?.multiAttachEnabled).toBe('true');
    await attach(onVmm1, onVmm2, alsoOnVmm2);
    expect(await attachedTo()).toEqual([`attached ${onVmm1}`, `attached ${onVmm2}`, `attached ${alsoOnVmm2}`]);
    expect((await described())?.status).toBe('in-use');
    write('dom1', 'one ');
    expect([read('dom2'), read('dom4')]).toEqual(['one ', 'one ']);
    write('dom4', 'four');
    expect(read('dom1')).toBe('four');
    await agrees();

    await detach(onVmm1);
    expect(await attachedTo()).toEqual([`attached ${onVmm2}`, `attached ${alsoOnVmm2}`]);
    write('dom2', 'two ');
    expect(read('dom4')).toBe('two ');
    await detach(onVmm2);
    await detach(alsoOnVmm2);
    expect((await described())?.status).toBe('available');
    expect(api.rig.world.inventory()).toEqual([`volume ${volumeId}`]);
    // A later attachment of the same volume has a later generation.
    await attach(onVmm1);
    const [volume] = await api.service.store.volumes(caller.accountId, [volumeId]);
    expect(volume?.attachments.map(({ generation }) => generation)).toEqual([4]);
  });

  test('gives each attachment a secret and an initiator name of its own', async () => {
    await attach(onVmm1, onVmm2);
    const plans = await api.service.store.liveAttachments();
    for (const member of ['chapSecret', 'chapUser', 'initiatorName', 'generation'] as const) {
      expect(new Set(plans.map((plan) => plan[member])).size).toBe(2);
    }
    expect(new Set(plans.map(({ target }) => target)).size).toBe(1);
  });

  test('is taken by all of those who attach it at the same time', async () => {
    await Promise.all([onVmm1, onVmm2, alsoOnVmm2, 'i-00000006', 'i-00000008'].map((id) => api.ask(attachment(id))));
    await api.settle();
    expect((await attachedTo()).every((each) => each.startsWith('attached'))).toBe(true);
    expect(await attachedTo()).toHaveLength(5);
    await Promise.all([detach(onVmm2), detach(alsoOnVmm2), detach('i-00000006')]);
    expect(await attachedTo()).toEqual(expect.arrayContaining([`attached ${onVmm1}`, 'attached i-00000008']));
    expect(await attachedTo()).toHaveLength(2);
    await agrees();
  });

  test('is refused to an instance that has it, under whichever name', async () => {
    await attach(onVmm2);
    expect(await api.refusal(attachment(onVmm2, { Device: '/dev/sdg' }))).toBe('VolumeInUse');
    expect(await api.refusal(attachment('vmm2/dom2', { Device: '/dev/sdg' }))).toBe('VolumeInUse');
    expect(await attachedTo()).toHaveLength(1);
  });

  test('is refused where it could not be shared, with the reason', async () => {
    await attach(onVmm1);
    const { text } = await api.call(attachment(alsoOnVmm1));
    expect(text).toContain('UnsupportedOperation');
    expect(text).toContain('runs on the same VMM host');
    await api.ask({ Action: 'CreateTags', 'ResourceId.1': volumeId, 'Tag.1.Key': 'vbs:read-only', 'Tag.1.Value': 'true' });
    expect(await api.refusal(attachment(onVmm2))).toBe('UnsupportedOperation');
    expect(await attachedTo()).toHaveLength(1);
  });

  test('is detached from the instance that is named, and from none when none is', async () => {
    await attach(onVmm1, onVmm2);
    expect(await api.refusal({ Action: 'DetachVolume', VolumeId: volumeId })).toBe('MissingParameter');
    expect(await api.refusal({ Action: 'DetachVolume', VolumeId: volumeId, Device: '/dev/sdf' })).toBe('MissingParameter');
    expect(await api.refusal(detachment(alsoOnVmm2))).toBe('InvalidAttachment.NotFound');
    await detach(onVmm2);
    // As EC2 has it: with Multi-Attach, even when it could mean only one.
    expect(await api.refusal({ Action: 'DetachVolume', VolumeId: volumeId })).toBe('MissingParameter');
    await detach(onVmm1);
    expect(await attachedTo()).toEqual([]);
  });

  test('is snapshotted, and not deleted, while several instances have it', async () => {
    await attach(onVmm1, onVmm2);
    write('dom1', 'kept');
    await api.ask({ Action: 'CreateSnapshot', VolumeId: volumeId });
    await api.settle();
    expect(await shownState(api.service)).toContain('snapshot completed');
    expect(await api.refusal({ Action: 'DeleteVolume', VolumeId: volumeId })).toBe('VolumeInUse');
    await detach(onVmm1);
    expect(await api.refusal({ Action: 'DeleteVolume', VolumeId: volumeId })).toBe('VolumeInUse');
    await detach(onVmm2);
    await api.ask({ Action: 'DeleteVolume', VolumeId: volumeId });
    await api.settle();
    expect(api.rig.world.inventory().filter((line) => !line.startsWith('snapshot'))).toEqual([]);
  });

  test('that an instance holds on to leaves the others as they are', async () => {
    await attach(onVmm1, onVmm2);
    api.rig.world.guest('dom2').hold(volumeId);
    await detach(onVmm2);
    expect(await attachedTo()).toEqual([`attached ${onVmm1}`, `busy ${onVmm2}`]);
    write('dom1', 'here');
    expect(read('dom2')).toBe('here');
    api.rig.world.guest('dom2').release(volumeId);
    await detach(onVmm2);
    expect(await attachedTo()).toEqual([`attached ${onVmm1}`]);
    expect(read('dom1')).toBe('here');
    await agrees();
  });

  test('keeps serving the others when an attach fails, and undoes only what was its own', async () => {
    await attach(onVmm1);
    const inventory = api.rig.world.inventory();
    api.rig.faults.arm('disk.make', 'is refused');
    await attach(onVmm2);
    expect(await attachedTo()).toEqual([`attached ${onVmm1}`]);
    expect((await described())?.status).toBe('in-use');
    expect(api.rig.world.inventory()).toEqual(inventory);
    write('dom1', 'on  ');
    expect(read('dom1')).toBe('on  ');
  });
});

describe('the exports of volumes that several instances have', () => {
  test('come back with the access of every one of them by a look at the exports alone', async () => {
    await attach(onVmm1, onVmm2, alsoOnVmm2);
    write('dom1', 'safe');
    const before = api.rig.world.inventory();
    api.rig.world.loseExports();
    expect(() => read('dom2')).toThrow('not reachable');
    expect((await heal('exports')).begun).toHaveLength(1);
    expect(api.rig.world.inventory()).toEqual(before);
    expect([read('dom1'), read('dom2'), read('dom4')]).toEqual(['safe', 'safe', 'safe']);
    expect((await heal('everything')).findings).toEqual([]);
  });

  test('are told apart by whose access was lost', async () => {
    await attach(onVmm1, onVmm2);
    const [kept, lost] = await api.service.store.liveAttachments();
    if (kept === undefined || lost === undefined) throw new Error('there are two attachments');
    const { target, initiatorName, chapUser, chapSecret } = lost;
    await api.rig.world.exportServer.access.unmake({ target, initiatorName, chapUser, chapSecret, besides: [kept] });
    const { findings, begun } = await heal('everything');
    expect(findings).toEqual([expect.objectContaining({ kind: 'missing', thing: 'access', name: `${target} ${initiatorName}` })]);
    expect(begun.map(({ input }) => input)).toEqual([expect.objectContaining({ volumeId, attachmentId: lost.id })]);
    await agrees();
  });

  test('are not opened to a stranger: an access that no attachment accounts for is reported, and stops the next attach', async () => {
    await attach(onVmm1);
    const target = `iqn.2009-11.org.vbs:${volumeId}`;
    const stranger = { target, initiatorName: 'iqn.1993-08.org.debian:01:stranger', chapUser: 'stranger', chapSecret: 'sixteen-letters_' };
    const [plan] = await api.service.store.liveAttachments();
    await api.rig.world.exportServer.access.make({ ...stranger, besides: plan === undefined ? [] : [plan] });
    expect((await heal('everything')).findings).toEqual([
      expect.objectContaining({ kind: 'unknown', thing: 'access', name: `${target} ${stranger.initiatorName}` }),
    ]);
    await attach(onVmm2);
    expect(await attachedTo()).toEqual([`attached ${onVmm1}`]);
  });
});

describe('a forced detach of one of several', () => {
  test('bars the volume, heals the others meanwhile, and one bar after the other is cleared', async () => {
    await attach(onVmm1, onVmm2, alsoOnVmm2);
    for (const [domain, instanceId] of [
      ['dom2', onVmm2],
      ['dom4', alsoOnVmm2],
    ] as const) {
      api.rig.world.guest(domain).hold(volumeId);
      await detach(instanceId, { Force: 'true' });
    }
    expect(await attachedTo()).toEqual([`attached ${onVmm1}`, `busy ${onVmm2}`, `busy ${alsoOnVmm2}`]);
    expect(await api.service.store.openBars()).toHaveLength(2);
    expect(await api.refusal(attachment('i-00000006'))).toBe('IncorrectState');
    // The first one is nobody's concern, and gets back what it loses; those that are barred do not.
    api.rig.world.loseExports();
    await heal('exports');
    const [healed] = await api.service.store.liveAttachments();
    expect(api.rig.world.inventory().filter((line) => line.startsWith('access'))).toEqual([
      `access ${healed?.target} ${healed?.initiatorName}`,
    ]);
    write('dom1', 'mine');
    for (const domain of ['dom2', 'dom4']) {
      api.rig.world.guest(domain).release(volumeId);
    }
    await detach(onVmm2);
    expect(await api.service.store.openBars()).toHaveLength(1);
    await detach(alsoOnVmm2);
    expect(await api.service.store.openBars()).toEqual([]);
    await attach('i-00000006');
    expect(await attachedTo()).toEqual([`attached ${onVmm1}`, 'attached i-00000006']);
    await agrees();
  });

  test('is told as the next action, whichever attachment it is', async () => {
    await attach(onVmm1, onVmm2);
    api.rig.world.guest('dom2').hold(volumeId);
    await detach(onVmm2);
    const [volume] = await api.service.store.volumes(caller.accountId, [volumeId]);
    if (volume === undefined) throw new Error('no volume');
    const operations = await api.service.store.operations({ resourceId: volumeId, limit: 10 });
    expect(nextAction(volume, undefined, operations)).toContain('let the VM let go');
  });
});

describe('Multi-Attach as a volume is created and modified', () => {
  test.each(['gp2', 'gp3', 'st1', 'standard'])('is refused of a volume of type %s', async (VolumeType) => {
    expect(await api.refusal({ ...create({ VolumeType, Size: '125', MultiAttachEnabled: 'true' }), Iops: '' })).toMatch(
      /^InvalidParameter/,
    );
  });

  test('is enabled and disabled of an io2 volume by its attachments', async () => {
    volumeId = await created({ VolumeType: 'io2' });
    expect((await described())?.multiAttachEnabled).toBe('false');
    await attach(onVmm1);
    expect(await api.refusal(attachment(onVmm2))).toBe('VolumeInUse');
    expect(await api.refusal(modification({ MultiAttachEnabled: 'true' }))).toBe('IncorrectState');
    await detach(onVmm1);
    const { volumeModification } = await api.ask(modification({ MultiAttachEnabled: 'true' }));
    expect(volumeModification).toMatchObject({ originalMultiAttachEnabled: 'false', targetMultiAttachEnabled: 'true' });
    await api.settle();
    expect((await described())?.multiAttachEnabled).toBe('true');
    await attach(onVmm1, onVmm2);
    expect(await api.refusal(modification({ MultiAttachEnabled: 'false' }))).toBe('IncorrectState');
    await detach(onVmm1);
    await api.ask(modification({ MultiAttachEnabled: 'false' }));
    await api.settle();
    expect((await described())?.multiAttachEnabled).toBe('false');
    // What has it keeps it, and is the only one.
    expect(await api.refusal(attachment(onVmm1))).toBe('VolumeInUse');
    expect(await attachedTo()).toEqual([`attached ${onVmm2}`]);
    await api.ask({ Action: 'DetachVolume', VolumeId: volumeId });
    await api.settle();
    await agrees();
  });

  test('fixes what EBS fixes of it', async () => {
    expect(await api.refusal(modification({ VolumeType: 'gp3' }))).toBe('InvalidParameterCombination');
    expect(await api.refusal(modification({ VolumeType: 'io1', Iops: '100' }))).toBe('InvalidParameterCombination');
    await api.ask(modification({ Iops: '200' }));
    await api.settle();
    volumeId = await created({ VolumeType: 'io1', MultiAttachEnabled: 'true' });
    expect(await api.refusal(modification({ MultiAttachEnabled: 'false' }))).toBe('InvalidParameterCombination');
    expect(await api.refusal(modification({ Size: '5' }))).toBe('InvalidParameterCombination');
    expect(await api.refusal(modification({ Iops: '200' }))).toBe('InvalidParameterCombination');
    volumeId = await created({ VolumeType: 'io1' });
    expect(await api.refusal(modification({ MultiAttachEnabled: 'true' }))).toBe('InvalidParameterCombination');
    volumeId = await created({ VolumeType: 'gp3', Iops: '3000' });
    expect(await api.refusal(modification({ MultiAttachEnabled: 'true' }))).toBe('InvalidParameterCombination');
  });

  test('grows a volume through every VM that has it, where all of them notice, and not otherwise', async () => {
    await attach(onVmm1);
    await api.ask(modification({ Size: '5' }));
    await api.settle();
    expect(api.rig.world.guest('dom1').disks()).toMatchObject([{ bytes: 5 * 1024 ** 3 }]);
    await attach(onVmm2);
    expect(await api.refusal(modification({ Size: '6' }))).toBe('UnsupportedOperation');
  });

  test('is found by its filter, and copied when that is asked for', async () => {
    const plain = await created({ VolumeType: 'io2' });
    const found = async (value: string) =>
      items(
        (await api.ask({ Action: 'DescribeVolumes', 'Filter.1.Name': 'multi-attach-enabled', 'Filter.1.Value.1': value })).volumeSet,
      ).map(({ volumeId: id }) => String(id));
    expect(await found('true')).toEqual([volumeId]);
    expect(await found('false')).toEqual([plain]);
    const copy = { Action: 'CopyVolumes', SourceVolumeId: plain, VolumeType: 'io2', Iops: '100' };
    await api.ask({ ...copy, MultiAttachEnabled: 'true' });
    await api.settle();
    expect(await found('true')).toHaveLength(2);
  });
});
