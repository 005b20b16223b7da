import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alice, capturedWorkspaces } from '../../scripts/stand-in-nimbus/nimbus-workspace.ts';
import { startStandInNimbus } from '../../scripts/stand-in-nimbus/stand-in-nimbus.ts';
import { createEndedInstances } from '../../src/blockstore/ended-instances.ts';
import type { InstanceId, VolumeId } from '../../src/model/ids.ts';
import { chainResolvers } from '../../src/resolvers/chain.ts';
import type { CloudResolver, InstanceResolver } from '../../src/resolvers/cloud-resolver.ts';
import { guardResolver } from '../../src/resolvers/guard-resolver.ts';
import { nimbusResolver } from '../../src/resolvers/nimbus/nimbus-resolver.ts';
import { openstackResolver } from '../../src/resolvers/openstack/openstack-resolver.ts';
import { type CloudReply, type CloudServer, startCloudServer } from '../support/cloud-server.ts';
import { recordingLog } from '../support/recording-log.ts';
import { caller, createSagaRig, onVmm1, type RunningService, type SagaRig } from '../support/saga-rig.ts';
import { attach, createVolume } from '../support/scenarios.ts';
import { secretFolder } from '../support/secret-files.ts';
import { shownState } from '../support/shown-state.ts';

const minuteMs = 60_000;
const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f' as InstanceId;
const secrets = secretFolder();
afterAll(() => secrets.remove());

/** As a service asks a cloud: within bounds, and in a chain. */
function asked(cloud: CloudResolver): InstanceResolver {
  const guard = { timeoutMs: 20_000, cacheMs: 0, cacheEntries: 1, breaker: { failures: 1_000, pauseMs: 1 }, ids: /./, hosts: {} };
  return chainResolvers([guardResolver(cloud, guard, { clock: Date.now, log: recordingLog() })]);
}

const surroundings = { name: 'cloud', vmmHosts: [], host: () => undefined };

describe('a volume of an OpenStack server, set to DeleteOnTermination', () => {
  let rig: SagaRig;
  let service: RunningService;
  let cloud: CloudServer;
  let nova: () => CloudReply;
  let roles: readonly { readonly name: string }[];
  let volumeId: VolumeId;

  beforeEach(async () => {
    rig = createSagaRig();
    service = await rig.start({ pollEveryMs: 5 });
    roles = [{ name: 'admin' }];
    cloud = await startCloudServer(({ path }) => {
      if (path === '/servers/detail') return { body: { servers: [] } };
      if (path !== '/v3/auth/tokens') return nova();
      const endpoints = [{ interface: 'public', region_id: 'here', url: cloud.url }];
      const expires_at = new Date(Date.now() + 90_000).toISOString();
      return {
        status: 201,
        headers: { 'x-subject-token': 't' },
        body: { token: { expires_at, roles, catalog: [{ type: 'compute', endpoints }] } },
      };
    });
    volumeId = await createVolume(service);
    await service.settle();
    await attach(service, volumeId, onVmm1);
    await service.settle();
    const devices = [{ device: '/dev/sdf', deleteOnTermination: true }];
    await service.blockstore.instances.setDeleteOnTermination(caller, { instanceId: onVmm1, devices, dryRun: false });
    // Its guest is off, as it may be for a night: nothing but the cloud's word keeps the volume.
    rig.world.stopDomain('dom1');
  });
  afterEach(async () => {
    await cloud.close();
    rig.close();
  });

  /** Looks for ended instances as the service does, for longer than the grace time. */
  async function watch(): Promise<void> {
    const settings = {
      authUrl: `${cloud.url}/v3`,
      login: { by: 'application-credential', id: 'a', secretFile: secrets.file('secret', 's') },
    };
    const resolver = asked(openstackResolver.build(settings, surroundings));
    const { sagaDependencies, owner, worker } = service;
    const { look } = createEndedInstances({
      ...sagaDependencies,
      owner,
      resolver: { ...resolver, resolve: () => resolver.resolve(uuid, { fresh: true }) },
      when: 'forgotten',
      retention: { volumesMs: 0, snapshotsMs: 0 },
      graceMs: 10 * minuteMs,
    });
    for (let time = 0; time < 15; time += 1) {
      rig.time.nowMs += minuteMs;
      for (const { operation } of (await look()).begun) worker.start(operation);
      await service.settle();
    }
  }

  const gone = (id: string): CloudReply => ({
    status: 404,
    body: { itemNotFound: { code: 404, message: `Instance ${id} could not be found.` } },
  });

  it('goes with the server when Nova says to an administrator that there is none', async () => {
    nova = () => gone(uuid);
    await watch();
    await expect.poll(() => shownState(service), { timeout: 20_000 }).toEqual([]);
  });

  it.each<[string, () => CloudReply, readonly string[]]>([
    ["a proxy's page", () => ({ status: 404, body: '<html><body>404 Not Found</body></html>' }), ['admin']],
    ['a gateway without a route', () => ({ status: 404, body: { message: 'no Route matched with those values' } }), ['admin']],
    ['an answer about another server', () => gone('99999999-f6a4-8304-79aa-97f2502e193f'), ['admin']],
    ['what Nova says to one whose role was taken away', () => gone(uuid), ['member']],
    ['what Nova says of another server that was deleted', () => ({ body: { server: { id: 'other', status: 'DELETED' } } }), ['admin']],
  ])('outlives %s', async (_what, answer, left) => {
    nova = answer;
    roles = left.map((name) => ({ name }));
    await watch();
    expect(await shownState(service)).toEqual([`volume in-use, attached to ${onVmm1}`]);
    expect(await service.store.operations({ resourceId: volumeId, limit: 10 })).toHaveLength(2);
  });
});

describe('an answer of Nimbus about workspace 2, to the question for another', () => {
  it.each(['1', '3'])('places %s nowhere', async (workspaceId) => {
    const nimbus = await startStandInNimbus({ workspaces: capturedWorkspaces, plainCaller: alice, isPatched: true, tellsOf: 2 });
    const resolver = asked(nimbusResolver.build({ mode: 'rp-query', url: nimbus.url }, surroundings));
    expect(await resolver.resolve('2' as InstanceId)).toMatchObject({ outcome: 'resolved', placement: { domain: 'wrksp-2' } });
    expect(await resolver.resolve(workspaceId as InstanceId)).toEqual({
      outcome: 'unavailable',
      reason: expect.stringContaining(`cloud was asked for workspace ${workspaceId}, and answered about 2`),
    });
    await nimbus.close();
  });
});
