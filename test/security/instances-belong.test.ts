import { afterEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/model/caller.ts';
import type { AccountId, InstanceId, VolumeId } from '../../src/model/ids.ts';
import { chainResolvers } from '../../src/resolvers/chain.ts';
import type { CloudResolver, InstanceResolver, ListedInstance, Resolution } from '../../src/resolvers/cloud-resolver.ts';
import { directResolver } from '../../src/resolvers/direct/direct-resolver.ts';
import { guardResolver } from '../../src/resolvers/guard-resolver.ts';
import { staticResolver } from '../../src/resolvers/static/static-resolver.ts';
import { recordingLog } from '../support/recording-log.ts';
import { caller, stranger, zone } from '../support/saga-rig.ts';
import { type ApiRig, items, startApiRig, type Xml } from '../unit/ec2-query-api/support/api-rig.ts';
import { errorOf } from '../unit/ec2-query-api/support/fake-service.ts';

/** The tenants; the rig's own caller is the operator. */
const alice: Caller = stranger;
const bob: Caller = { accountId: '555555555555' as AccountId, accessKeyId: 'AKIAEXAMPLEFORTESTS5' };
const id = (text: string) => text as InstanceId;
const at = (vmmHost: string, domain: string) => ({ placement: { vmmHost, domain } });
const missing = 'i-0badc0de';

/** The settings' list: a VM of Alice's, one of Bob's, and what nobody has. */
const ofSettings: readonly ListedInstance[] = [
  { id: id('i-alice'), ...at('vmm1', 'dom1'), accountId: alice.accountId },
  { id: id('i-bob'), ...at('vmm1', 'dom3'), accountId: bob.accountId },
  { id: id('i-nobodys'), ...at('vmm2', 'dom2') },
];

/** A cloud that names owners in its own way, of whom the settings know Alice. */
const project = 'a1b2c3';
let ofCloud: Record<string, Resolution> = {};
const questions: string[] = [];
const cloud: CloudResolver = {
  name: 'cloud',
  async resolve(instanceId) {
    questions.push(instanceId);
    return ofCloud[instanceId] ?? { outcome: 'not-known' };
  },
  async list() {
    return Object.entries(ofCloud).flatMap(([each, resolution]) =>
      resolution.outcome === 'resolved' ? [{ ...resolution, id: id(each) }] : [],
    );
  },
};

let api: ApiRig | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
  ofCloud = {};
  questions.splice(0);
});

async function start({ besides = [], listed = ofSettings }: { besides?: InstanceResolver[]; listed?: readonly ListedInstance[] } = {}) {
  const guard = guardResolver(
    cloud,
    {
      ...{ timeoutMs: 60_000, cacheMs: 0, cacheEntries: 100, breaker: { failures: 100, pauseMs: 1 }, ids: /^[^/]+$/, hosts: {} },
      ...{ accounts: { [project]: alice.accountId }, ownersAreAccounts: true },
    },
    { clock: Date.now, log: recordingLog() },
  );
  const resolver = chainResolvers([staticResolver(listed), guard, ...besides, directResolver(['vmm1', 'vmm2'])]);
  api = await startApiRig({ resolver: () => resolver });
  return api;
}

async function newVolume(of: Pick<ApiRig, 'ask'>): Promise<VolumeId> {
  const { volumeId } = await of.ask({ Action: 'CreateVolume', Size: '1', AvailabilityZone: zone });
  await api?.settle();
  return String(volumeId) as VolumeId;
}

const attach = (VolumeId: string, InstanceId: string, Device = '/dev/sdf') => ({ Action: 'AttachVolume', VolumeId, InstanceId, Device });
const idsOf = (answer: Xml) =>
  items(answer.reservationSet as Xml)
    .map((reservation) => String(items(reservation.instancesSet as Xml)[0]?.instanceId))
    .sort();

describe("another account's instance", () => {
  it('is attached to by nobody else, in the words of one that does not exist', async () => {
    const { as, ask, call, settle } = await start();
    const own = await newVolume({ ask });
    const ofBob = await newVolume(as(bob));
    for (const [who, volumeId] of [
      [caller, own],
      [bob, ofBob],
    ] as const) {
      expect(await as(who).refusal(attach(volumeId, 'i-alice'))).toBe('InvalidInstanceID.NotFound');
    }
    const [foreign, absent] = [errorOf(await call(attach(own, 'i-alice'))), errorOf(await call(attach(own, missing)))];
    expect(foreign.message).toBe(absent.message.replace(missing, 'i-alice'));
    const ofAlice = await newVolume(as(alice));
    await as(alice).ask(attach(ofAlice, 'i-alice'));
    await settle();
    expect(api?.rig.world.guest('dom1').disks()).toHaveLength(1);
  });

  it('is shown to its own account only, which is named as its owner', async () => {
    const { as, ask } = await start();
    ofCloud = { 'c-alice': { outcome: 'resolved', ...at('vmm2', 'dom4'), owner: project } };
    expect(idsOf(await as(alice).ask({ Action: 'DescribeInstances' }))).toEqual(['c-alice', 'i-alice']);
    expect(idsOf(await as(bob).ask({ Action: 'DescribeInstances' }))).toEqual(['i-bob']);
    expect(idsOf(await ask({ Action: 'DescribeInstances' }))).toEqual(['i-nobodys']);
    const one = await as(alice).ask({ Action: 'DescribeInstances', 'InstanceId.1': 'c-alice' });
    expect(items(one.reservationSet as Xml)[0]?.ownerId).toBe(alice.accountId);
    const byOwner = (account: string) => ({ Action: 'DescribeInstances', 'Filter.1.Name': 'owner-id', 'Filter.1.Value.1': account });
    expect(idsOf(await as(alice).ask(byOwner(alice.accountId)))).toEqual(['c-alice', 'i-alice']);
    expect(idsOf(await as(alice).ask(byOwner(bob.accountId)))).toEqual([]);
  });

  it.each([
    ['DescribeInstances', (instanceId: string) => ({ Action: 'DescribeInstances', 'InstanceId.1': instanceId })],
    [
      'DescribeInstanceAttribute',
      (InstanceId: string) => ({ Action: 'DescribeInstanceAttribute', InstanceId, Attribute: 'blockDeviceMapping' }),
    ],
    [
      'ModifyInstanceAttribute',
      (InstanceId: string) => ({
        ...{ Action: 'ModifyInstanceAttribute', InstanceId, 'BlockDeviceMapping.1.DeviceName': '/dev/sdf' },
        'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true',
      }),
    ],
    ['CreateSnapshots', (instanceId: string) => ({ Action: 'CreateSnapshots', 'InstanceSpecification.InstanceId': instanceId })],
  ])('is not found by %s', async (_action, request) => {
    const { as, call, refusal } = await start();
    for (const instanceId of ['i-alice', missing]) {
      expect(await refusal(request(instanceId))).toBe('InvalidInstanceID.NotFound');
      expect(await as(bob).refusal(request(instanceId))).toBe('InvalidInstanceID.NotFound');
    }
    const [foreign, absent] = [errorOf(await call(request('i-alice'))), errorOf(await call(request(missing)))];
    expect(foreign.message).toBe(absent.message.replace(missing, 'i-alice'));
  });

  it('is not found either when it is stopped, in two places, of two owners or kept secret by its cloud', async () => {
    const { as, ask } = await start();
    const claim = (vmmHost: string, owner: string) => ({ resolver: `cloud (${vmmHost})`, ...at(vmmHost, 'a'), owner });
    ofCloud = {
      'c-stopped': { outcome: 'not-placed', reason: 'stopped', owner: project },
      'c-twice': { outcome: 'contradicted', claims: [claim('vmm1', project), claim('vmm2', project)] },
      'c-disputed': { outcome: 'contradicted', claims: [claim('vmm1', project), claim('vmm1', bob.accountId)] },
      'c-secret': { outcome: 'not-authorised', reason: 'another owner' },
    };
    const [ofBob, ofAlice, own] = [await newVolume(as(bob)), await newVolume(as(alice)), await newVolume({ ask })];
    for (const instanceId of Object.keys(ofCloud)) {
      expect(await as(bob).refusal(attach(ofBob, instanceId))).toBe('InvalidInstanceID.NotFound');
      expect(await as(bob).refusal({ Action: 'DescribeInstances', 'InstanceId.1': instanceId })).toBe('InvalidInstanceID.NotFound');
    }
    expect(await as(alice).refusal(attach(ofAlice, 'c-stopped'))).toBe('IncorrectInstanceState');
    expect(await as(alice).refusal(attach(ofAlice, 'c-twice'))).toBe('IncorrectInstanceState');
    expect(await as(alice).refusal(attach(ofAlice, 'c-disputed'))).toBe('InvalidInstanceID.NotFound');
    expect(await as(caller).refusal(attach(own, 'c-stopped'))).toBe('InvalidInstanceID.NotFound');
    expect(await as(caller).refusal(attach(own, 'c-disputed'))).toBe('IncorrectInstanceState');
    expect(await as(caller).refusal(attach(own, 'c-secret'))).toBe('UnauthorizedOperation');
  });

  it('is not told from one that does not exist by a cloud that cannot be asked', async () => {
    const down: InstanceResolver = {
      name: 'down',
      resolve: async () => ({ outcome: 'unavailable', reason: 'away' }),
      list: async () => [],
    };
    const { as } = await start({ besides: [down] });
    const ofBob = await newVolume(as(bob));
    for (const instanceId of ['i-alice', missing]) {
      expect(await as(bob).refusal(attach(ofBob, instanceId))).toBe('Unavailable');
    }
    expect(await as(alice).refusal({ ...attach(await newVolume(as(alice)), 'i-alice'), DryRun: 'true' })).toBe('DryRunOperation');
  });

  it('takes as many questions as one that does not exist', async () => {
    const { as } = await start();
    ofCloud = { 'c-alice': { outcome: 'resolved', ...at('vmm2', 'dom4'), owner: project } };
    const asked = async (instanceId: string) => {
      const before = questions.length;
      await as(bob).refusal({ Action: 'DescribeInstances', 'InstanceId.1': instanceId });
      return questions.length - before;
    };
    await as(alice).ask({ Action: 'DescribeInstances', 'InstanceId.1': 'c-alice' });
    expect([await asked('c-alice'), await asked('c-missing')]).toEqual([1, 1]);
  });

  it('does not tell which of its devices are taken', async () => {
    const { as, settle } = await start();
    await as(alice).ask(attach(await newVolume(as(alice)), 'i-alice', '/dev/sdf'));
    await settle();
    const ofBob = await newVolume(as(bob));
    for (const device of ['/dev/sdf', '/dev/sdg']) {
      expect(await as(bob).refusal(attach(ofBob, 'i-alice', device))).toBe('InvalidInstanceID.NotFound');
    }
  });
});

describe('an instance that changes its owner', () => {
  it('keeps the volumes that it has, which their accounts detach, and says that their devices are taken', async () => {
    const { as, settle } = await start();
    ofCloud = { 'c-1': { outcome: 'resolved', ...at('vmm2', 'dom4'), owner: bob.accountId } };
    const ofBob = await newVolume(as(bob));
    await as(bob).ask(attach(ofBob, 'c-1', '/dev/sdf'));
    await settle();
    ofCloud = { 'c-1': { outcome: 'resolved', ...at('vmm2', 'dom4'), owner: project } };
    const ofAlice = await newVolume(as(alice));
    expect(await as(alice).refusal(attach(ofAlice, 'c-1', '/dev/sdf'))).toBe('InvalidParameterValue');
    await as(alice).ask(attach(ofAlice, 'c-1', '/dev/sdg'));
    await settle();
    const terminates = { 'BlockDeviceMapping.1.DeviceName': '/dev/sdf', 'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true' };
    const modify = { Action: 'ModifyInstanceAttribute', InstanceId: 'c-1', ...terminates };
    expect(await as(bob).refusal(modify)).toBe('InvalidInstanceID.NotFound');
    // To Alice it is a device without a volume of hers.
    expect(await as(alice).refusal(modify)).toBe('InvalidParameterValue');
    const shown = await as(alice).ask({ Action: 'DescribeInstances', 'InstanceId.1': 'c-1' });
    const [mapped, ...others] = items(items(items(shown.reservationSet as Xml)[0]?.instancesSet as Xml)[0]?.blockDeviceMapping as Xml);
    expect([mapped?.deviceName, others]).toEqual(['/dev/sdg', []]);
    await as(bob).ask({ Action: 'DetachVolume', VolumeId: ofBob });
    await settle();
    expect(
      api?.rig.world
        .guest('dom4')
        .disks()
        .map(({ volumeId }) => volumeId),
    ).toEqual([ofAlice]);
  });

  it('lets its account change what is attached while its cloud cannot be asked', async () => {
    const { as, settle } = await start();
    ofCloud = { 'c-1': { outcome: 'resolved', ...at('vmm2', 'dom4'), owner: project } };
    await as(alice).ask(attach(await newVolume(as(alice)), 'c-1', '/dev/sdf'));
    await settle();
    const terminates = { 'BlockDeviceMapping.1.DeviceName': '/dev/sdf', 'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true' };
    for (const outcome of [{ outcome: 'unavailable', reason: 'away' }, { outcome: 'not-known' }] as const) {
      ofCloud = { 'c-1': outcome };
      await as(alice).ask({ Action: 'ModifyInstanceAttribute', InstanceId: 'c-1', ...terminates });
      await as(alice).ask({ Action: 'CreateSnapshots', 'InstanceSpecification.InstanceId': 'c-1' });
    }
  });
});

describe('the direct form', () => {
  it("is for the operator, whosever's VM it names", async () => {
    const { as, ask, settle } = await start();
    const ofBob = await newVolume(as(bob));
    for (const instanceId of ['vmm1/dom3', 'vmm1/dom5', 'vmm1/none']) {
      expect(await as(bob).refusal(attach(ofBob, instanceId))).toBe('InvalidInstanceID.NotFound');
      expect(await as(bob).refusal({ Action: 'DescribeInstances', 'InstanceId.1': instanceId })).toBe('InvalidInstanceID.NotFound');
    }
    await ask(attach(await newVolume({ ask }), 'vmm1/dom3'));
    await settle();
    expect(api?.rig.world.guest('dom3').disks()).toHaveLength(1);
  });
});

describe('the control domain', () => {
  const names = ['Domain-0', 'domain-0', '0', '00000000-0000-0000-0000-000000000000'];

  it.each(names)('is given nothing as %s, by whichever resolver or form', async (domain) => {
    const { ask, as, refusal, service } = await start({ listed: [{ id: id('i-zero'), ...at('vmm1', domain) }] });
    ofCloud = { 'c-zero': { outcome: 'resolved', ...at('vmm1', domain), owner: project } };
    const own = await newVolume({ ask });
    for (const instanceId of ['i-zero', `vmm1/${domain}`]) {
      expect(await refusal(attach(own, instanceId))).toBe('UnsupportedOperation');
    }
    expect(await as(alice).refusal(attach(await newVolume(as(alice)), 'c-zero'))).toBe('UnsupportedOperation');
    expect((await service.store.operations({ limit: 100 })).map(({ kind }) => kind)).toEqual(['create-volume', 'create-volume']);
    expect(idsOf(await ask({ Action: 'DescribeInstances' }))).toEqual([]);
    expect(idsOf(await as(alice).ask({ Action: 'DescribeInstances' }))).toEqual([]);
  });
});
