import { afterEach, describe, expect, it } from 'vitest';
import type { Site } from '../../src/blockstore/site.ts';
import { siteOfWorld } from '../../src/composition/simulated-site.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../src/drivers/simulated/simulated-world.ts';
import type { Caller } from '../../src/model/caller.ts';
import type { AccountId, InstanceId } from '../../src/model/ids.ts';
import { chainResolvers } from '../../src/resolvers/chain.ts';
import { type CloudResolver, CloudUnavailable, type InstanceResolver, type ListedInstance } from '../../src/resolvers/cloud-resolver.ts';
import { directResolver } from '../../src/resolvers/direct/direct-resolver.ts';
import { type Guard, guardResolver } from '../../src/resolvers/guard-resolver.ts';
import { staticResolver } from '../../src/resolvers/static/static-resolver.ts';
import { xenResolver } from '../../src/resolvers/xen/xen-resolver.ts';
import { built, scriptedHost } from '../contract/resolver-suite.ts';
import { recordingLog } from '../support/recording-log.ts';
import { caller, stranger, zone } from '../support/saga-rig.ts';
import { type ApiRig, items, startApiRig, type Xml } from '../unit/ec2-query-api/support/api-rig.ts';

const attacker: Caller = { accountId: '666666666666' as AccountId, accessKeyId: 'AKIAEXAMPLEFORTESTS6' };
const victim: Caller = stranger;
const guard: Guard = {
  ...{ timeoutMs: 60_000, cacheMs: 10_000, cacheEntries: 10_000, breaker: { failures: 3, pauseMs: 60_000 }, ids: /^[^/]+$/, hosts: {} },
  ...{ concurrency: 16, waitingOfAccount: 1_000, ownersAreAccounts: true },
};

let api: ApiRig | undefined;
let world: SimulatedWorld | undefined;
afterEach(async () => {
  await api?.close();
  world?.close();
  api = undefined;
  world = undefined;
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const guarded = (cloud: CloudResolver, changes: Partial<Guard> = {}) =>
  guardResolver(cloud, { ...guard, ...changes }, { clock: Date.now, log: recordingLog() });

async function start(...resolvers: readonly InstanceResolver[]): Promise<ApiRig> {
  api = await startApiRig({ resolver: () => chainResolvers([...resolvers, directResolver(['vmm1', 'vmm2'])]) });
  return api;
}

const describing = (ids: readonly string[]) => ({
  Action: 'DescribeInstances',
  ...Object.fromEntries(ids.map((id, index) => [`InstanceId.${index + 1}`, id])),
});
const unknownIds = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `i-unknown-${from + index}`);

async function newVolume(of: Pick<ApiRig, 'ask'>): Promise<string> {
  const { volumeId } = await of.ask({ Action: 'CreateVolume', Size: '1', AvailabilityZone: zone });
  await api?.settle();
  return String(volumeId);
}

/** A Xen host that counts the processes which are started on it. */
function xenHost() {
  let processes = 0;
  let running = 0;
  let most = 0;
  const host = scriptedHost('vmm1', async () => {
    processes += 1;
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
    return { stdout: JSON.stringify([{ domid: 1, config: { c_info: { name: 'dom1' } } }]) };
  });
  return {
    resolver: built(xenResolver, {}, { vmmHosts: ['vmm1'], host: () => host }),
    processes: () => processes,
    mostAtOnce: () => most,
  };
}

/** A cloud that is asked for one instance at a time, knows the victim's, and breaks at all others that it is asked for. */
function breakableCloud() {
  let asked = 0;
  let running = 0;
  let most = 0;
  const order: string[] = [];
  const cloud: CloudResolver = {
    name: 'cloud',
    async resolve(instanceId) {
      asked += 1;
      running += 1;
      most = Math.max(most, running);
      order.push(instanceId);
      await turn();
      running -= 1;
      if (instanceId === 'i-victim') {
        return { outcome: 'resolved', placement: { vmmHost: 'vmm1', domain: 'dom1' }, owner: victim.accountId };
      }
      throw new CloudUnavailable('the program ended with exit code 1');
    },
    list: async () => [],
  };
  return { cloud, asked: () => asked, mostAtOnce: () => most, order };
}

describe('asking for instances that nobody has', () => {
  it('starts a process or two on a host for three hundred ids, and one at a time', async () => {
    const xen = xenHost();
    const { as } = await start(guarded(xen.resolver));
    expect(await as(attacker).refusal(describing(unknownIds(300)))).toBe('InvalidInstanceID.NotFound');
    expect(xen.processes()).toBeLessThanOrEqual(2);
    await Promise.all([1, 2, 3, 4, 5].map((request) => as(attacker).refusal(describing(unknownIds(300, request * 300)))));
    expect(xen.processes()).toBeLessThanOrEqual(4);
    expect(xen.mostAtOnce()).toBe(1);
  });

  it('starts a few processes on a host for a hundred attaches', async () => {
    const xen = xenHost();
    const { as } = await start(guarded(xen.resolver));
    const volumeId = await newVolume(as(attacker));
    const attach = (InstanceId: string) => ({ Action: 'AttachVolume', VolumeId: volumeId, InstanceId, Device: '/dev/sdf' });
    const beganAtMs = Date.now();
    const codes = await Promise.all(unknownIds(100).map((instanceId) => as(attacker).refusal(attach(instanceId))));
    expect(new Set(codes)).toEqual(new Set(['InvalidInstanceID.NotFound']));
    // One a tenth of a second, and the one that was under way.
    expect(xen.processes()).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - beganAtMs) / 100));
    expect(xen.mostAtOnce()).toBe(1);
  });

  it('opens no circuit for anybody else, and is not all asked at once', async () => {
    const { cloud, asked, mostAtOnce } = breakableCloud();
    const { as, settle } = await start(guarded(cloud));
    const requests = Array.from({ length: 7 }, (_, number) => describing(unknownIds(700, number * 700)));
    const codes = await Promise.all(requests.map((request) => as(attacker).refusal(request)));
    expect(new Set(codes)).toEqual(new Set(['Unavailable']));
    expect(mostAtOnce()).toBeLessThanOrEqual(12);
    expect(asked()).toBeLessThan(100);
    const volumeId = await newVolume(as(victim));
    await as(victim).ask({ Action: 'AttachVolume', VolumeId: volumeId, InstanceId: 'i-victim', Device: '/dev/sdf' });
    await settle();
    expect(api?.rig.world.guest('dom1').disks()).toHaveLength(1);
  });

  it('leaves turns to others', async () => {
    const order: string[] = [];
    const absent: CloudResolver = {
      name: 'cloud',
      async resolve(instanceId) {
        order.push(instanceId);
        await turn();
        return { outcome: 'not-known' };
      },
      list: async () => [],
    };
    const { as } = await start(guarded(absent));
    const flood = as(attacker).refusal(describing(unknownIds(1_000)));
    await expect.poll(() => order.length).toBeGreaterThanOrEqual(12);
    const before = order.length;
    await as(victim).refusal(describing(['i-mine']));
    // A round or two of questions that were under way.
    expect(order.indexOf('i-mine')).toBeLessThan(before + 3 * 16);
    await flood;
    expect(order).toHaveLength(1_001);
    // What was not there a moment ago is not asked for again.
    await as(attacker).refusal(describing(unknownIds(1_000)));
    expect(order).toHaveLength(1_001);
  });

  it('is answered at once where too many questions of the account wait', async () => {
    const { cloud, asked } = breakableCloud();
    const stuck: CloudResolver = { ...cloud, resolve: () => new Promise(() => undefined) };
    const { as } = await start(guarded(stuck, { concurrency: 4, waitingOfAccount: 10, timeoutMs: 3_600_000 }));
    expect(await as(attacker).refusal(describing(unknownIds(20)))).toBe('Unavailable');
    expect(asked()).toBe(0);
  });

  it('is refused for more ids than EC2 takes', async () => {
    const { cloud, asked } = breakableCloud();
    const { as } = await start(guarded(cloud));
    expect(await as(attacker).refusal(describing(unknownIds(1_001)))).toBe('InvalidParameterValue');
    expect(asked()).toBe(0);
  });
});

describe('a cloud that is dead', () => {
  it('is found dead by what nobody chose, and tried again by it', async () => {
    let isDead = true;
    const asked: string[] = [];
    const cloud: CloudResolver = {
      name: 'cloud',
      async resolve(instanceId) {
        asked.push(instanceId);
        return { outcome: 'not-known' };
      },
      async list() {
        asked.push('list');
        if (isDead) throw new CloudUnavailable('refused');
        return [];
      },
    };
    let nowMs = 0;
    const resolver = guardResolver(cloud, guard, { clock: () => nowMs, log: recordingLog() });
    const ofAttacker = { asker: { accountId: attacker.accountId, isOperator: false } };
    const resolve = () => resolver.resolve('i-1' as InstanceId, ofAttacker);
    for (let listing = 1; listing <= 3; listing += 1) {
      nowMs += 1;
      await resolver.list().catch(() => undefined);
    }
    expect(await resolve()).toMatchObject({ outcome: 'unavailable' });
    nowMs += 60_000;
    // Whatever an account asks for does not say whether the cloud lives.
    expect(await resolve()).toMatchObject({ outcome: 'unavailable' });
    isDead = false;
    nowMs += 60_000;
    expect(await resolve()).toMatchObject({ outcome: 'not-known' });
    expect(asked).toEqual(['list', 'list', 'list', 'list', 'list', 'i-1']);
  });
});

/** A site whose VMM hosts count what they are asked. */
function countedSite() {
  world = createSimulatedWorld({ clock: Date.now, sleep: async () => undefined, latencyMs: () => 0 });
  const { site } = siteOfWorld(world, { zones: [zone], iqnPrefix: 'iqn.2009-11.org.vbs' });
  const counts = { asked: 0, running: 0, most: 0 };
  const counted: Site = {
    ...site,
    vmmHosts: new Map(
      [...site.vmmHosts].map(([name, host]) => [
        name,
        {
          ...host,
          vmm: {
            ...host.vmm,
            async domain(domain) {
              counts.asked += 1;
              counts.running += 1;
              counts.most = Math.max(counts.most, counts.running);
              await turn();
              counts.running -= 1;
              return host.vmm.domain(domain);
            },
          },
        },
      ]),
    ),
  };
  return { site: counted, counts };
}

describe('a site of sixty thousand instances', () => {
  const many: readonly ListedInstance[] = Array.from({ length: 60_000 }, (_, number) => ({
    id: `i-${String((number * 7_919) % 60_000).padStart(8, '0')}` as InstanceId,
    placement: { vmmHost: 'vmm1', domain: `d${number}` },
    privateIpAddress: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
    accountId: victim.accountId,
  }));
  const startCounted = async () => {
    const { site, counts } = countedSite();
    let lists = 0;
    const cloud: CloudResolver = {
      ...staticResolver(many),
      name: 'cloud',
      list: async () => {
        lists += 1;
        return many;
      },
    };
    const resolver = chainResolvers([guarded(cloud)]);
    api = await startApiRig({ resolver: () => resolver }, { built: { site, instances: [] } });
    return { of: api.as(victim), as: api.as, counts, lists: () => lists };
  };
  const page = (changes: Readonly<Record<string, string>> = {}) => ({ Action: 'DescribeInstances', MaxResults: '5', ...changes });
  const idsOf = (answer: Xml) =>
    items(answer.reservationSet as Xml).map((reservation) => String(items(reservation.instancesSet as Xml)[0]?.instanceId));

  it('asks its hosts about the five that a page shows, and its cloud once', async () => {
    const { of, counts, lists } = await startCounted();
    const first = await of.ask(page());
    expect(idsOf(first)).toEqual([0, 1, 2, 3, 4].map((number) => `i-0000000${number}`));
    expect([counts.asked, lists()]).toEqual([5, 1]);
    const second = await of.ask(page({ NextToken: String(first.nextToken) }));
    expect(idsOf(second)).toEqual([5, 6, 7, 8, 9].map((number) => `i-0000000${number}`));
    expect([counts.asked, lists()]).toEqual([10, 1]);
  });

  it('asks nothing about what a filter leaves out', async () => {
    const { of, counts } = await startCounted();
    await of.ask(page({ 'Filter.1.Name': 'private-ip-address', 'Filter.1.Value.1': '10.0.0.7' }));
    expect(counts.asked).toBe(1);
    await of.ask({
      ...{ Action: 'DescribeInstances', 'Filter.1.Name': 'private-ip-address', 'Filter.1.Value.1': '10.0.1.*' },
      ...{ 'Filter.2.Name': 'instance-state-name', 'Filter.2.Value.1': 'stopped' },
    });
    expect(counts.asked).toBe(1 + 256);
    expect(counts.most).toBeLessThanOrEqual(8);
  });

  it('asks nothing for another account', async () => {
    const { as, counts } = await startCounted();
    expect(idsOf(await as(attacker).ask({ Action: 'DescribeInstances' }))).toEqual([]);
    expect(idsOf(await as(caller).ask(page()))).toEqual([]);
    expect(counts.asked).toBe(0);
  });

  it('asks a host once for what many want to know', async () => {
    const { of, counts } = await startCounted();
    await Promise.all(Array.from({ length: 20 }, () => of.ask(page())));
    await of.ask(page());
    expect(counts.asked).toBeLessThanOrEqual(10);
  });
});
